/** What can go wrong, as a closed set: the page has a sentence and a remedy for each. */
export const errorCodes = [
  'no-webassembly',
  'out-of-memory',
  'download-failed',
  'download-damaged',
  'snapshot-mismatch',
  'snapshot-damaged',
  'machine-failed',
  'machine-stopped',
  'guest-unreachable',
  'docker-refused',
  'workspace-refused',
  'storage-refused',
  'lesson-invalid',
  'share-invalid',
  'timed-out',
  'cancelled',
  'embed-refused',
  'embed-mismatch',
  'call-refused',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * The one error class of Drydock. `message` is for the learner: it says in plain words what happened and what they can do.
 * What a developer needs stands in `cause`.
 */
export class SandboxError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'SandboxError';
  }
}

/** The text of anything thrown, for a message or a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For something of the site that was made for another version of the page; `subject` is the beginning of the sentence, up to its "is" or "are". */
export function otherVersionError(subject: string): SandboxError {
  const remedy = 'Reload the page; if that does not help, tell whoever runs the site to build it again.';
  return new SandboxError('snapshot-mismatch', `${subject} of another version than the page. ${remedy}`);
}

/** Rejects with `timed-out` and the given sentence when `work` takes longer than `milliseconds`. */
export function withTimeout<T>(work: Promise<T>, milliseconds: number, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new SandboxError('timed-out', message)), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
