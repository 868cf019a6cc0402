/** How long work goes on for which nobody waits: whoever gave up may ask again at once. */
const GRACE_MILLISECONDS = 10_000;

/** Work that several may wait for. It is called off when nobody has waited for it for a while. */
export class SharedWork<T> {
  readonly #abort = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    work: (signal: AbortSignal) => Promise<T>,
    private readonly graceMilliseconds = GRACE_MILLISECONDS,
  ) {
    this.#result = work(this.#abort.signal).finally(() => {
      this.#isOver = true;
      clearTimeout(this.#timer);
    });
    // Where nobody waits any more, nobody is told.
    this.#result.catch(() => undefined);
  }

  /** Waits for the result. When `signal` aborts, this caller is no longer counted; the result is told all the same. */
  async wait(signal: AbortSignal): Promise<T> {
    const leave = this.#join();
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      return await this.#result;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Counts one who waits, until what it gives is called. */
  #join(): () => void {
    this.#waiting += 1;
    clearTimeout(this.#timer);
    return () => {
      this.#waiting -= 1;
      if (this.#waiting > 0 || this.#isOver) return;
      this.#timer = setTimeout(() => this.#abort.abort(new Error('nobody waits for it any more')), this.graceMilliseconds);
    };
  }
}

/** A signal that aborts when either does. `dispose` lets go of both. */
export function eitherSignal(one: AbortSignal, other: AbortSignal): { readonly signal: AbortSignal; dispose(): void } {
  const both = new AbortController();
  const follow = (): void => both.abort((one.aborted ? one : other).reason);
  for (const signal of [one, other]) {
    if (signal.aborted) follow();
    else signal.addEventListener('abort', follow, { once: true });
  }
  return {
    signal: both.signal,
    dispose: () => {
      one.removeEventListener('abort', follow);
      other.removeEventListener('abort', follow);
    },
  };
}
