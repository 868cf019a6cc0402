import { transfer, wrap, type Remote } from 'comlink';
import { SandboxError } from '../../../core/base/errors.ts';
import { Emitter, type Event } from '../../../core/base/events.ts';
import { valueOf, type Outcome } from '../../../core/protocol/error-codec.ts';
import { RemoteEvents } from '../../../core/protocol/event-port.ts';
import { withProgress } from '../../../core/protocol/progress-port.ts';
import type {
  BootProgress,
  BootReport,
  CommandResult,
  EngineNews,
  HubImageSummary,
  Notice,
  OnByteProgress,
  OpenPort,
  RunOptions,
  Sandbox,
  SandboxStatus,
  SaveReport,
  SnapshotInfo,
  SnapshotList,
  StartFrom,
  TerminalSession,
  TerminalSize,
  Transfer,
  UpstreamChoice,
} from '../../../core/protocol/sandbox.ts';
import { RemoteChannels } from './remote-channels.ts';
import type { Connection } from '../../../core/network/connection.ts';
import type { PreviewCall } from '../../../core/preview/preview-call.ts';
import type { WorkerApi } from '../../../core/protocol/worker-api.ts';
import type { FileChange } from '../../../core/workspace/file-change.ts';

/** How often the worker is asked for a sign of life, and after how many questions without one it counts as stalled. */
const PING_MILLISECONDS = 4000;
const STALLED_AFTER_PINGS = 5;

/** What the client needs of a Worker; a test gives it something else. */
export interface WorkerEndpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  terminate(): void;
}

/** How to start a machine in a worker of its own. */
export interface RemoteSandboxOptions {
  readonly baseUrl: string;
  readonly startFrom: StartFrom;
  /** Under which name this browser keeps the machine; without it, nothing is kept. */
  readonly saveUnder?: string | undefined;
  createWorker(): WorkerEndpoint;
}

/** The worker that runs the machine. A URL, not an import: the page never loads the machine's code itself. */
export function createMachineWorker(name = 'drydock-machine'): Worker {
  return new Worker(new URL('../../../worker/main.ts', import.meta.url), { type: 'module', name });
}

/** A Sandbox that lives in a worker. When the worker dies, every call rejects with `machine-stopped` and `onDeath` tells. */
export class RemoteSandbox implements Sandbox {
  readonly onProgress: Event<BootProgress>;
  readonly onStatus: Event<SandboxStatus>;
  readonly onFileChange: Event<FileChange>;
  readonly onNotice: Event<Notice>;
  readonly onEngineNews: Event<EngineNews>;
  readonly onPorts: Event<readonly OpenPort[]>;
  readonly onSave: Event<SaveReport>;
  readonly onTransfer: Event<Transfer>;
  readonly ready: Promise<BootReport>;
  readonly #worker: WorkerEndpoint;
  /** Held here for the session's life: a Comlink proxy that is collected may leave its calls hanging. */
  readonly #api: Remote<WorkerApi>;
  readonly #events: RemoteEvents;
  readonly #channels = new RemoteChannels();
  readonly #death = new Emitter<SandboxError>();
  readonly #stall = new Emitter<boolean>();
  readonly #died: Promise<never>;
  #rejectDied: (error: SandboxError) => void = () => undefined;
  #deathError: SandboxError | undefined;
  #ports: readonly OpenPort[] = [];
  #unanswered = 0;
  #pingTimer: ReturnType<typeof setInterval> | undefined;

  constructor(options: RemoteSandboxOptions) {
    this.#died = new Promise((_, reject) => {
      this.#rejectDied = reject;
    });
    this.#died.catch(() => undefined);
    this.#worker = options.createWorker();
    this.#api = wrap<WorkerApi>(this.#worker);
    const channel = new MessageChannel();
    this.#events = new RemoteEvents(channel.port1);
    this.onProgress = this.#events.onProgress;
    this.onStatus = this.#events.onStatus;
    this.onFileChange = this.#events.onFileChange;
    this.onNotice = this.#events.onNotice;
    this.onEngineNews = this.#events.onEngineNews;
    this.onPorts = this.#events.onPorts;
    this.onSave = this.#events.onSave;
    this.onTransfer = this.#events.onTransfer;
    this.onPorts(ports => (this.#ports = ports));
    this.#watch();
    this.ready = this.#boot(options, channel.port2);
    this.ready.catch(() => undefined);
  }

  /** Fires once when the worker is gone, not after `dispose`. */
  readonly onDeath: Event<SandboxError> = listener => this.#death.event(listener);
  /** True when the worker has not answered for a while, false when it answers again. */
  readonly onStall: Event<boolean> = listener => this.#stall.event(listener);

  get ports(): readonly OpenPort[] {
    return this.#ports;
  }

  openTerminal(index: number, size: TerminalSize): Promise<TerminalSession> {
    return this.#channels.openTerminal(port => this.#call(() => this.#api.openTerminal(index, size, transfer(port, [port]))));
  }

  /** Resolves when the changes that the command made in /workspace have been told too: they come on another port than its answer. */
  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    const result = await this.#call<CommandResult>(() => this.#api.run(command, options));
    await Promise.race([this.#events.roundTrip(), this.#died]);
    return result;
  }

  applyFiles(changes: readonly FileChange[]): Promise<void> {
    return this.#call(() => this.#api.applyFiles(changes));
  }

  replaceFiles(changes: readonly FileChange[]): Promise<void> {
    return this.#call(() => this.#api.replaceFiles(changes));
  }

  save(name?: string): Promise<SnapshotInfo> {
    return this.#call(() => this.#api.save(name));
  }

  saveChanges(): Promise<void> {
    return this.#call(() => this.#api.saveChanges());
  }

  snapshots(): Promise<SnapshotList> {
    return this.#call(() => this.#api.snapshots());
  }

  removeSnapshot(id: string): Promise<void> {
    return this.#call(() => this.#api.removeSnapshot(id));
  }

  exportSnapshot(id: string, onProgress?: OnByteProgress): Promise<Blob> {
    return withProgress(onProgress, port => this.#call<Blob>(() => this.#api.exportSnapshot(id, transfer(port, [port]))));
  }

  importSnapshot(file: Blob, name: string, onProgress?: OnByteProgress): Promise<SnapshotInfo> {
    return withProgress(onProgress, port => this.#call<SnapshotInfo>(() => this.#api.importSnapshot(file, name, transfer(port, [port]))));
  }

  dial(target: string): Promise<Connection> {
    return this.#channels.dial(port => this.#call(() => this.#api.dial(target, transfer(port, [port]))));
  }

  servePreview(call: PreviewCall, port: MessagePort): Promise<void> {
    return this.#call(() => this.#api.servePreview(call, transfer(port, [port])));
  }

  hub(): Promise<readonly HubImageSummary[]> {
    return this.#call(() => this.#api.hub());
  }

  giveNearestImages(isWanted: boolean): Promise<void> {
    return this.#call(() => this.#api.giveNearestImages(isWanted));
  }

  chooseUpstreams(choice: UpstreamChoice): Promise<void> {
    return this.#call(() => this.#api.chooseUpstreams(choice));
  }

  keptBytes(): Promise<number> {
    return this.#call(() => this.#api.keptBytes());
  }

  forgetKept(): Promise<void> {
    return this.#call(() => this.#api.forgetKept());
  }

  retry(): Promise<void> {
    return this.#call(() => this.#api.retry());
  }

  /** Ends the worker. A machine that does not end by itself within a second is ended anyway. */
  async dispose(): Promise<void> {
    if (this.#deathError !== undefined) return;
    const patience = new Promise<void>(resolve => setTimeout(resolve, 1000));
    await Promise.race([this.#call(() => this.#api.dispose()).catch(() => undefined), patience]);
    this.#end(new SandboxError('machine-stopped', 'The machine was switched off.'));
  }

  async #boot(options: RemoteSandboxOptions, events: MessagePort): Promise<BootReport> {
    const { baseUrl, startFrom, saveUnder } = options;
    const request = { baseUrl, startFrom, lifeLock: this.#lifeLock, ...(saveUnder !== undefined && { saveUnder }) };
    await this.#call(() => this.#api.start(request, transfer(events, [events])));
    return this.#call(() => this.#api.ready());
  }

  readonly #lifeLock = `drydock-machine-${Math.random().toString(36).slice(2)}`;

  async #call<T>(work: () => Promise<unknown>): Promise<T> {
    if (this.#deathError !== undefined) throw this.#deathError;
    // Comlink's own types unwrap the promises of an Outcome member by member, hence the cast.
    const outcome = (await Promise.race([work().catch(toStopped), this.#died])) as Outcome<T>;
    return valueOf(outcome);
  }

  #watch(): void {
    this.#worker.addEventListener('error', event => this.#die('The machine’s worker failed.', event));
    this.#worker.addEventListener('messageerror', event => this.#die('A message of the machine could not be read.', event));
    this.#events.onLifeLockHeld(() => this.#watchLifeLock());
    this.#events.onHeard(() => {
      if (this.#unanswered >= STALLED_AFTER_PINGS) this.#stall.emit(false);
      this.#unanswered = 0;
    });
    // Counted in questions, not in time: a laptop that slept wakes up with one question open, not with hours of silence.
    this.#pingTimer = setInterval(() => {
      this.#unanswered += 1;
      if (this.#unanswered === STALLED_AFTER_PINGS) this.#stall.emit(true);
      this.#events.ping();
    }, PING_MILLISECONDS);
  }

  #watchLifeLock(): void {
    navigator.locks.request(this.#lifeLock, () => this.#die('The machine’s worker ended.', undefined)).catch(() => undefined);
  }

  #die(message: string, event: unknown): void {
    if (this.#deathError !== undefined) return;
    const cause = causeOf(event);
    const error = new SandboxError('machine-stopped', message, { cause });
    console.error(message, cause);
    this.#end(error);
    this.#death.emit(error);
  }

  #end(error: SandboxError): void {
    if (this.#deathError !== undefined) return;
    this.#deathError = error;
    clearInterval(this.#pingTimer);
    this.#events.close();
    this.#rejectDied(error);
    this.#channels.fail(error);
    this.#worker.terminate();
  }
}

/** What an `error` event tells; one of a script that could not be loaded tells nothing. */
function causeOf(event: unknown): string {
  if (event === undefined) return 'its lock became free';
  const { message, filename, lineno } = event as Partial<ErrorEvent>;
  return message === undefined ? 'no details: its script may not have loaded' : `${message} (${filename}:${lineno})`;
}

function toStopped(error: unknown): never {
  throw new SandboxError('machine-stopped', 'The machine did not take the call.', { cause: error });
}
