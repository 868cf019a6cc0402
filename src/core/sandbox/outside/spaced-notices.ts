import type { Notice } from '../../protocol/sandbox.ts';

/** The same thing is reported again after this long at the earliest; different things, after the shorter pause. */
const SAME_MILLISECONDS = 600_000;
const ANY_MILLISECONDS = 10_000;

/** Passes notices on, but not one for each of a hundred attempts: what was refused says so in the terminal as well. */
export class SpacedNotices {
  readonly #tell: (notice: Notice) => void;
  readonly #now: () => number;
  readonly #told = new Map<string, number>();
  #last = -Infinity;

  /** `now` in milliseconds from any start. */
  constructor(tell: (notice: Notice) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  /** Tells the notice, unless what `subject` names was told not long ago. */
  tell(subject: string, notice: Notice): void {
    const now = this.#now();
    for (const [name, time] of this.#told) if (now - time >= SAME_MILLISECONDS) this.#told.delete(name);
    if (this.#told.has(subject) || now - this.#last < ANY_MILLISECONDS) return;
    this.#told.set(subject, now);
    this.#last = now;
    this.#tell(notice);
  }
  /** Withdraws reports of this kind; if the thing happens again, it is reported again. */
  withdraw(notice: Notice): void {
    this.#told.clear();
    this.#last = -Infinity;
    this.#tell({ ...notice, resolved: true });
  }
}
