import type { CommandResult, RunOptions } from '../../../core/protocol/sandbox.ts';
import type { LessonSource } from './lesson-source.ts';

/** In memory, and so a part of the machine that is saved; a machine that boots has none. */
const FOLDER = '/run/drydock-lessons';
/** It only reads or writes a few bytes; a busy machine may take its time. */
const LIMIT_MILLISECONDS = 60_000;
const NAME_LENGTH = 24;

type Run = (command: string, options?: RunOptions) => Promise<CommandResult>;

/**
 * What a machine itself remembers of a lesson: that it was prepared for it, and which steps have passed in it. It is saved with the machine, so for learners
 * who come back, the lesson's set-up does not tidy their containers away.
 */
export class LessonMark {
  readonly #file: Promise<string>;
  #order: Promise<unknown> = Promise.resolve();

  /** `isKept`: does the machine go on after this visit? Where it does not there is nothing to remember. */
  constructor(
    source: LessonSource,
    setup: readonly string[],
    private readonly run: Run,
    private readonly isKept: boolean,
  ) {
    this.#file = isKept ? nameOf(new TextEncoder().encode(JSON.stringify([source, setup]))) : Promise.resolve('');
    // Where it cannot be had, nothing is remembered.
    this.#file.catch(() => undefined);
  }

  /** The ids of the steps that have passed in this machine, or undefined where it was not made ready for the lesson. */
  async read(): Promise<readonly string[] | undefined> {
    const { exitCode, stdout } = await this.#do(file => `cat ${file}`);
    return exitCode === 0 ? stdout.split('\n').filter(id => id !== '') : undefined;
  }

  /** The machine is ready. */
  async make(): Promise<void> {
    await this.#do(file => `mkdir -p ${FOLDER} && : > ${file}`);
  }

  /** A step has passed. */
  async add(stepId: string): Promise<void> {
    // Ids come from headings: letters, digits and hyphens. What else might be there ends nothing.
    await this.#do(file => `[ -e ${file} ] && printf '%s\\n' '${stepId.replaceAll("'", '')}' >> ${file}`);
  }

  /** The machine was tidied up, or is to be made ready again. */
  async remove(): Promise<void> {
    await this.#do(file => `rm -f ${file}`);
  }

  /** One after the other. A machine that is gone remembers nothing, and nobody need be told. */
  #do(command: (file: string) => string): Promise<Pick<CommandResult, 'exitCode' | 'stdout'>> {
    const nothing = { exitCode: 1, stdout: '' };
    if (!this.isKept) return Promise.resolve(nothing);
    const done = this.#order.then(async () => this.run(command(await this.#file), { timeoutMilliseconds: LIMIT_MILLISECONDS })).catch(() => nothing);
    this.#order = done;
    return done;
  }
}

/** Its code is loaded only now: it is large, and who opens no lesson needs none. */
async function nameOf(key: Uint8Array): Promise<string> {
  const { sha256Of } = await import('../../../core/base/sha256.ts');
  return `${FOLDER}/${(await sha256Of(key)).slice(0, NAME_LENGTH)}`;
}
