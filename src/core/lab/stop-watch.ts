import type { Run } from './lab-state.ts';

/** Takes the time of one start, step by step. It begins when it is made. */
export class StopWatch {
  readonly #start = performance.now();
  #last = this.#start;
  readonly #steps: { what: string; milliseconds: number }[] = [];

  /** A step has come to its end. */
  step(what: string): void {
    const now = performance.now();
    this.#steps.push({ what, milliseconds: now - this.#last });
    this.#last = now;
  }

  run(): Run {
    return { milliseconds: this.#last - this.#start, steps: this.#steps };
  }
}
