/** By how much a bound is longer than what a wait takes at most on a machine like ours: bounds are there so that nothing hangs, not to measure. */
export const PATIENCE = 2;
