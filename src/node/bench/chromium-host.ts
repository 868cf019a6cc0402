import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { withTimeout } from '../../core/base/errors.ts';
import { chromiumOptions } from '../chromium.ts';
import { findRenderer, usageOf } from './process-usage.ts';
import { pageWatchScript, type Sighting } from './page-watch.ts';
import type { Sample } from './samples.ts';
import type { BenchHost, ProcessUsage } from './session.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { checkExitCode, ECHO_MILLISECONDS, KEY_MILLISECONDS, markedCommand } from './typed-shell.ts';

const OPEN_MILLISECONDS = 240_000;
/** The page says itself when a wait was in vain; this much later it is taken for dead. */
const GRACE_MILLISECONDS = 10_000;

/** The site that is measured. */
export interface MeasuredSite {
  readonly url: string;
  /** Bytes that its server has sent so far. */
  sentBytes(): number;
}

/** The built site in Chromium, with a profile of its own that begins empty. */
export class ChromiumHost implements BenchHost {
  readonly hasPackages = true;
  #commands = 0;

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly profile: { readonly path: string; remove(): void },
  ) {}

  static async launch(): Promise<ChromiumHost> {
    const profile = await temporaryFolder('profile');
    const context = await chromium.launchPersistentContext(profile.path, {
      ...chromiumOptions,
      viewport: { width: 1280, height: 720 },
      timeout: 60_000,
    });
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('pageerror', error => console.log(`  chromium the page threw: ${error.message}`));
    await page.addInitScript(pageWatchScript);
    return new ChromiumHost(context, page, profile);
  }

  /** The folder in which the browser keeps what it stores. */
  get profilePath(): string {
    return this.profile.path;
  }

  get version(): string {
    return this.context.browser()?.version() ?? 'unknown';
  }

  /** Opens the page and waits for the first prompt: seconds since the navigation began, and bytes that the server sent for it. */
  async open(site: MeasuredSite): Promise<{ readonly seconds: number; readonly bytes: number }> {
    // Opened again it must not find its own earlier self.
    await this.page.goto('about:blank');
    const before = site.sentBytes();
    await this.page.goto(site.url, { waitUntil: 'commit', timeout: OPEN_MILLISECONDS });
    const { at } = await this.#see('row', String.raw`^drydock:\S+[#$]`, OPEN_MILLISECONDS);
    const bytes = site.sentBytes() - before;
    const text = await this.page.evaluate<string>('document.body.innerText');
    if (text.includes('booting from the start')) console.log('  chromium the saved state was not used: this was a cold boot');
    await this.page.locator('#terminal-panel-0 .xterm-helper-textarea').focus({ timeout: GRACE_MILLISECONDS });
    return { seconds: at / 1000, bytes };
  }

  /** Slows the page's own work down so many times; workers are not slowed by this. */
  async slowDown(rate: number): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
  }

  async run(command: string, milliseconds: number): Promise<Sample> {
    const { line, end } = markedCommand(command, ++this.#commands);
    await this.page.keyboard.type(line, { delay: KEY_MILLISECONDS });
    await this.#see('text', line.replace(/\s/g, ''), ECHO_MILLISECONDS);
    const ended = this.#see('row', `^${end}(\\d+)$`, milliseconds);
    // Whatever goes wrong with the key, a rejection must not be unheard of.
    ended.catch(() => undefined);
    await this.page.keyboard.press('Enter');
    const { match, at, enterAt, shown } = await ended;
    checkExitCode(command, Number(match[1]), shown);
    return { s: (at - enterAt) / 1000 };
  }

  async usage(): Promise<ProcessUsage> {
    return usageOf(await findRenderer(this.profile.path));
  }

  #see(what: 'row' | 'text', wanted: string, milliseconds: number): Promise<Sighting> {
    const sighting = this.page.evaluate<Sighting>(`drydockBench.${what}(${JSON.stringify(wanted)}, ${milliseconds})`);
    return withTimeout(sighting, milliseconds + GRACE_MILLISECONDS, 'The page does not answer any more: its renderer hangs or is gone.');
  }

  async close(): Promise<void> {
    await withTimeout(this.context.close(), GRACE_MILLISECONDS, 'Chromium did not end').catch(error => console.log(`  chromium ${String(error)}`));
    this.profile.remove();
  }
}
