/** What was seen in the first terminal's rows. Times are in milliseconds since the navigation began. */
export interface Sighting {
  /** The match, and its groups. */
  readonly match: readonly string[];
  readonly at: number;
  /** When Enter was last pressed. */
  readonly enterAt: number;
  /** All rows. */
  readonly shown: string;
}

/**
 * Gives the page `drydockBench`, whose two functions resolve with a Sighting or reject after so many milliseconds: `row(pattern, …)` waits for a row
 * that matches, `text(text, …)` for a text without blanks in the rows without theirs. Runs in the page before its own scripts: watches the first terminal's rows with the page's own clock, so that neither polling nor the
 * way to the browser is part of a figure. Text, because the transpiler puts helpers into functions that the page does not have.
 */
export const pageWatchScript = String.raw`(() => {
  const waiting = new Set();
  let enterAt = 0;
  const rows = () => [...(document.querySelector('#terminal-panel-0 .xterm-rows')?.children ?? [])].map(row => row.textContent.replaceAll('\u00a0', ' ').trimEnd());
  const check = () => {
    if (waiting.size === 0) return;
    const now = rows();
    for (const look of waiting) look(now);
  };
  const until = (find, milliseconds, what) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        const notices = [...document.querySelectorAll('[role=alert], [role=status], dialog')].map(one => one.textContent.trim()).filter(Boolean);
        reject(new Error(what + ' within ' + milliseconds / 1000 + ' s; the terminal shows:\n' + rows().filter(Boolean).join('\n') + '\nthe page says: ' + notices.join(' | ')));
      }, milliseconds);
      const look = now => {
        const match = find(now);
        if (!match) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve({ match, at: performance.now(), enterAt, shown: now.join('\n') });
      };
      waiting.add(look);
      check();
    });
  new MutationObserver(check).observe(document, { subtree: true, childList: true, characterData: true });
  globalThis.drydockBench = {
    row(pattern, milliseconds) {
      const expression = new RegExp(pattern);
      return until(now => {
        for (const row of now) {
          const match = expression.exec(row);
          if (match) return [...match];
        }
      }, milliseconds, 'no row of the terminal matched ' + pattern);
    },
    text: (text, milliseconds) => until(now => now.join('').replaceAll(/\s/g, '').includes(text) && [text], milliseconds, 'the terminal did not show ' + text),
  };
  addEventListener('keydown', event => { if (event.key === 'Enter') enterAt = event.timeStamp; }, true);
})();`;
