import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf, SandboxError, type ErrorCode } from '../../../core/base/errors.ts';
import { Emitter, type Event } from '../../../core/base/events.ts';
import type { Connection } from '../../../core/network/connection.ts';
import { PREVIEW_VERSION, type AnswerMessage, type PreviewCall } from '../../../core/preview/preview-call.ts';
import type {
  HubImageSummary,
  BootProgress,
  BootReport,
  CommandResult,
  EngineNews,
  Notice,
  OnByteProgress,
  OpenPort,
  RunOptions,
  SandboxStatus,
  SaveReport,
  SnapshotInfo,
  SnapshotList,
  StartFrom,
  TerminalSession,
  TerminalSize,
} from '../../../core/protocol/sandbox.ts';
import type { Engine } from './engine.ts';
import type { GuestSync } from '../workspace/guest-sync.ts';
import type { Messages } from '../messages.ts';
import type { Network } from './network.ts';
import { RemoteSandbox, type WorkerEndpoint } from './remote-sandbox.ts';

/** Where the machine is in its life, with what the page needs to show it. */
export type MachineState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly report: BootReport }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly detail: string }
  /** It ran and then died. */
  | { readonly kind: 'stopped'; readonly message: string };

export interface MachineOptions {
  readonly baseUrl: string;
  /** Names this machine among those that the service worker sees; undefined where it is the only one. */
  readonly sandbox: string | undefined;
  readonly sync: GuestSync;
  readonly engine: Engine;
  readonly messages: Messages;
  /** Under which name this browser keeps the machine; undefined where nothing is kept. */
  readonly saveUnder: string | undefined;
  /** Whether the hub gives the nearest image in the place of one that it lacks. */
  readonly givesNearestImages: ReadonlySignal<boolean>;
  /** The servers outside that may be asked; it hears of what is asked. */
  readonly network: Pick<Network, 'choice' | 'take' | 'forget'>;
  /** Resolves when the store holds the learner's files: a machine is not ready before it has them. */
  readonly filesLoaded: Promise<void>;
  createWorker(): WorkerEndpoint;
}

/** The page's machine over its restarts: at most one sandbox at a time, its state as signals. */
export class Machine {
  readonly #options: MachineOptions;
  readonly #state = signal<MachineState>({ kind: 'off' });
  readonly #progress = signal<BootProgress | undefined>(undefined);
  readonly #status = signal<SandboxStatus | undefined>(undefined);
  readonly #notices = signal<readonly Notice[]>([]);
  readonly #isStalled = signal(false);
  readonly #ports = signal<readonly OpenPort[]>([]);
  readonly #save = signal<SaveReport | undefined>(undefined);
  readonly #engineNews = new Emitter<EngineNews>();
  #sandbox: RemoteSandbox | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
    // Heard here, not in the worker: not every browser tells workers of it.
    addEventListener('online', () => void this.#sandbox?.retry().catch(() => undefined));
    // A machine that is not there takes it when it starts.
    options.network.choice.subscribe(choice => {
      // What was not there while the network was off may be there now.
      if (choice.isOpen) this.#notices.value = this.#notices.value.filter(({ code }) => code !== 'no-internet');
      void this.#sandbox?.chooseUpstreams(choice).catch(() => undefined);
    });
    options.givesNearestImages.subscribe(isWanted => void this.#sandbox?.giveNearestImages(isWanted).catch(() => undefined));
  }

  readonly state: ReadonlySignal<MachineState> = computed(() => this.#state.value);
  readonly progress: ReadonlySignal<BootProgress | undefined> = computed(() => this.#progress.value);
  readonly status: ReadonlySignal<SandboxStatus | undefined> = computed(() => this.#status.value);
  readonly notices: ReadonlySignal<readonly Notice[]> = computed(() => this.#notices.value);
  readonly isStalled: ReadonlySignal<boolean> = computed(() => this.#isStalled.value);
  /** The ports that containers publish now. */
  readonly ports: ReadonlySignal<readonly OpenPort[]> = computed(() => this.#ports.value);

  /** How the last save of this machine ended; undefined before the first. */
  readonly lastSave: ReadonlySignal<SaveReport | undefined> = computed(() => this.#save.value);

  /** Whether this browser is asked to keep the machine. */
  get isKept(): boolean {
    return this.#options.saveUnder !== undefined;
  }

  /** What happens in the engine of whichever machine there is. */
  readonly onEngineNews: Event<EngineNews> = listener => this.#engineNews.event(listener);

  /** Starts a machine, ending the one there is. */
  async start(startFrom: StartFrom = 'saved'): Promise<void> {
    this.#leave();
    const before = this.#sandbox;
    this.#sandbox = undefined;
    this.#progress.value = undefined;
    this.#status.value = undefined;
    this.#notices.value = [];
    this.#options.network.forget();
    this.#ports.value = [];
    this.#save.value = undefined;
    this.#isStalled.value = false;
    this.#state.value = { kind: 'starting' };
    // Two machines would not fit into the memory of a small computer: the old one goes first.
    await before?.dispose();
    if (typeof WebAssembly === 'undefined') {
      this.#fail(new SandboxError('no-webassembly', 'This browser has no WebAssembly, or it is switched off: the machine cannot run.'));
      return;
    }
    await this.#run(startFrom);
  }

  /** Switches the machine off. */
  async stop(): Promise<void> {
    this.#leave();
    const sandbox = this.#sandbox;
    this.#sandbox = undefined;
    this.#ports.value = [];
    this.#state.value = { kind: 'off' };
    await sandbox?.dispose();
  }

  openTerminal(index: number, size: TerminalSize): Promise<TerminalSession> {
    return this.#withSandbox(sandbox => sandbox.openTerminal(index, size));
  }

  /** Runs a shell command line as root where the learner does not see it. A command that fails is an answer (its exit code), not an error. */
  run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    return this.#withSandbox(sandbox => sandbox.run(command, options));
  }

  /** Opens a connection to a unix socket or a port of the guest. */
  dial(target: string): Promise<Connection> {
    return this.#withSandbox(sandbox => sandbox.dial(target));
  }

  /** Saves the machine now. With a name it is kept until it is removed. */
  save(name?: string): Promise<SnapshotInfo> {
    return this.#withSandbox(sandbox => sandbox.save(name));
  }

  /** Saves what has not been saved, if there is a machine; resolves when that is over, well or not. */
  async saveChanges(): Promise<void> {
    if (this.#state.value.kind === 'running') await this.#sandbox?.saveChanges().catch(() => undefined);
  }

  /** What this browser keeps. Rejects with `storage-refused` where it keeps nothing. */
  snapshots(): Promise<SnapshotList> {
    return this.#withSandbox(sandbox => sandbox.snapshots());
  }

  removeSnapshot(id: string): Promise<void> {
    return this.#withSandbox(sandbox => sandbox.removeSnapshot(id));
  }

  /** A snapshot as one file. */
  exportSnapshot(id: string, onProgress: OnByteProgress): Promise<Blob> {
    return this.#withSandbox(sandbox => sandbox.exportSnapshot(id, onProgress));
  }

  importSnapshot(file: Blob, name: string, onProgress: OnByteProgress): Promise<SnapshotInfo> {
    return this.#withSandbox(sandbox => sandbox.importSnapshot(file, name, onProgress));
  }

  /** What `docker pull` finds. */
  hub(): Promise<readonly HubImageSummary[]> {
    return this.#withSandbox(sandbox => sandbox.hub());
  }

  /** How many bytes of what came from outside this browser keeps. */
  keptBytes(): Promise<number> {
    return this.#withSandbox(sandbox => sandbox.keptBytes());
  }

  /** Forgets what came from outside. */
  forgetKept(): Promise<void> {
    return this.#withSandbox(sandbox => sandbox.forgetKept());
  }

  /** Has a request to a published port answered over its channel, or says there why not. */
  servePreview(call: PreviewCall, port: MessagePort): void {
    const say = (message: AnswerMessage): void => port.postMessage(message);
    const { kind } = this.#state.value;
    if (call.version !== PREVIEW_VERSION) return say({ kind: 'not-here', why: 'other-version' });
    if (call.route.sandbox !== this.#options.sandbox) return say({ kind: 'not-here', why: 'other-sandbox' });
    if (this.#sandbox === undefined || kind !== 'running') return say({ kind: 'not-here', why: kind === 'starting' ? 'starting' : 'off' });
    say({ kind: 'taken' });
    // The channel is the machine's from now on: where the machine dies, the service worker notices by the silence.
    this.#sandbox.servePreview(call, port).catch((error: unknown) => console.warn('a request to a published port was lost', error));
  }

  /** Tries again what a notice told of. */
  async retry(): Promise<void> {
    try {
      await this.#sandbox?.retry();
    } catch (error) {
      this.#options.messages.problem(messageOf(error));
    }
  }

  dismissNotice(notice: Notice): void {
    this.#notices.value = this.#notices.value.filter(other => other !== notice);
  }

  #withSandbox<T>(call: (sandbox: RemoteSandbox) => Promise<T>): Promise<T> {
    if (this.#sandbox === undefined) return Promise.reject(new SandboxError('machine-stopped', 'The machine is off.'));
    return call(this.#sandbox);
  }

  async #run(startFrom: StartFrom): Promise<void> {
    const { baseUrl, createWorker, filesLoaded, messages, saveUnder, sync } = this.#options;
    let sandbox: RemoteSandbox;
    try {
      sandbox = new RemoteSandbox({ baseUrl, startFrom, saveUnder, createWorker });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#sandbox = sandbox;
    // Where this fails the machine has failed, and says so itself.
    sandbox.giveNearestImages(this.#options.givesNearestImages.peek()).catch(() => undefined);
    sandbox.chooseUpstreams(this.#options.network.choice.peek()).catch(() => undefined);
    this.#options.engine.attach(sandbox);
    this.#listen(sandbox);
    try {
      const report = await sandbox.ready;
      await filesLoaded;
      if (sandbox !== this.#sandbox) return;
      await sync.attach(sandbox);
      if (sandbox !== this.#sandbox) return;
      this.#state.value = { kind: 'running', report };
      if (report.kind === 'resumed') messages.show('Your machine is back as you left it: containers, images and terminals.');
      else messages.announce('The machine is ready.');
    } catch (error) {
      if (sandbox === this.#sandbox) this.#fail(error);
    }
  }

  #listen(sandbox: RemoteSandbox): void {
    const whileCurrent =
      <T>(listener: (value: T) => void) =>
      (value: T): void => {
        if (sandbox === this.#sandbox) listener(value);
      };
    sandbox.onProgress(whileCurrent(progress => (this.#progress.value = progress)));
    sandbox.onStatus(
      whileCurrent(status => {
        this.#status.value = status;
        // A guest that answers again can be reached again.
        this.#takeNotice({ code: 'guest-unreachable', message: '', canRetry: false, resolved: true });
      }),
    );
    sandbox.onEngineNews(whileCurrent(news => this.#engineNews.emit(news)));
    sandbox.onSave(whileCurrent(report => (this.#save.value = report)));
    sandbox.onTransfer(whileCurrent(transfer => this.#options.network.take(transfer)));
    sandbox.onPorts(whileCurrent(ports => (this.#ports.value = ports)));
    sandbox.onNotice(whileCurrent(notice => this.#takeNotice(notice)));
    sandbox.onStall(whileCurrent(isStalled => (this.#isStalled.value = isStalled)));
    sandbox.onDeath(
      whileCurrent(error => {
        // Before it ever ran, the rejected `ready` tells more.
        if (this.#state.value.kind !== 'running') return;
        this.#leave();
        this.#sandbox = undefined;
        this.#isStalled.value = false;
        this.#ports.value = [];
        this.#state.value = { kind: 'stopped', message: error.message };
      }),
    );
  }

  /** What follows the machine lets go of it. */
  #leave(): void {
    this.#options.sync.detach();
    this.#options.engine.detach();
  }

  #takeNotice(notice: Notice): void {
    // What the machine waits for and what the hub could not hand out fail alike, and are two things.
    const others = this.#notices.value.filter(other => other.code !== notice.code || other.canRetry !== notice.canRetry);
    if (notice.resolved !== true) this.#notices.value = [...others, notice];
    else if (others.length < this.#notices.value.length) this.#notices.value = others;
  }

  #fail(error: unknown): void {
    const code = error instanceof SandboxError ? error.code : 'machine-failed';
    const cause = error instanceof Error ? error.cause : undefined;
    const sandbox = this.#sandbox;
    this.#leave();
    this.#sandbox = undefined;
    this.#state.value = { kind: 'failed', code, message: messageOf(error), detail: cause === undefined ? '' : messageOf(cause) };
    void sandbox?.dispose();
  }
}
