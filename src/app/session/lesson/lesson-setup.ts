import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { CommandResult, RunOptions } from '../../../core/protocol/sandbox.ts';
import type { LessonMark } from './lesson-mark.ts';

/** How far the commands are that make the machine ready for a lesson. */
export type SetupState =
  /** Waits for the machine, or for the learner's word. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly command: string; readonly number: number; readonly count: number }
  | { readonly kind: 'done' }
  /** All were run, and these did not end well. */
  | { readonly kind: 'failed'; readonly failures: readonly SetupFailure[] };

/** A command that did not end well. */
export interface SetupFailure {
  readonly command: string;
  readonly reason: string;
}

type Run = (command: string, options?: RunOptions) => Promise<CommandResult>;

/** An image may be pulled or built. */
const SETUP_MILLISECONDS = 600_000;
/** Nobody waits longer for what is only tidied up. */
const CLEANUP_MILLISECONDS = 60_000;
const SHOWN_OUTPUT = 600;

/** Runs the set-up commands of a lesson, once in each machine. */
export class LessonSetup {
  readonly #run: Run;
  readonly #state = signal<SetupState>({ kind: 'waiting' });
  #attempt = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  readonly state: ReadonlySignal<SetupState> = computed(() => this.#state.value);
  /** True when the machine is as the lesson wants it, or will not become so by waiting. */
  readonly isSettled: ReadonlySignal<boolean> = computed(() => this.#state.value.kind === 'done' || this.#state.value.kind === 'failed');

  /** Gives up what is under way: its machine is gone, or the lesson is. */
  wait(): void {
    this.#attempt += 1;
    this.#state.value = { kind: 'waiting' };
  }

  /**
   * Runs the commands, one after the other, unless this machine was made ready before: then it gives the ids of the steps that have passed in it. Without
   * a mark nothing is remembered.
   */
  async begin(commands: readonly string[], mark: LessonMark | undefined): Promise<readonly string[]> {
    const attempt = ++this.#attempt;
    const passed = await mark?.read();
    if (attempt !== this.#attempt) return [];
    if (passed === undefined) await this.#runAll(commands, mark, attempt);
    else this.#state.value = { kind: 'done' };
    return passed ?? [];
  }

  async #runAll(commands: readonly string[], mark: LessonMark | undefined, attempt: number): Promise<void> {
    const failures: SetupFailure[] = [];
    for (const [index, command] of commands.entries()) {
      this.#state.value = { kind: 'running', command, number: index + 1, count: commands.length };
      const reason = await this.#problemOf(command);
      if (attempt !== this.#attempt) return;
      if (reason !== undefined) failures.push({ command, reason });
    }
    if (failures.length === 0) await mark?.make();
    if (attempt !== this.#attempt) return;
    this.#state.value = failures.length === 0 ? { kind: 'done' } : { kind: 'failed', failures };
  }

  async #problemOf(command: string): Promise<string | undefined> {
    try {
      const { exitCode, stderr, stdout } = await this.#run(command, { timeoutMilliseconds: SETUP_MILLISECONDS });
      if (exitCode === 0) return undefined;
      const output = `${stderr}${stdout}`.trim().slice(-SHOWN_OUTPUT);
      return `It ended with exit code ${exitCode}${output === '' ? '.' : `: ${output}`}`;
    } catch (error) {
      return messageOf(error);
    }
  }
}

/** Runs the commands that tidy up after a lesson. They may fail: there may be nothing to tidy up. */
export async function cleanUp(commands: readonly string[], run: Run): Promise<void> {
  const end = performance.now() + CLEANUP_MILLISECONDS;
  for (const command of commands) {
    const left = end - performance.now();
    if (left < 1) return;
    try {
      await run(command, { timeoutMilliseconds: left });
    } catch {
      // Nor is a machine that is gone worth a word: nothing is left in it.
    }
  }
}
