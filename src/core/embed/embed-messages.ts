import type { BootStage, CommandResult } from '../protocol/sandbox.ts';
import type { WireError } from '../protocol/error-codec.ts';

/** Of everything below. A host's embed.js and the Drydock in its frame may be of different builds: they talk only where this is the same. */
export const EMBED_VERSION = 1;

/** From the host's window to the frame, again and again until there is an answer. `kind`, `version` and `nonce` stay as they are in every version. */
export interface EmbedPing {
  readonly kind: 'drydock-embed-ping';
  readonly version: number;
  /** Comes back in the answer: an answer to somebody else's question is told from one to ours. */
  readonly nonce: string;
}

/** The one answer to the host's window. `drydock-embed-port` comes with the port over which everything else goes. */
export type EmbedReply =
  | { readonly kind: 'drydock-embed-port'; readonly version: number; readonly nonce: string }
  | {
      readonly kind: 'drydock-embed-refused';
      readonly version: number;
      readonly nonce: string;
      readonly code: 'embed-refused' | 'embed-mismatch';
      readonly message: string;
    };

/** Files by path; `null` removes one. */
export type EmbedFiles = Readonly<Record<string, string | Uint8Array | null>>;

/** How a command is run. */
export interface EmbedRunOptions {
  readonly stdin?: string;
  readonly directory?: string;
  readonly timeoutMilliseconds?: number;
}

/** The lesson that the frame shows, and how far the learner has come. */
export interface EmbedLesson {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly { readonly id: string; readonly title: string; readonly isPassed: boolean }[];
}

/** How the machine came up. */
export interface EmbedReadyReport {
  readonly kind: 'restored' | 'cold';
  readonly elapsedMilliseconds: number;
  readonly lesson: EmbedLesson | undefined;
}

/** One check of a step, and how it came out. Sentences are in the learner's words. */
export interface EmbedCheck {
  /** What is to be true. */
  readonly text: string;
  /** `broken`: the check itself could not run. */
  readonly outcome: 'passed' | 'failed' | 'broken';
  readonly expected?: string;
  readonly found?: string;
  readonly hint?: string;
  /** Why it is broken. */
  readonly reason?: string;
}

/** What the checks of the current step say. */
export interface EmbedCheckReport {
  readonly lesson: string;
  readonly step: { readonly id: string; readonly title: string };
  /** Everything the step asks for is done, its questions too. */
  readonly isPassed: boolean;
  readonly checks: readonly EmbedCheck[];
}

/** What a host may ask of the frame: a closed list. */
export interface EmbedCalls {
  /** Gives the files to begin with; the first call on a port. */
  readonly open: { readonly parameters: { readonly files?: EmbedFiles }; readonly result: undefined };
  /** Answers when a learner can type. */
  readonly ready: { readonly parameters: Readonly<Record<string, never>>; readonly result: EmbedReadyReport };
  readonly run: { readonly parameters: EmbedRunOptions & { readonly command: string }; readonly result: CommandResult };
  readonly readFile: { readonly parameters: { readonly path: string }; readonly result: Uint8Array | undefined };
  readonly writeFiles: { readonly parameters: { readonly files: EmbedFiles }; readonly result: undefined };
  readonly check: { readonly parameters: Readonly<Record<string, never>>; readonly result: EmbedCheckReport };
}

export const embedCallNames = ['open', 'ready', 'run', 'readFile', 'writeFiles', 'check'] as const satisfies readonly (keyof EmbedCalls)[];
export type EmbedCallName = keyof EmbedCalls;

/** What the frame tells without being asked, by name. */
export interface EmbedEvents {
  /** The machine on its way up. */
  readonly progress: { readonly stage: BootStage; readonly message: string; readonly loadedBytes: number; readonly totalBytes: number };
  readonly 'step-passed': {
    readonly lesson: string;
    readonly step: string;
    readonly title: string;
    /** Of the step, from 1. */
    readonly number: number;
    readonly stepCount: number;
    readonly passedCount: number;
  };
  readonly 'lesson-completed': { readonly lesson: string; readonly title: string; readonly stepCount: number };
  /** The machine did not start, or stopped. */
  readonly error: WireError;
}

export const embedEventNames = ['progress', 'step-passed', 'lesson-completed', 'error'] as const satisfies readonly (keyof EmbedEvents)[];
export type EmbedEventName = keyof EmbedEvents;

/** One event, with its name. */
export type EmbedEvent = { readonly [K in EmbedEventName]: { readonly name: K; readonly detail: EmbedEvents[K] } }[EmbedEventName];

/** From the host, on the port. */
export type EmbedRequest = {
  readonly [K in EmbedCallName]: { readonly kind: 'call'; readonly id: number; readonly name: K; readonly parameters: EmbedCalls[K]['parameters'] };
}[EmbedCallName];

/** From the frame, on the port. An answer has the id of its call. */
export type EmbedResponse =
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: false; readonly error: WireError }
  | ({ readonly kind: 'event' } & EmbedEvent);
