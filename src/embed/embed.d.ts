/**
 * Drydock in a page of your own: `createSandbox(element, options)` puts a computer with Docker into an element and gives you its controls.
 * docs/embed.md has examples and what to think of. This file stands alone; the build copies it beside embed.js.
 */

/**
 * Puts a sandbox into an element, which it fills. Throws a TypeError where an option is wrong.
 *
 *     const sandbox = createSandbox(document.getElementById('sandbox'), { layout: 'terminal' });
 *     await sandbox.ready;
 *     const { stdout } = await sandbox.run('docker version');
 */
export declare function createSandbox(element: HTMLElement, options?: SandboxOptions): EmbeddedSandbox;

/** What the sandbox is to be. All of it is optional. */
export interface SandboxOptions {
  /** The id of a lesson of that Drydock, like `02-first-image`, or the address of one (`https://…/x.lesson.json`). */
  readonly lesson?: string;
  /** What the workspace holds when a learner opens this for the first time; who comes back finds his own files. Not with `lesson`, which has its own. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What stands on the page at the beginning; `full` unless told. What the learner asks for besides comes when he asks. */
  readonly layout?: 'full' | 'terminal' | 'editor-terminal' | 'lesson-terminal';
  /** `auto`, which is also what you get untold, follows the learner's system. */
  readonly theme?: 'light' | 'dark' | 'auto';
  /** Where Drydock is; where embed.js was loaded from unless told. */
  readonly url?: string;
  /** Keeps the files of this sandbox apart from others of your site. Made from your page's path and the place in it unless told. */
  readonly workspace?: string;
  /** Names the frame for screen readers. */
  readonly title?: string;
}

/** The controls of a sandbox. Every promise rejects with a SandboxError whose message says what to do, and none waits for ever. */
export interface EmbeddedSandbox {
  /** The frame in your element. */
  readonly frame: HTMLIFrameElement;
  /** Resolves when a learner can type. */
  readonly ready: Promise<ReadyReport>;
  /**
   * Runs a command line as root in the machine, in /workspace and beside the learner's terminals; waits until the machine is ready.
   * A command that fails is an answer (its exit code), not an error.
   */
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  /** A file of the workspace as text; undefined where there is none. */
  readFile(path: string, as?: 'text'): Promise<string | undefined>;
  /** A file of the workspace as it is; undefined where there is none. */
  readFile(path: string, as: 'bytes'): Promise<Uint8Array | undefined>;
  /** Writes files into the workspace, or removes those that are `null`; resolves when the machine has them too. */
  writeFiles(files: Readonly<Record<string, string | Uint8Array | null>>): Promise<void>;
  /** Runs the checks of the lesson's current step now and tells how each came out. Rejects with `call-refused` where there is no lesson. */
  check(): Promise<CheckReport>;
  /** Listens to an event; call what it returns to stop. */
  on<K extends keyof SandboxEvents>(event: K, listener: (detail: SandboxEvents[K]) => void): () => void;
  /** Takes the sandbox off the page and ends its machine. What still waits rejects with `cancelled`. */
  dispose(): void;
}

/** What a sandbox tells. */
export interface SandboxEvents {
  /** The machine is on its way up. `totalBytes` is 0 where there is nothing to count. */
  readonly progress: { readonly stage: string; readonly message: string; readonly loadedBytes: number; readonly totalBytes: number };
  /** A step of the lesson has passed, and had not before. `number` is the step's, from 1. */
  readonly 'step-passed': {
    readonly lesson: string;
    readonly step: string;
    readonly title: string;
    readonly number: number;
    readonly stepCount: number;
    readonly passedCount: number;
  };
  /** The last step that was open has passed. */
  readonly 'lesson-completed': { readonly lesson: string; readonly title: string; readonly stepCount: number };
  /** The sandbox could not be reached, or its machine did not start or stopped. The frame tells the learner too. */
  readonly error: SandboxError;
}

/** How the machine came up, and the lesson if there is one. */
export interface ReadyReport {
  /** From its saved state, or by a full boot. */
  readonly kind: 'restored' | 'cold';
  readonly elapsedMilliseconds: number;
  readonly lesson:
    | {
        readonly id: string;
        readonly title: string;
        readonly steps: readonly { readonly id: string; readonly title: string; readonly isPassed: boolean }[];
      }
    | undefined;
}

export interface RunOptions {
  /** Given to the command's standard input. */
  readonly stdin?: string;
  /** /workspace unless told. */
  readonly directory?: string;
  /** The command is then ended; 120,000 unless told. */
  readonly timeoutMilliseconds?: number;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the checks of a step say. Texts are for the learner; what is code in them stands between backticks. */
export interface CheckReport {
  readonly lesson: string;
  readonly step: { readonly id: string; readonly title: string };
  /** Everything the step asks for is done, its questions too. */
  readonly isPassed: boolean;
  readonly checks: readonly {
    /** What is to be true, in the learner's words. */
    readonly text: string;
    /** `broken`: the check itself could not run; `reason` says why. */
    readonly outcome: 'passed' | 'failed' | 'broken';
    readonly expected?: string;
    readonly found?: string;
    readonly hint?: string;
    readonly reason?: string;
  }[];
}

/** Why a call failed. `message` is for people and says what to do. */
export declare class SandboxError extends Error {
  constructor(code: SandboxErrorCode, message: string);
  readonly code: SandboxErrorCode;
}

export type SandboxErrorCode =
  /** This page may not embed that Drydock. */
  | 'embed-refused'
  /** embed.js and Drydock are of different versions. */
  | 'embed-mismatch'
  /** A wrong argument, or no lesson to check. */
  | 'call-refused'
  /** There is no such lesson, or it has mistakes. */
  | 'lesson-invalid'
  /** A link or an archive that cannot be used. */
  | 'share-invalid'
  | 'timed-out'
  /** By `dispose`. */
  | 'cancelled'
  /** The machine stopped, or the frame was loaded anew. */
  | 'machine-stopped'
  /** A path or a size that the workspace does not take. */
  | 'workspace-refused'
  | 'storage-refused'
  /** From here on: why the machine did not start or a command did not run. */
  | 'machine-failed'
  | 'guest-unreachable'
  | 'docker-refused'
  | 'no-webassembly'
  | 'out-of-memory'
  | 'download-failed'
  | 'download-damaged'
  | 'snapshot-damaged'
  | 'snapshot-mismatch';
