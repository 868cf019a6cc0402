import { mkdtempSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { Emitter } from '../../src/core/base/events.ts';
import type { Connection } from '../../src/core/network/connection.ts';
import { decodeError, valueOf, type Outcome } from '../../src/core/protocol/error-codec.ts';
import type {
  EngineNews,
  OpenPort,
  Sandbox,
  SandboxStatus,
  SaveReport,
  SnapshotInfo,
  SnapshotList,
  TerminalSession,
} from '../../src/core/protocol/sandbox.ts';
import type { FileChange } from '../../src/core/workspace/file-change.ts';
import { siteFolder } from '../../src/node/builder/build-site.ts';
import { serveFolder } from '../../src/node/serve/static-server.ts';
import { launchChromium } from '../browser/chromium.ts';
import type { ConnectionNews, PlainChange } from './harness/harness.ts';
import { sandboxContract, type ContractSandbox } from './sandbox.ts';

/** Builds the harness beside the site's machine files. */
async function buildHarness(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-harness-'));
  const root = fileURLToPath(new URL('harness', import.meta.url));
  await build({
    root,
    configFile: false,
    base: './',
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  });
  await symlink(join(process.env['DRYDOCK_SITE'] ?? siteFolder, 'machine'), join(folder, 'machine'));
  return folder;
}

function toPlain(change: FileChange): PlainChange {
  return ('content' in change ? { ...change, content: [...change.content] } : change) as PlainChange;
}

/** A Sandbox whose calls go through a browser's page to the machine's worker. */
class PageSandbox implements ContractSandbox {
  readonly #status = new Emitter<SandboxStatus>();
  readonly onStatus = this.#status.event;
  readonly #fileChange = new Emitter<FileChange>();
  readonly onFileChange = this.#fileChange.event;
  readonly #engineNews = new Emitter<EngineNews>();
  readonly onEngineNews = this.#engineNews.event;
  readonly #connection = new Emitter<ConnectionNews>();
  readonly #earlyConnection: ConnectionNews[] = [];
  readonly onProgress = () => () => undefined;
  readonly onNotice = () => () => undefined;
  readonly onTransfer = () => () => undefined;
  readonly #output = new Emitter<{ id: number; bytes: number[] }>();
  readonly #early: { id: number; bytes: number[] }[] = [];
  readonly #ports = new Emitter<readonly OpenPort[]>();
  readonly onPorts = this.#ports.event;
  readonly #save = new Emitter<SaveReport>();
  readonly onSave = this.#save.event;
  ports: readonly OpenPort[] = [];
  readonly ready: Sandbox['ready'];

  constructor(
    private readonly page: Page,
    private readonly end: () => Promise<void>,
  ) {
    this.ready = page.evaluate(() => harness.ready()).then(outcome => valueOf(outcome as Outcome<Awaited<Sandbox['ready']>>));
  }

  hear(kind: string, value: unknown): void {
    if (kind === 'status') this.#status.emit(value as SandboxStatus);
    else if (kind === 'save') this.#save.emit(value as SaveReport);
    else if (kind === 'engine-news') this.#engineNews.emit(value as EngineNews);
    else if (kind === 'connection') {
      this.#earlyConnection.push(value as ConnectionNews);
      this.#connection.emit(value as ConnectionNews);
    } else if (kind === 'ports') {
      this.ports = value as readonly OpenPort[];
      this.#ports.emit(this.ports);
    } else if (kind === 'output') {
      this.#early.push(value as { id: number; bytes: number[] });
      this.#output.emit(value as { id: number; bytes: number[] });
    } else {
      const change = value as PlainChange;
      this.#fileChange.emit((change.content === undefined ? change : { ...change, content: Uint8Array.from(change.content) }) as FileChange);
    }
  }

  async openTerminal(...[index, size]: Parameters<Sandbox['openTerminal']>): Promise<TerminalSession> {
    const id = valueOf(await this.page.evaluate(([at, of]) => harness.openTerminal(at, of), [index, size] as const));
    return {
      onOutput: listener => {
        for (const output of this.#early) if (output.id === id) listener(Uint8Array.from(output.bytes));
        return this.#output.event(output => output.id === id && listener(Uint8Array.from(output.bytes)));
      },
      write: async bytes => {
        const outcome = await this.page.evaluate(([to, given]) => harness.write(to, given), [id, [...bytes]] as const);
        valueOf(outcome);
      },
      // The harness says so itself: what reached the test was shown.
      acknowledge: () => undefined,
      resize: to => void this.page.evaluate(([of, given]) => harness.resize(of, given), [id, to] as const),
      close: () => void this.page.evaluate(of => harness.close(of), id),
    };
  }

  async run(...[command, options = {}]: Parameters<Sandbox['run']>): ReturnType<Sandbox['run']> {
    const outcome = await this.page.evaluate(([line, given]) => harness.run(line, given), [command, options] as const);
    return valueOf(outcome as Outcome<Awaited<ReturnType<Sandbox['run']>>>);
  }

  async applyFiles(changes: readonly FileChange[]): Promise<void> {
    valueOf(await this.page.evaluate(given => harness.applyFiles(given), changes.map(toPlain)));
  }

  async replaceFiles(changes: readonly FileChange[]): Promise<void> {
    valueOf(await this.page.evaluate(given => harness.replaceFiles(given), changes.map(toPlain)));
  }

  async save(name?: string): Promise<SnapshotInfo> {
    return valueOf((await this.page.evaluate(given => harness.save(given), name)) as Outcome<SnapshotInfo>);
  }

  async saveChanges(): Promise<void> {
    valueOf(await this.page.evaluate(() => harness.saveChanges()));
  }

  async snapshots(): Promise<SnapshotList> {
    return valueOf((await this.page.evaluate(() => harness.snapshots())) as Outcome<SnapshotList>);
  }

  async removeSnapshot(id: string): Promise<void> {
    valueOf(await this.page.evaluate(given => harness.removeSnapshot(given), id));
  }

  async dial(target: string): Promise<Connection> {
    const id = valueOf(await this.page.evaluate(to => harness.dial(to), target));
    const of = <T>(kind: ConnectionNews['kind'], listener: (value: T) => void) => {
      const hear = (news: ConnectionNews): unknown => news.id === id && news.kind === kind && listener(news.value as T);
      this.#earlyConnection.forEach(hear);
      return this.#connection.event(hear);
    };
    return {
      onData: listener => of<number[]>('data', bytes => listener(Uint8Array.from(bytes))),
      onClose: listener => of<Outcome<void>>('closed', outcome => listener(outcome.ok ? undefined : decodeError(outcome.error))),
      // The harness's own connection is not held up: what reached the test was dealt with.
      acknowledge: () => undefined,
      write: async bytes => valueOf(await this.page.evaluate(([to, given]) => harness.writeTo(to, given), [id, [...bytes]] as const)),
      end: () => void this.page.evaluate(to => harness.end(to), id),
      close: () => void this.page.evaluate(to => harness.closeConnection(to), id),
    };
  }

  async hub(): ReturnType<Sandbox['hub']> {
    return valueOf((await this.page.evaluate(() => harness.hub())) as Outcome<Awaited<ReturnType<Sandbox['hub']>>>);
  }

  chooseUpstreams(): Promise<void> {
    throw new Error('the contract asks for no network');
  }

  keptBytes(): Promise<number> {
    throw new Error('the contract asks for no network');
  }

  forgetKept(): Promise<void> {
    throw new Error('the contract asks for no network');
  }

  giveNearestImages(): Promise<void> {
    return Promise.resolve();
  }

  retry(): Promise<void> {
    return Promise.resolve();
  }

  async dispose(): Promise<void> {
    await this.page.evaluate(() => harness.dispose());
    await this.end();
  }
}

sandboxContract('behind a worker in Chromium', async () => {
  const server = await serveFolder(await buildHarness(), 0);
  const browser = await launchChromium();
  const page = await browser.newPage();
  let sandbox: PageSandbox | undefined;
  await page.exposeFunction('tell', (kind: string, value: unknown) => sandbox?.hear(kind, value));
  await page.goto(server.url);
  await page.waitForFunction(() => 'harness' in globalThis);
  sandbox = new PageSandbox(page, async () => {
    await browser.close();
    await server.close();
  });
  await sandbox.ready;
  return sandbox;
});
