import { errorCodes, messageOf, SandboxError, type ErrorCode } from '../base/errors.ts';

/** An error as plain data: structured clone keeps an Error's name and message, but loses our code. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  /** What a developer needs: the chain of causes as text. */
  readonly detail?: string;
}

/** The answer of a call across a realm: either its value or its error, never a throw. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Anything thrown, as plain data. What is not a SandboxError becomes `machine-failed`. */
export function encodeError(error: unknown): WireError {
  const code = error instanceof SandboxError ? error.code : 'machine-failed';
  const detail = causesOf(error);
  return detail === '' ? { code, message: messageOf(error) } : { code, message: messageOf(error), detail };
}

/** Rebuilds the SandboxError that `encodeError` took apart; a code it does not know becomes `machine-failed`. */
export function decodeError(wire: WireError): SandboxError {
  const code = errorCodes.includes(wire.code) ? wire.code : 'machine-failed';
  return new SandboxError(code, wire.message, wire.detail === undefined ? {} : { cause: wire.detail });
}

/** Runs `work` and tells how it ended, as plain data. */
export async function outcomeOf<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: encodeError(error) };
  }
}

/** The value of an outcome; throws its error as a SandboxError. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw decodeError(outcome.error);
}

function causesOf(error: unknown): string {
  const lines: string[] = [];
  let cause = error instanceof SandboxError ? error.cause : error instanceof Error ? error.stack : undefined;
  // A cause may in a mistake lead back to itself: eight deep is more than anyone reads.
  while (cause !== undefined && cause !== null && lines.length < 8) {
    lines.push(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines.join('\n');
}
