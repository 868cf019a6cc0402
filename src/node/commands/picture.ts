/**
 * `npm run picture`: builds the site, opens it in Chromium, does with it what a learner does first, and writes what they see to docs/picture.png: the picture in
 * the README.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ChromiumHost } from '../bench/chromium-host.ts';
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';
import { serveFolder } from '../serve/static-server.ts';

const target = join(projectFolder, 'docs/picture.png');
const SIZE = { width: 1280, height: 760 };
/** What a page shows that is to be seen, and what is typed after it. */
const PUBLISH = 'docker run -d --name web -p 8080:80 nginx';
const COMMANDS = ['docker build -t hello .', 'docker run --rm hello'];
const COMMAND_MILLISECONDS = 240_000;
const POLL_MILLISECONDS = 200;
/** What moves comes to rest, and what is looked up now and then has been. */
const QUIET_MILLISECONDS = 3000;
const PROMPT = /drydock:\S+[#$]$/;

async function rowsOf(page: Page): Promise<readonly string[]> {
  const rows = await page.locator('#terminal-panel-0 .xterm-rows > div').allTextContents();
  return rows.map(row => row.replaceAll('\u00a0', ' ').trimEnd()).filter(row => row !== '');
}

/** Types a command and waits for the next prompt. */
async function enter(page: Page, command: string): Promise<void> {
  await page.keyboard.type(`${command}\n`, { delay: 20 });
  const end = Date.now() + COMMAND_MILLISECONDS;
  for (;;) {
    const rows = await rowsOf(page);
    const isTyped = rows.some(row => row.endsWith(command));
    if (isTyped && PROMPT.test(rows.at(-1) ?? '')) return;
    if (Date.now() > end)
      throw new Error(`"${command}" did not end within ${COMMAND_MILLISECONDS / 1000} s; the terminal shows:\n${rows.join('\n')}`);
    await page.waitForTimeout(POLL_MILLISECONDS);
  }
}

const server = await serveFolder(await buildSite(await buildGuest()), 0);
const host = await ChromiumHost.launch();
try {
  const { page } = host;
  await page.setViewportSize(SIZE);
  await host.open({ url: server.url, sentBytes: () => 0 });
  await enter(page, PUBLISH);
  await page.getByRole('button', { name: /^localhost:8080/ }).click();
  await page.frameLocator('iframe').getByText('Welcome').first().waitFor();
  await page.getByRole('button', { name: 'No, thanks' }).click();
  await page.locator('#terminal-panel-0 .xterm-helper-textarea').focus();
  // Nothing is lit up because the mouse is over it.
  await page.mouse.move(SIZE.width / 2, SIZE.height / 3);
  await page.keyboard.press('Control+l');
  for (const command of COMMANDS) await enter(page, command);
  await page.waitForTimeout(QUIET_MILLISECONDS);
  await page.screenshot({ path: target, animations: 'disabled', caret: 'hide' });
  console.log(`${target}: ${((await stat(target)).size / 1e3).toFixed(0)} kB`);
} finally {
  await host.close();
  await server.close();
}
process.exit(0);
