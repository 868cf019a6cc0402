import type { Event } from '../base/events.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { CommandResult, RunOptions, SandboxStatus } from '../control/guest-answers.ts';
import type { EngineNews } from '../docker/engine-types.ts';
import type { HubImageSummary } from '../hub/hub-summary.ts';
import type { Connection } from '../network/connection.ts';
import type { OpenPort, PreviewCall } from '../preview/preview-call.ts';
import type { SnapshotInfo } from '../snapshots/snapshot-info.ts';
import type { Transfer } from '../upstream/transfer.ts';
import type { UpstreamChoice } from '../upstream/upstream-settings.ts';
import type { FileChange } from '../workspace/file-change.ts';

export type { CommandResult, RunOptions, SandboxStatus } from '../control/guest-answers.ts';
export type { EngineEvent, EngineNews } from '../docker/engine-types.ts';
export type { OpenPort } from '../preview/preview-call.ts';
export type { SnapshotInfo } from '../snapshots/snapshot-info.ts';
export type { HubImageSummary, HubLayerSummary } from '../hub/hub-summary.ts';
export type { Transfer } from '../upstream/transfer.ts';
export type { UpstreamChoice } from '../upstream/upstream-settings.ts';

/** What the sandbox is busy with before a learner can type, in order. */
export type BootStage = 'download' | 'resume' | 'restore' | 'boot' | 'engine' | 'ready';

/** One report of boot progress. `totalBytes` is 0 where a stage has no bytes to count. */
export interface BootProgress {
  readonly stage: BootStage;
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** What is happening, in plain words. */
  readonly message: string;
  /** Since the start of the sandbox. */
  readonly elapsedMilliseconds: number;
}

/** How the guest came up: as the learner left it, from the state that the site serves, or by a full boot (and then why). */
export interface BootReport {
  readonly kind: 'resumed' | 'restored' | 'cold';
  readonly reason?: string;
  /** When the machine that goes on was saved, in milliseconds since 1970. */
  readonly savedAt?: number;
  readonly elapsedMilliseconds: number;
  /** Bytes read over the network or from a file up to the first prompt. */
  readonly loadedBytes: number;
}

/** Something the learner should know that does not end the sandbox. */
export interface Notice {
  readonly code: ErrorCode | 'cold-boot' | 'nearest-image' | 'no-internet' | 'not-resumed';
  readonly message: string;
  /** True where something waits for it and `retry()` tries it at once. */
  readonly canRetry: boolean;
  /** True in a notice that withdraws the ones with the same code and `canRetry`. */
  readonly resolved?: boolean;
}

/** What a machine starts from: the site's state, whatever was saved; what was saved last; a snapshot by its id; or a boot from the start. */
export type StartFrom = 'fresh' | 'saved' | 'boot' | { readonly snapshot: string };

/** A save has ended: it took so long, and so much of it (`held`) the machine stood still. */
export type SaveReport =
  | { readonly kind: 'saved'; readonly snapshot: SnapshotInfo; readonly elapsedMilliseconds: number; readonly heldMilliseconds: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Told now and then while something large is read or written: bytes done, of bytes in all. */
export type OnByteProgress = (doneBytes: number, totalBytes: number) => void;

/** The saved machines of this browser, the newest first, and the bytes that all of them take together. */
export interface SnapshotList {
  readonly snapshots: readonly SnapshotInfo[];
  /** What `machine` of a snapshot must be for it to go on here. */
  readonly machine: string;
  readonly usedBytes: number;
}

/** Character cells. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * One of the guest's terminals, a real tty. Opening it again gives the same shell.
 * Output flows only as fast as `acknowledge` says it was shown; what was printed before anyone listened is replayed.
 */
export interface TerminalSession {
  readonly onOutput: Event<Uint8Array>;
  /** Resolves when the guest's tty has taken the bytes: await it before sending more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Says that so many bytes of output have been shown. */
  acknowledge(byteCount: number): void;
  resize(size: TerminalSize): void;
  /** Stops listening; the shell stays. */
  close(): void;
}

/** How many terminals the guest has. */
export const TERMINAL_COUNT = 3;

/** Where the Docker Engine listens in the guest. */
export const ENGINE_SOCKET = '/run/docker.sock';

/**
 * A guest with a Docker Engine in it. Implemented in process by core/sandbox (worker, Node, tests) and, through Comlink,
 * by the page's RemoteSandbox. Every method rejects with a SandboxError; when the machine dies, with `machine-stopped`.
 */
export interface Sandbox {
  readonly onProgress: Event<BootProgress>;
  readonly onStatus: Event<SandboxStatus>;
  /** Changes that programs in the guest made in /workspace. */
  readonly onFileChange: Event<FileChange>;
  readonly onNotice: Event<Notice>;
  /** What happens in the engine, once the sandbox is ready. */
  readonly onEngineNews: Event<EngineNews>;
  /** The published ports, whenever they change. */
  readonly onPorts: Event<readonly OpenPort[]>;
  /** The ports published now, by host port. */
  readonly ports: readonly OpenPort[];
  /** Resolves when a learner can type; rejects when neither the saved state nor a boot worked. */
  readonly ready: Promise<BootReport>;
  /** Opens terminal 0, 1 or 2. */
  openTerminal(index: number, size: TerminalSize): Promise<TerminalSession>;
  /** Runs a shell command line as root. A command that fails is an answer (its exit code), not an error. */
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  /** Puts changes into the guest's /workspace, in order; when it resolves the next command sees them. Parents are made. */
  applyFiles(changes: readonly FileChange[]): Promise<void>;
  /** Makes /workspace hold these files and folders, told as `applyFiles` takes them, and no others. */
  replaceFiles(changes: readonly FileChange[]): Promise<void>;
  /** Whenever the machine was saved, asked or not, or could not be. */
  readonly onSave: Event<SaveReport>;
  /** Saves the machine now; it stands still for a moment. With a name it is kept until it is removed. Rejects with `storage-refused` where there is no room or no place. */
  save(name?: string): Promise<SnapshotInfo>;
  /** Saves what has not been saved; resolves when that is over, well or not. */
  saveChanges(): Promise<void>;
  /** What was saved. Rejects with `storage-refused` where the browser keeps nothing. */
  snapshots(): Promise<SnapshotList>;
  removeSnapshot(id: string): Promise<void>;
  /** A snapshot as one file, to be kept elsewhere. */
  exportSnapshot(id: string, onProgress?: OnByteProgress): Promise<Blob>;
  /** Takes such a file in, under a name. Rejects with `snapshot-damaged` where it is no such file, `snapshot-mismatch` where its machine cannot go on here. */
  importSnapshot(file: Blob, name: string, onProgress?: OnByteProgress): Promise<SnapshotInfo>;
  /** Opens a connection to a unix socket (`ENGINE_SOCKET`) or a port (`:8080`) of the guest. Where nothing answers it closes with `guest-unreachable`. */
  dial(target: string): Promise<Connection>;
  /** Answers a request to a published port over its channel (core/preview); a port that gives no answer is told there, not thrown. */
  servePreview(call: PreviewCall, port: MessagePort): Promise<void>;
  /** What `docker pull` finds in the hub of the sandbox; needs no running guest. */
  hub(): Promise<readonly HubImageSummary[]>;
  /** Whether the hub gives the nearest image where it lacks the one asked for, and that may be (core/hub/nearest-image.ts). Off at first. */
  giveNearestImages(isWanted: boolean): Promise<void>;
  /** Which servers outside may be asked for what the sandbox lacks. None at first. What is under way at others breaks off. */
  chooseUpstreams(choice: UpstreamChoice): Promise<void>;
  /** Each request to a server outside: when it begins, now and then while it goes on, and when it ends. */
  readonly onTransfer: Event<Transfer>;
  /** How many bytes of what came from outside are kept. */
  keptBytes(): Promise<number>;
  /** Forgets what came from outside. */
  forgetKept(): Promise<void>;
  /** Tries again now what a notice with `canRetry` told of; that is tried by itself too. */
  retry(): Promise<void>;
  dispose(): Promise<void>;
}
