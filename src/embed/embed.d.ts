/**
 * Drydock in a page of your own: `createSandbox(element, options)` puts a computer with Docker into an element and gives you its controls.
 * docs/embed.md has examples and says what to watch out for. This file stands alone; the build copies it beside embed.js.
 */

/**
 * Puts a sandbox into an element and fills it. Throws a TypeError if an option is wrong.
 *
 *     const sandbox = createSandbox(document.getElementById('sandbox'), { layout: 'terminal' });
 *     await sandbox.ready;
 *     const { stdout } = await sandbox.run('docker version');
 */
export declare function createSandbox(element: HTMLElement, options?: SandboxOptions): EmbeddedSandbox;

/** What the sandbox should be like. Every option may be left out. */
export interface SandboxOptions {
  /** The id of a lesson on that Drydock site, like `02-first-image`, or the address of one (`https://…/x.lesson.json`). */
  readonly lesson?: string;
  /** The files in the workspace when learners open it for the first time. Learners who come back find their own files. Cannot be combined with `lesson`, which has its own. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What the page shows at the beginning. The default is `full`. Learners can open the other parts when they need them. */
  readonly layout?: 'full' | 'terminal' | 'editor-terminal' | 'lesson-terminal';
  /** `auto` follows the learner's system. It is the default. */
  readonly theme?: 'light' | 'dark' | 'auto';
  /** The address of Drydock. By default it is where embed.js was loaded from. */
  readonly url?: string;
  /** Keeps the files of this sandbox separate from those of your site's other sandboxes. By default the name is made from your page's path and the sandbox's place in the page. */
  readonly workspace?: string;
  /** The name of the frame for screen readers. */
  readonly title?: string;
}

/** The controls of a sandbox. A promise that fails rejects with a SandboxError, whose message says what to do. No promise waits for ever. */
export interface EmbeddedSandbox {
  /** The frame in your element. */
  readonly frame: HTMLIFrameElement;
  /** Resolves when a learner can type. */
  readonly ready: Promise<ReadyReport>;
  /**
   * Runs a command line as root in the machine, in /workspace and outside the learner's terminals. Waits until the machine is ready.
   * A command
   that fails gives an answer (its exit code), not an error.
   */
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  /** Reads a file of the workspace as text. Gives undefined if there is no such file. */
  readFile(path: string, as?: 'text'): Promise<string | undefined>;
  /** Reads a file of the workspace as bytes. Gives undefined if there is no such file. */
  readFile(path: string, as: 'bytes'): Promise<Uint8Array | undefined>;
  /** Writes files into the workspace, and removes those that are `null`. Resolves when the machine has them too. */
  writeFiles(files: Readonly<Record<string, string | Uint8Array | null>>): Promise<void>;
  /** Runs the checks of the lesson's current step now and reports the result of each. Rejects with `call-refused` if there is no lesson. */
  check(): Promise<CheckReport>;
  /** Listens to an event. Call the function it returns to stop listening. */
  on<K extends keyof SandboxEvents>(event: K, listener: (detail: SandboxEvents[K]) => void): () => void;
  /** Removes the sandbox from the page and ends its machine. Promises that are still waiting reject with `cancelled`. */
  dispose(): void;
}

/** The events of a sandbox. */
export interface SandboxEvents {
  /** The machine is starting. `totalBytes` is 0 if there is nothing to count. */
  readonly progress: { readonly stage: string; readonly message: string; readonly loadedBytes: number; readonly totalBytes: number };
  /** A step of the lesson has passed for the first time. `number` is the number of the step, from 1. */
  readonly 'step-passed': {
    readonly lesson: string;
    readonly step: string;
    readonly title: string;
    readonly number: number;
    readonly stepCount: number;
    readonly passedCount: number;
  };
  /** The last open step has passed. */
  readonly 'lesson-completed': { readonly lesson: string; readonly title: string; readonly stepCount: number };
  /** The sandbox could not be reached, its machine did not start, or its machine stopped. The frame tells the learner too. */
  readonly error: SandboxError;
}

/** How the machine started, and the lesson if there is one. */
export interface ReadyReport {
  /** `restored` from its saved state, or `cold` after a full boot. */
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
  /** The command's standard input. */
  readonly stdin?: string;
  /** The working directory. The default is /workspace. */
  readonly directory?: string;
  /** The command is ended after this time. The default is 120,000. */
  readonly timeoutMilliseconds?: number;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The results of a step's checks. The texts are for the learner; code in them is between backticks. */
export interface CheckReport {
  readonly lesson: string;
  readonly step: { readonly id: string; readonly title: string };
  /** Whether everything that the step asks for is done, including its questions. */
  readonly isPassed: boolean;
  readonly checks: readonly {
    /** What must be true, in words for the learner. */
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
  /** embed.js and Drydock have different versions. */
  | 'embed-mismatch'
  /** A wrong argument, or no lesson to check. */
  | 'call-refused'
  /** There is no such lesson, or it has mistakes. */
  | 'lesson-invalid'
  /** A link or an archive that cannot be used. */
  | 'share-invalid'
  | 'timed-out'
  /** The sandbox was disposed of. */
  | 'cancelled'
  /** The machine stopped, or the frame was reloaded. */
  | 'machine-stopped'
  /** A path or a size that the workspace does not accept. */
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
