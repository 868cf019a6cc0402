import { expect } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { CommandResult, RunOptions } from '../../src/core/protocol/sandbox.ts';
import type { FileChange } from '../../src/core/workspace/file-change.ts';
import { openTypedTerminal } from '../support/guest.ts';
import { lookUntil } from '../support/patience.ts';

/** The guest's own prompt, as the last thing a terminal shows. */
export const PROMPT = /drydock:\S*# $/;

/** Somebody at a terminal: types lines, reads what comes. */
export interface Learner {
  /** Everything shown so far, without escape sequences. */
  readonly text: () => string;
  /** Types keys as they are. */
  type(keys: string): Promise<void>;
  /** Types a line and waits for the next prompt; gives what was shown in between, with the echo of the line. */
  enter(line: string, prompt?: RegExp): Promise<string>;
}

/** Sits down at a terminal once it shows its prompt, or `shown`, that of what was left running there. */
export async function learnerAt(sandbox: LocalSandbox, index = 0, shown = PROMPT): Promise<Learner> {
  const terminal = await openTypedTerminal(sandbox, index);
  await eventually('the first prompt', () => (shown.test(terminal.text()) ? true : undefined));
  return {
    text: terminal.text,
    type: keys => terminal.type(keys),
    // On a later line: the shell may draw again the prompt at which the line is being typed, and the next one too.
    enter: (line, prompt = PROMPT) => terminal.typeUntil(`${line}\r`, new RegExp(`\\n[^\\n]*${prompt.source}`), 180_000),
  };
}

/** Runs a command that must succeed; gives its standard output. */
export async function succeed(sandbox: LocalSandbox, command: string, options?: RunOptions): Promise<string> {
  const result = await sandbox.run(command, options);
  expect(result, `${command}\n${result.stdout}${result.stderr}`).toMatchObject({ exitCode: 0 });
  return result.stdout;
}

/** Runs a command that must fail; gives what it said. */
export async function fail(sandbox: LocalSandbox, command: string, options?: RunOptions): Promise<CommandResult> {
  const result = await sandbox.run(command, options);
  expect(result.exitCode, `${command} should have failed, but said\n${result.stdout}${result.stderr}`).not.toBe(0);
  return result;
}

/** A file as the page writes it. */
export function written(path: string, content: string | Uint8Array, executable = false): FileChange {
  return { kind: 'written', path, content: typeof content === 'string' ? new TextEncoder().encode(content) : content, executable };
}

/** Polls until `look` gives something; throws `what` after `milliseconds`. */
export function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined, milliseconds = 120_000): Promise<T> {
  return lookUntil(look, milliseconds, () => `not within ${milliseconds / 1000} s: ${what}`);
}

/** Bytes that look random and are the same in every run. */
export function noise(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  let state = 0x2545f491;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
