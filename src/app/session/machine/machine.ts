import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import { Emitter, type Event } from '../../../core/base/events.ts';
import type { Connection } from '../../../core/network/connection.ts';
import { PREVIEW_VERSION, type AnswerMessage, type PreviewCall } from '../../../core/preview/preview-call.ts';
import type {
  HubImageSummary,
  BootProgress,
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
import { MachineRun, type MachineState, type MortalSandbox } from './machine-run.ts';
import { RemoteSandbox, type WorkerEndpoint } from './remote-sandbox.ts';

export interface MachineOptions {
  readonly baseUrl: string;
  /** Names this machine among those that the service worker sees; undefined where it is the only one. */
  readonly sandbox: string | undefined;
  readonly sync: GuestSync;
  readonly engine: Engine;
  readonly messages: Messages;
  /** Under which name this browser keeps the machine; undefined where nothing is kept. */
  readonly saveUnder: string | undefined;
  /** Whether the hub gives the nearest image instead of one that it lacks. */
  readonly givesNearestImages: ReadonlySignal<boolean>;
  /** The servers outside that may be asked; it hears of what is asked. */
  readonly network: Pick<Network, 'choice' | 'take' | 'forget'>;
  /** Resolves when the store holds the learner's files: a machine is not ready before it has them. */
  readonly filesLoaded: Promise<void>;
  createWorker(): WorkerEndpoint;
}

const OFF: MachineState = { kind: 'off' };

/** The page's machine over its restarts: at most one run at a time. */
export class Machine {
  readonly #options: MachineOptions;
  readonly #run = signal<MachineRun | undefined>(undefined);
  readonly #engineNews = new Emitter<EngineNews>();

  constructor(options: MachineOptions) {
    this.#options = options;
    // Heard here, not in the worker: not every browser tells workers of it.
    addEventListener('online', () => void this.#sandbox?.retry().catch(() => undefined));
    // A machine that is not there takes it when it starts.
    options.network.choice.subscribe(choice => {
      // What was not there while the network was off may be there now.
      if (choice.isOpen) this.#run.peek()?.dismissAll('no-internet');
      void this.#sandbox?.chooseUpstreams(choice).catch(() => undefined);
    });
    options.givesNearestImages.subscribe(isWanted => void this.#sandbox?.giveNearestImages(isWanted).catch(() => undefined));
  }

  readonly state: ReadonlySignal<MachineState> = computed(() => this.#run.value?.state.value ?? OFF);
  readonly progress: ReadonlySignal<BootProgress | undefined> = computed(() => this.#run.value?.progress.value);
  readonly status: ReadonlySignal<SandboxStatus | undefined> = computed(() => this.#run.value?.status.value);
  readonly notices: ReadonlySignal<readonly Notice[]> = computed(() => this.#run.value?.notices.value ?? []);
  readonly isStalled: ReadonlySignal<boolean> = computed(() => this.#run.value?.isStalled.value ?? false);
  /** The ports that containers publish now. */
  readonly ports: ReadonlySignal<readonly OpenPort[]> = computed(() => this.#run.value?.ports.value ?? []);

  /** How the last save of this machine ended; undefined before the first. */
  readonly lastSave: ReadonlySignal<SaveReport | undefined> = computed(() => this.#run.value?.lastSave.value);

  /** Whether this browser is asked to keep the machine. */
  get isKept(): boolean {
    return this.#options.saveUnder !== undefined;
  }

  /** What happens in the engine of whichever machine there is. */
  readonly onEngineNews: Event<EngineNews> = listener => this.#engineNews.event(listener);

  /** Starts a machine, ending the one there is. */
  async start(startFrom: StartFrom = 'saved'): Promise<void> {
    const before = this.#run.peek();
    const run = new MachineRun({ ...this.#options, onEngineNews: news => this.#engineNews.emit(news) });
    this.#options.network.forget();
    this.#run.value = run;
    // Two machines would not fit into the memory of a small computer: the old one goes first.
    await before?.end();
    if (run !== this.#run.peek()) return;
    if (typeof WebAssembly === 'undefined') {
      run.fail(new SandboxError('no-webassembly', 'This browser has no WebAssembly, or it is switched off: the machine cannot run.'));
      return;
    }
    await this.#begin(run, startFrom);
  }

  /** Switches the machine off. */
  async stop(): Promise<void> {
    const run = this.#run.peek();
    this.#run.value = undefined;
    await run?.end();
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
    if (this.state.value.kind === 'running') await this.#sandbox?.saveChanges().catch(() => undefined);
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
    const { kind } = this.state.value;
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
    this.#run.peek()?.dismiss(notice);
  }

  get #sandbox(): MortalSandbox | undefined {
    return this.#run.peek()?.sandbox;
  }

  #withSandbox<T>(call: (sandbox: MortalSandbox) => Promise<T>): Promise<T> {
    if (this.#sandbox === undefined) return Promise.reject(new SandboxError('machine-stopped', 'The machine is off.'));
    return call(this.#sandbox);
  }

  async #begin(run: MachineRun, startFrom: StartFrom): Promise<void> {
    const { baseUrl, createWorker, givesNearestImages, network, saveUnder } = this.#options;
    let sandbox: MortalSandbox;
    try {
      sandbox = new RemoteSandbox({ baseUrl, startFrom, saveUnder, createWorker });
    } catch (error) {
      run.fail(error);
      return;
    }
    // Where this fails the machine has failed, and says so itself.
    sandbox.giveNearestImages(givesNearestImages.peek()).catch(() => undefined);
    sandbox.chooseUpstreams(network.choice.peek()).catch(() => undefined);
    await run.follow(sandbox);
  }
}
