/** How Playwright starts a browser here: Debian's Chromium, or the one that CHROMIUM names; nothing of its own over the network, no GPU. */
export const chromiumOptions = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  // Chromium refuses its sandbox to root.
  chromiumSandbox: process.getuid?.() !== 0,
};
