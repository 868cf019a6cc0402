import type { V86Queue } from './v86-types.ts';

/** How soon to look again whether the guest's driver has a buffer for a new size. */
const RETRY_MILLISECONDS = 20;

/**
 * Tells the guest how large its terminals are. v86 drops a size while the driver of the guest has no buffer for it, which
 * happens when a learner drags an edge: here the last size of each terminal is kept until it can be told.
 */
export class TerminalSizes {
  readonly #waiting = new Map<number, readonly [columns: number, rows: number]>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly controlQueue: Pick<V86Queue, 'has_request'>,
    private readonly tell: (port: number, columns: number, rows: number) => void,
  ) {}

  set(port: number, columns: number, rows: number): void {
    this.#waiting.set(port, [columns, rows]);
    if (this.#timer === undefined) this.#tellWaiting();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #tellWaiting(): void {
    this.#timer = undefined;
    for (const [port, [columns, rows]] of this.#waiting) {
      if (!this.controlQueue.has_request()) {
        this.#timer = setTimeout(() => this.#tellWaiting(), RETRY_MILLISECONDS);
        return;
      }
      this.#waiting.delete(port);
      this.tell(port, columns, rows);
    }
  }
}
