import { Emitter, type Event } from '../base/events.ts';
import { messageOf, SandboxError, withTimeout } from '../base/errors.ts';
import { orUncaught } from '../base/uncaught.ts';
import { createDockerClient } from '../docker/docker-client.ts';
import type { EngineNews } from '../docker/engine-types.ts';
import type { CompilePolicy } from '../machine/compile-governor.ts';
import type { MachineCounters } from '../machine/machine.ts';
import type { Connection } from '../network/connection.ts';
import { CookieJar } from '../preview/cookie-jar.ts';
import type { OpenPort, PreviewCall } from '../preview/preview-call.ts';
import { PreviewServer } from '../preview/preview-server.ts';
import type {
  BootProgress,
  BootReport,
  BootStage,
  CommandResult,
  Notice,
  RunOptions,
  Sandbox,
  SandboxStatus,
  TerminalSession,
  TerminalSize,
} from '../protocol/sandbox.ts';
import { ENGINE_SOCKET, TERMINAL_COUNT } from '../protocol/sandbox.ts';
import type { FileChange } from '../workspace/file-change.ts';
import type { ArtifactHost, ArtifactName } from './artifact-host.ts';
import { BlobLoader } from './blob-loader.ts';
import { ChunkSource } from './chunk-source.ts';
import { EngineWatch } from './engine-watch.ts';
import { createGuest, type Guest, type GuestParts } from './guest.ts';
import { checkStateFits, loadManifest, loadStateBody, loadStateHead, type Loading } from './machine-loader.ts';
import { OutsideWorld } from './outside-world.ts';
import type { MachineManifest } from './manifest.ts';
import { PublishedPorts } from './published-ports.ts';
import { TerminalPort } from './terminal-port.ts';

/** How a sandbox is to be made. */
export interface SandboxOptions {
  readonly compilePolicy: CompilePolicy;
  /** Boot the guest instead of restoring the saved state. */
  readonly coldBoot?: boolean;
  /**
   * Errors that nothing caught, as the host sees them: v86 starts in promises of its own, and what fails there reaches no caller.
   * While a machine is being made such an error fails it at once.
   */
  readonly onUncaught?: Event<unknown>;
  /**
   * Once the machine is ready and nobody types, the docker command is run once where nobody sees it. The browser has then translated what every
   * docker command begins with, and the learner's first one is much quicker (docs/performance.md).
   */
  readonly warmUp?: boolean;
}

/** A sandbox in this process: what the page's interface has, and counts for the bench. */
export interface LocalSandbox extends Sandbox {
  counters(): MachineCounters;
}

const STATUS_MILLISECONDS = 4000;
/** Only looks: nothing in the engine tells of it. */
const WARM_UP_COMMAND = 'docker ps -q';
/** The page shows its terminals first. */
const WARM_UP_DELAY_MILLISECONDS = 500;
const WARM_UP_LIMIT_MILLISECONDS = 20_000;
const RESTORE_ANSWER_MILLISECONDS = 20_000;
const BOOT_ANSWER_MILLISECONDS = 180_000;

/** Makes a sandbox from what a host can read. It boots by itself: see `ready`, `onProgress` and `onNotice`. */
export function createSandbox(host: ArtifactHost, options: SandboxOptions): LocalSandbox {
  return new InProcessSandbox(host, options);
}

class InProcessSandbox implements LocalSandbox {
  readonly #progress = new Emitter<BootProgress>();
  readonly onProgress = this.#progress.event;
  readonly #status = new Emitter<SandboxStatus>();
  readonly onStatus = this.#status.event;
  readonly #fileChange = new Emitter<FileChange>();
  readonly onFileChange = this.#fileChange.event;
  readonly #notice = new Emitter<Notice>();
  readonly onNotice = this.#notice.event;
  readonly #engineNews = new Emitter<EngineNews>();
  readonly onEngineNews = this.#engineNews.event;
  readonly #portsChange = new Emitter<readonly OpenPort[]>();
  readonly onPorts = this.#portsChange.event;
  readonly ready: Promise<BootReport>;

  readonly #start = performance.now();
  readonly #loader: BlobLoader;
  readonly #outside: OutsideWorld;
  #loadedBytes = 0;
  #retries: (() => void)[] = [];
  #guest: Guest | undefined;
  #guestMade: Promise<Guest>;
  #terminals: TerminalPort[] = [];
  #engineWatch: EngineWatch | undefined;
  #publishedPorts: PublishedPorts | undefined;
  #previews: PreviewServer | undefined;
  #statusTimer: ReturnType<typeof setTimeout> | undefined;
  #warmUpTimer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(
    private readonly host: ArtifactHost,
    private readonly options: SandboxOptions,
  ) {
    this.#loader = new BlobLoader({
      readFile: (name, onBytes) => host.readFile(name, onBytes),
      readBlob: async (sha256, fresh) => {
        const bytes = await host.readBlob(sha256, fresh);
        this.#loadedBytes += bytes.length;
        return bytes;
      },
    });
    this.#outside = new OutsideWorld(host, this.#loader, notice => this.#notice.emit(notice));
    let made: (guest: Guest) => void = () => undefined;
    let failed: (error: unknown) => void = () => undefined;
    this.#guestMade = new Promise((resolve, reject) => ([made, failed] = [resolve, reject]));
    this.ready = this.#boot(made);
    this.ready.catch(failed);
    // Whoever cares awaits these; a page that has not yet done so must not see an unhandled rejection.
    this.#guestMade.catch(() => undefined);
  }

  async openTerminal(index: number, size: TerminalSize): Promise<TerminalSession> {
    await this.#guestMade;
    const terminal = this.#terminals[index];
    if (!terminal) throw new SandboxError('guest-unreachable', `There is no terminal ${index}: the guest has ${TERMINAL_COUNT}.`);
    return terminal.open(size);
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    const guest = await this.#readyGuest();
    return guest.agent.run(command, options);
  }

  async applyFiles(changes: readonly FileChange[]): Promise<void> {
    const guest = await this.#guestMade;
    for (const change of changes) guest.tree.apply(change);
  }

  async dial(target: string): Promise<Connection> {
    const guest = await this.#readyGuest();
    return guest.agent.dial(target);
  }

  get ports(): readonly OpenPort[] {
    return this.#publishedPorts?.ports ?? [];
  }

  async servePreview(call: PreviewCall, port: MessagePort): Promise<void> {
    await this.#readyGuest();
    await this.#previews!.serve(call, port);
  }

  hub(): ReturnType<Sandbox['hub']> {
    return this.#outside.images();
  }

  retry(): Promise<void> {
    this.#retries.splice(0).forEach(go => go());
    return Promise.resolve();
  }

  counters(): MachineCounters {
    return this.#guest?.machine.counters() ?? { instructions: 0, compiledModules: 0, compiledBytes: 0 };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#statusTimer);
    clearTimeout(this.#warmUpTimer);
    this.#engineWatch?.stop();
    this.#publishedPorts?.stop();
    this.#outside.close();
    await this.#guest?.machine.dispose();
  }

  async #readyGuest(): Promise<Guest> {
    await this.ready;
    return this.#guest!;
  }

  #report(stage: BootStage, message: string, loadedBytes = 0, totalBytes = 0): void {
    this.#progress.emit({ stage, message, loadedBytes, totalBytes, elapsedMilliseconds: performance.now() - this.#start });
  }

  async #boot(made: (guest: Guest) => void): Promise<BootReport> {
    this.#report('download', 'Reading what the machine is made of');
    const manifest = await this.#withRetry(() => loadManifest(this.host));
    const reason = this.options.coldBoot ? 'A full boot was asked for.' : await this.#tryRestore(manifest, made);
    if (reason !== undefined) await this.#coldBoot(manifest, made, reason);
    this.#guest!.agent.setTime(Date.now());
    this.#pollStatus();
    this.#watchEngine(this.#guest!);
    this.#report('ready', 'Ready');
    if (this.options.warmUp === true) this.#warmUpTimer = setTimeout(() => this.#warmUp(), WARM_UP_DELAY_MILLISECONDS);
    return {
      kind: reason === undefined ? 'restored' : 'cold',
      ...(reason !== undefined && { reason }),
      elapsedMilliseconds: performance.now() - this.#start,
      loadedBytes: this.#loadedBytes,
    };
  }

  /** Restores the saved state; gives the reason where that did not work. */
  async #tryRestore(manifest: MachineManifest, made: (guest: Guest) => void): Promise<string | undefined> {
    try {
      checkStateFits(manifest);
      const common = this.#commonParts(manifest);
      const { index, devices } = await loadStateHead(manifest.state, this.#loading);
      const saved = { devices, layout: index.layout, ramStart: index.ramStart };
      const guest = await this.#makeGuest({ ...(await common), saved, ninePState: manifest.ninePState });
      this.#adopt(guest);
      await loadStateBody(manifest.state, index, guest.machine, this.#loading, (loaded, total) =>
        this.#report('download', 'Downloading the machine', loaded, total),
      );
      if (this.#disposed) throw new SandboxError('cancelled', 'The machine was given up while it was downloaded.');
      this.#report('restore', 'Waking the machine');
      manifest.terminals.forEach((shown, index) => this.#terminals[index]?.show(Uint8Array.from(atob(shown), letter => letter.charCodeAt(0))));
      guest.machine.run();
      await withTimeout(guest.agent.status(), RESTORE_ANSWER_MILLISECONDS, 'The restored machine does not answer.');
      made(guest);
      return undefined;
    } catch (error) {
      if (this.#disposed) throw error;
      await this.#guest?.machine.dispose();
      this.#guest = undefined;
      return messageOf(error);
    }
  }

  async #coldBoot(manifest: MachineManifest, made: (guest: Guest) => void, reason: string): Promise<void> {
    const message = `The saved machine could not be used: ${reason} The PC is booting from the start instead, which takes about a minute.`;
    if (!this.options.coldBoot) this.#notice.emit({ code: 'cold-boot', message, canRetry: false });
    this.#report('boot', 'Booting the PC from the start');
    const common = await this.#commonParts(manifest);
    const guest = await this.#makeGuest({ ...common, kernel: await this.#readFile('bzImage') });
    this.#adopt(guest);
    const up = new Promise<void>(resolve => guest.agent.onUp(resolve));
    guest.machine.run();
    await withTimeout(up, BOOT_ANSWER_MILLISECONDS, 'The PC did not boot within three minutes. Reload the page; close other busy tabs first.');
    made(guest);
    this.#report('engine', 'Starting the Docker Engine');
    await this.#waitForEngine(guest);
  }

  async #waitForEngine(guest: Guest): Promise<void> {
    const end = performance.now() + BOOT_ANSWER_MILLISECONDS;
    for (;;) {
      const status = await guest.agent.status();
      this.#status.emit(status);
      if (status.engine === 'running') return;
      if (performance.now() > end) throw new SandboxError('timed-out', 'The Docker Engine did not start within three minutes. Restart the machine.');
      await new Promise<void>(resolve => setTimeout(resolve, 500));
    }
  }

  /** Makes a guest, or fails with what was thrown where nobody could catch it. */
  async #makeGuest(parts: GuestParts): Promise<Guest> {
    const guest = await orUncaught(() => createGuest(parts), this.options.onUncaught, startError);
    if (!this.#disposed) return guest;
    await guest.machine.dispose();
    throw new SandboxError('cancelled', 'The machine was given up while it started.');
  }

  async #commonParts(manifest: MachineManifest): Promise<GuestParts> {
    const [wasm, bios, vgaBios] = await Promise.all([this.#readFile('v86.wasm'), this.#readFile('bios.bin'), this.#readFile('vgabios.bin')]);
    return {
      wasm: new Uint8Array(wasm),
      bios,
      vgaBios,
      disk: new ChunkSource(manifest.disk, this.#loader),
      onReadFailure: error => this.#askToRetry(error),
      compilePolicy: this.options.compilePolicy,
    };
  }

  #readFile(name: ArtifactName): Promise<ArrayBuffer> {
    return this.#withRetry(() => this.host.readFile(name, count => (this.#loadedBytes += count)));
  }

  /** The loader, but what fails is tried again for as long as the learner wants. */
  readonly #loading: Loading = {
    load: (sha256, bytes) => this.#withRetry(() => this.#loader.load(sha256, bytes)),
    loadPacked: sha256 => this.#withRetry(() => this.#loader.loadPacked(sha256)),
    unpack: pieces => this.#loader.unpack(pieces),
  };

  /** Does `work` until it succeeds: after each failure the learner is told, and decides when to try again. */
  async #withRetry<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof SandboxError && error.code === 'snapshot-mismatch') throw error;
        await this.#askToRetry(error);
      }
    }
  }

  async #askToRetry(error: unknown): Promise<void> {
    const code = error instanceof SandboxError ? error.code : 'download-failed';
    const message = `${messageOf(error)} The machine waits for it. Check your connection, then try again.`;
    this.#notice.emit({ code, message, canRetry: true });
    await new Promise<void>(resolve => this.#retries.push(resolve));
    this.#notice.emit({ code, message, canRetry: true, resolved: true });
  }

  #adopt(guest: Guest): void {
    this.#guest = guest;
    this.#terminals = guest.machine.ports
      .slice(0, TERMINAL_COUNT)
      .map((port, index) => new TerminalPort(port, size => guest.machine.resize(index, size.columns, size.rows)));
    this.#previews = new PreviewServer(
      { dial: target => guest.agent.dial(target), ports: async () => (await this.#publishedPorts?.settled()) ?? [] },
      new CookieJar(),
    );
    guest.agent.onConnection(connection => this.#outside.take(connection));
    guest.tree.onGuestChange(change => this.#fileChange.emit(change));
  }

  #watchEngine({ agent }: Guest): void {
    const docker = createDockerClient(() => agent.dial(ENGINE_SOCKET));
    this.#engineWatch = new EngineWatch(docker);
    this.#engineWatch.onNews(news => this.#engineNews.emit(news));
    this.#publishedPorts = new PublishedPorts(docker, this.#engineWatch.onNews);
    this.#publishedPorts.onChange(ports => this.#portsChange.emit(ports));
  }

  /** Not for who types already: he would share the machine with it. */
  #warmUp(): void {
    if (this.#disposed || this.#terminals.some(({ hasInput }) => hasInput)) return;
    // Where it fails, the learner's own command tells why.
    this.#guest!.agent.run(WARM_UP_COMMAND, { timeoutMilliseconds: WARM_UP_LIMIT_MILLISECONDS }).catch(() => undefined);
  }

  #pollStatus(): void {
    const poll = async () => {
      try {
        this.#status.emit(await this.#guest!.agent.status());
      } catch (error) {
        if (!this.#disposed) this.#notice.emit({ code: 'guest-unreachable', message: messageOf(error), canRetry: false });
      }
      if (!this.#disposed) this.#statusTimer = setTimeout(() => void poll(), STATUS_MILLISECONDS);
    };
    void poll();
  }
}

/** What a failed start means for the learner: most often the browser has no half a gigabyte to give. */
function startError(error: unknown): SandboxError {
  if (error instanceof RangeError || /memory/i.test(messageOf(error))) {
    return new SandboxError(
      'out-of-memory',
      'The browser could not give the machine its 512 MB of memory. Close other tabs and programs, then reload the page.',
      { cause: error },
    );
  }
  return new SandboxError('machine-failed', `The emulated PC could not start (${messageOf(error)}). Reload the page.`, { cause: error });
}
