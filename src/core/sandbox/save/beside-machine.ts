/** How long the machine is kept waiting at a time. */
const SLICE_MILLISECONDS = 5;
/** How long the machine has the worker for itself then. */
const PAUSE_MILLISECONDS = 10;

/**
 * Does work a little at a time, in the thread in which the machine runs: between two slices the machine goes on, so nobody at its terminals notices more
 * than that it is slower. Once `isHurried` says so, no time is left to the machine any more.
 */
export async function besideMachine(steps: Iterator<void>, isHurried: () => boolean): Promise<void> {
  for (;;) {
    const end = performance.now() + SLICE_MILLISECONDS;
    while (isHurried() || performance.now() < end) if (steps.next().done === true) return;
    await new Promise<void>(resolve => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}
