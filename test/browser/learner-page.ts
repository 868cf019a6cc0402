import { lookUntil } from '../support/patience.ts';
import type { Browser, BrowserContextOptions, FrameLocator, Locator, Page } from 'playwright-core';

/** Waits for a text to match. vitest's own poll works in tests alone, not in what prepares them. */
export async function untilText(read: () => Promise<string>, pattern: RegExp, milliseconds = 240_000): Promise<string> {
  let text = '';
  const look = async (): Promise<string | undefined> => (pattern.test((text = await read())) ? text : undefined);
  return lookUntil(look, milliseconds, () => `never showed ${pattern}, but:\n${text}`);
}

/** The rows of the terminal in front. By their place: to look for roles is dear, and they are looked at all the time. */
export const TERMINAL_ROWS = '[id^="terminal-panel-"]:not([hidden]) .xterm-rows > div';

/** What rows of a terminal show. */
export async function textOfRows(rows: Locator): Promise<string> {
  return (await rows.allTextContents()).map(row => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
}

/** A screen is emptied within that, on a very busy machine too. */
const EMPTIED_MILLISECONDS = 10_000;

const openPages = new Set<Page>();

/** What the open pages show: for the log of a test that failed. */
export async function describeOpenPages(): Promise<string> {
  const shown = await Promise.all([...openPages].map(describePage));
  return shown.join('\n');
}

async function describePage(page: Page): Promise<string> {
  try {
    const text = await page.evaluate(() => document.body.innerText);
    return `${page.url()} shows:\n${text}\nIts terminal shows:\n${await textOfRows(page.locator(TERMINAL_ROWS))}`;
  } catch (error) {
    return `${page.url()} cannot be looked at: ${String(error)}`;
  }
}

/** A page with Drydock, driven as a learner would: by what can be read and by keys. */
export class LearnerPage {
  constructor(readonly page: Page) {
    openPages.add(page);
    page.once('close', () => openPages.delete(page));
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<LearnerPage> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      permissions: ['clipboard-read', 'clipboard-write'],
      acceptDownloads: true,
      ...options,
    });
    await context.addInitScript(saveData);
    const learner = new LearnerPage(await context.newPage());
    await learner.page.goto(url);
    return learner;
  }

  /** Whether the machine is saved, and the way to its snapshots. */
  get saveState(): Locator {
    return this.page.getByRole('button', { name: /^Machine (not )?saved/ });
  }

  /** When the page says that the machine was saved, in milliseconds since 1970; 0 where it says nothing. */
  async savedAt(): Promise<number> {
    return (await this.saveState.count()) === 0 ? 0 : Number(await this.saveState.getAttribute('data-saved-at'));
  }

  /** Resolves when the page says that it has saved the machine as it is now, or as it was at `since`. */
  async untilSaved(since = Date.now()): Promise<void> {
    await untilText(async () => ((await this.savedAt()) >= since ? 'saved' : 'not yet'), /^saved$/, 90_000);
  }

  /** Resolves when the first terminal shows its prompt. */
  async untilPrompt(): Promise<void> {
    await untilText(() => this.terminalText(), /workspace[$#]/);
  }

  /** Has the machine be started anew, and says yes to that. */
  async askForFreshMachine(): Promise<void> {
    await this.page.getByRole('button', { name: 'Machine', exact: true }).click();
    await this.page.getByRole('menuitem', { name: 'Start a fresh machine…' }).click();
    await this.page.getByRole('button', { name: 'Start fresh' }).click();
  }

  get terminal(): Locator {
    return this.page.getByRole('tabpanel', { name: /^Terminal/ });
  }

  terminalText(): Promise<string> {
    return textOfRows(this.page.locator(TERMINAL_ROWS));
  }

  async focusTerminal(): Promise<void> {
    await this.terminal.getByRole('textbox', { name: /^Terminal/ }).focus();
  }

  /** Types a command on an empty screen and waits until its output shows `pattern`. */
  async enter(command: string, pattern: RegExp): Promise<string> {
    await this.focusTerminal();
    // The command's own echo must not count as its output.
    const output = async (): Promise<string> => (await this.terminalText()).split('\n').slice(1).join('\n');
    await this.page.keyboard.press('Control+l');
    // What an earlier command has shown must not count either: on a busy machine the screen is emptied late. A shell without echo never empties it.
    await untilText(output, /^\n*$/, EMPTIED_MILLISECONDS).catch(() => undefined);
    await this.page.keyboard.type(`${command}\n`);
    return untilText(output, pattern);
  }

  /** Clicks on a text that the terminal shows. */
  async clickInTerminal(text: string): Promise<void> {
    const row = this.terminal.locator('.xterm-rows > div').filter({ hasText: text }).last();
    const place = await row.evaluate((element, wanted) => {
      const range = document.createRange();
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const start = (node.textContent ?? '').indexOf(wanted);
        if (start < 0) continue;
        range.setStart(node, start);
        range.setEnd(node, start + wanted.length);
      }
      const { left, top, width, height } = range.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    }, text);
    // xterm.js looks for links where the mouse moves.
    await this.page.mouse.move(place.x - 2, place.y);
    await this.page.mouse.move(place.x, place.y);
    await this.page.mouse.click(place.x, place.y);
  }

  file(name: string): Locator {
    return this.page.getByRole('treeitem', { name, exact: true });
  }

  async editorText(): Promise<string> {
    const lines = await this.page.locator('.view-line').allInnerTexts();
    return lines.map(line => line.replaceAll('\u00a0', ' ')).join('\n');
  }

  /** Types at the end of the file that is open in the editor. */
  async typeInEditor(text: string): Promise<void> {
    await this.page.locator('.monaco-editor .view-lines').click();
    await this.page.keyboard.press('Control+End');
    await this.page.keyboard.type(text);
  }

  /** Makes a file with the button above the tree, and types its lines. */
  async makeFile(name: string, text: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New file', exact: true }).click();
    await this.page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await this.page.getByRole('button', { name: 'Create' }).click();
    await this.untilEditing(name);
    // Nobody clicks into a file that he has just made.
    await untilText(() => this.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''), new RegExp(`^${name}, editor`), 10_000);
    await this.typeLines(text);
  }

  /** Resolves when the editor shows a file. */
  async untilEditing(name: string): Promise<void> {
    // Monaco's own field is as small as nothing.
    await this.page.getByRole('textbox', { name: new RegExp(`^${name}, editor`) }).waitFor({ state: 'attached', timeout: 60_000 });
  }

  /** Types lines in the place of all that is in the editor. */
  async replaceText(text: string): Promise<void> {
    const { keyboard } = this.page;
    await this.page.locator('.monaco-editor .view-lines').click();
    await keyboard.press('Control+a');
    await keyboard.press('Delete');
    await this.typeLines(text);
  }

  /** Types lines where the cursor is. */
  async typeLines(text: string): Promise<void> {
    const { keyboard } = this.page;
    for (const [index, line] of text.split('\n').entries()) {
      // What the editor has indented by itself is in the text too.
      if (index > 0) await keyboard.press('Enter');
      if (index > 0) await keyboard.press('Shift+Home');
      if (line === '') await keyboard.press('Delete');
      await keyboard.type(line);
    }
  }

  /** The published ports that the Browser pane lists. */
  get ports(): Locator {
    return this.page.getByRole('list', { name: 'Published ports' }).getByRole('button');
  }

  /** What the Browser pane shows. */
  get shownPage(): FrameLocator {
    return this.page.frameLocator('iframe.browser-frame');
  }

  /** Drops a file or folder of the disk on the page, as a hand would. */
  async dropPath(path: string): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const { width = 0, height = 0 } = this.page.viewportSize() ?? {};
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height * 0.8, data });
    }
    await session.detach();
  }

  /** Drops files on the page; their contents are so many zero bytes, or a text. */
  async drop(files: readonly { name: string; content: string | number }[]): Promise<void> {
    await this.page.evaluate(given => {
      const transfer = new DataTransfer();
      for (const { name, content } of given) transfer.items.add(new File([typeof content === 'number' ? new Uint8Array(content) : content], name));
      document.querySelector('main')?.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, files);
  }
}

/**
 * Runs in the page, of a learner who pays for what is loaded: nothing is then fetched ahead. That costs each new browser some seconds of the
 * processor; offline.test.ts, embed.test.ts and resume.test.ts have it.
 */
function saveData(): void {
  Object.defineProperty(navigator, 'connection', { get: () => ({ saveData: true }), configurable: true });
}
