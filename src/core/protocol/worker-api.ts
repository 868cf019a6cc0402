import type { Outcome } from './error-codec.ts';
import type { PreviewCall } from '../preview/preview-call.ts';
import type { BootReport, CommandResult, HubImageSummary, RunOptions, SnapshotInfo, SnapshotList, StartFrom, TerminalSize } from './sandbox.ts';
import type { UpstreamChoice } from '../upstream/upstream-settings.ts';
import type { FileChange } from '../workspace/file-change.ts';

/** How the page asks its worker to start a machine. */
export interface StartRequest {
  /** Where the site lies: the machine's parts are found relative to it. */
  readonly baseUrl: string;
  readonly startFrom: StartFrom;
  /** Under which name this browser keeps the machine; without it, nothing is kept. */
  readonly saveUnder?: string;
  /** A Web Lock the worker holds while it lives, so that its death is noticed at once. */
  readonly lifeLock: string;
}

/** The literal list of functions that the worker exposes. Nothing here throws across the boundary. */
export interface WorkerApi {
  /** Starts the machine and begins sending events to the port. */
  start(request: StartRequest, events: MessagePort): Promise<Outcome<void>>;
  ready(): Promise<Outcome<BootReport>>;
  /** Opens a terminal whose bytes run over the port (see terminal-port.ts). */
  openTerminal(index: number, size: TerminalSize, port: MessagePort): Promise<Outcome<void>>;
  run(command: string, options: RunOptions): Promise<Outcome<CommandResult>>;
  applyFiles(changes: readonly FileChange[]): Promise<Outcome<void>>;
  replaceFiles(changes: readonly FileChange[]): Promise<Outcome<void>>;
  save(name?: string): Promise<Outcome<SnapshotInfo>>;
  saveChanges(): Promise<Outcome<void>>;
  snapshots(): Promise<Outcome<SnapshotList>>;
  removeSnapshot(id: string): Promise<Outcome<void>>;
  /** How far it is goes over the port (see progress-port.ts), like that of `importSnapshot`. */
  exportSnapshot(id: string, progress: MessagePort): Promise<Outcome<Blob>>;
  importSnapshot(file: Blob, name: string, progress: MessagePort): Promise<Outcome<SnapshotInfo>>;
  /** Opens a connection whose bytes run over the port (see connection-port.ts). */
  dial(target: string, port: MessagePort): Promise<Outcome<void>>;
  /** Answers a request to a published port over the port given (see core/preview). */
  servePreview(call: PreviewCall, port: MessagePort): Promise<Outcome<void>>;
  hub(): Promise<Outcome<readonly HubImageSummary[]>>;
  giveNearestImages(isWanted: boolean): Promise<Outcome<void>>;
  chooseUpstreams(choice: UpstreamChoice): Promise<Outcome<void>>;
  keptBytes(): Promise<Outcome<number>>;
  forgetKept(): Promise<Outcome<void>>;
  retry(): Promise<Outcome<void>>;
  dispose(): Promise<Outcome<void>>;
}
