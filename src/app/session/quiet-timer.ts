/** After something has happened, so long nothing is asked: a `docker run` brings about half a dozen events. But no longer than that after the first. */
export const QUIET_MILLISECONDS = 300;
const LONGEST_QUIET_MILLISECONDS = 1500;

/** Runs something once it has been quiet for a while. */
export class QuietTimer {
  readonly #run: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the first of what is waited on happened. */
  #first = 0;

  constructor(run: () => void) {
    this.#run = run;
  }

  /** Something has happened: waits for so long from now, but not beyond the longest quiet after the first. */
  schedule(milliseconds = QUIET_MILLISECONDS): void {
    const now = performance.now();
    if (this.#timer === undefined) this.#first = now;
    clearTimeout(this.#timer);
    const left = this.#first + LONGEST_QUIET_MILLISECONDS - now;
    this.#timer = setTimeout(() => this.#end(), Math.max(0, Math.min(milliseconds, left)));
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end(): void {
    this.#timer = undefined;
    this.#run();
  }
}
