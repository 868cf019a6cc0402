import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import type { createSandbox, EmbeddedSandbox, SandboxOptions } from '../../src/embed/embed.d.ts';
import { serveFolder, type StaticServer } from '../../src/node/serve/static-server.ts';

/** What the host's page keeps for the test that drives it. */
export interface HostWindow {
  readonly drydock: { readonly createSandbox: typeof createSandbox };
  readonly sandboxes: Record<string, EmbeddedSandbox>;
  readonly told: { readonly name: string; readonly event: string; readonly detail: unknown }[];
}

/** A page of another site that embeds Drydock, served on a port of its own. */
export class HostSite {
  readonly #server: StaticServer;
  readonly #folder: string;

  private constructor(server: StaticServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  /** `embedScript` is loaded as a classic script: that needs no header of the site it comes from. */
  static async open(embedScript: string): Promise<HostSite> {
    const folder = mkdtempSync(join(tmpdir(), 'drydock-host-'));
    const site = new HostSite(await serveFolder(folder, 0), folder);
    site.write('index.html', `<!doctype html><title>Host</title><div id="place"></div><script src="${embedScript}"></script>`);
    return site;
  }

  /** Another origin than Drydock's, but of the same site: browsers let its frames store. */
  get url(): string {
    return this.#server.url;
  }

  /** Another site too: this Chromium, in its private windows, lets no frame of such a page store anything. */
  get foreignUrl(): string {
    return this.#server.url.replace('localhost', '127.0.0.1');
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.#folder, name), content);
  }

  copy(file: string, name: string): void {
    cpSync(file, join(this.#folder, name));
  }

  async close(): Promise<void> {
    await this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The host's page, driven as its author's program would be. */
export class HostPage {
  constructor(readonly page: Page) {}

  static async open(browser: Browser | BrowserContext, url: string): Promise<HostPage> {
    const page = await browser.newPage();
    await page.goto(url);
    await page.evaluate(() => Object.assign(window, { sandboxes: {}, told: [] }));
    return new HostPage(page);
  }

  /** Makes a sandbox under a name and writes down what it tells. */
  create(name: string, options: SandboxOptions): Promise<void> {
    return this.page.evaluate(
      ([as, given]) => {
        const host = window as unknown as HostWindow;
        const element = document.createElement('div');
        element.id = as;
        element.style.cssText = 'width:800px;height:500px';
        document.body.append(element);
        const sandbox = host.drydock.createSandbox(element, given);
        host.sandboxes[as] = sandbox;
        for (const event of ['progress', 'step-passed', 'lesson-completed', 'error'] as const) {
          sandbox.on(event, detail =>
            host.told.push({ name: as, event, detail: detail instanceof Error ? { code: detail.code, message: detail.message } : detail }),
          );
        }
      },
      [name, options] as const,
    );
  }

  /** Uses a sandbox. What it rejects with comes back as its code and its message. */
  async with<T>(name: string, use: (sandbox: EmbeddedSandbox) => Promise<T>): Promise<T> {
    const outcome = await this.page.evaluate(
      async ([as, source]) => {
        const sandbox = (window as unknown as HostWindow).sandboxes[as]!;
        // Playwright passes no functions: the test's own is written out and read again.
        const work = new Function(`return (${source})`)() as (sandbox: EmbeddedSandbox) => Promise<unknown>;
        try {
          return { value: await work(sandbox) };
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          return { code, message };
        }
      },
      [name, use.toString()] as const,
    );
    if ('message' in outcome) throw Object.assign(new Error(outcome.message), { code: outcome.code });
    return outcome.value as T;
  }

  /** What a sandbox has told under an event's name so far. */
  async told(name: string, event: string): Promise<unknown[]> {
    const all = await this.page.evaluate(() => (window as unknown as HostWindow).told);
    return all.filter(one => one.name === name && one.event === event).map(({ detail }) => detail);
  }

  frame(name: string): FrameLocator {
    return this.page.frameLocator(`#${name} iframe`);
  }
}
