import { setTimeout as pause } from 'node:timers/promises';

/** By how much a bound is longer than what a wait takes at most on a machine like ours: bounds are there so that nothing hangs, not to measure. */
const PATIENCE = 2;
const FIRST_PAUSE_MILLISECONDS = 50;
const LONGEST_PAUSE_MILLISECONDS = 1000;
const GROWTH = 1.25;

/**
 * Looks until there is something; then gives it. Who has waited for long looks less often: looking costs the machine that is waited for. Rejects with
 * what `failure` says after `milliseconds`, and as much again for a slow machine.
 */
export async function lookUntil<T>(look: () => Promise<T | undefined> | T | undefined, milliseconds: number, failure: () => string): Promise<T> {
  const end = Date.now() + milliseconds * PATIENCE;
  for (let wait = FIRST_PAUSE_MILLISECONDS; ; wait = Math.min(wait * GROWTH, LONGEST_PAUSE_MILLISECONDS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(failure());
    await pause(wait);
  }
}
