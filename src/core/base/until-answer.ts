/** How long and how often something is asked that may have no answer yet, in milliseconds. */
export interface Patience {
  readonly milliseconds: number;
  readonly pauseMilliseconds: number;
  /** Asked after each question without an answer: false where none will come. */
  readonly isWorthWaiting?: () => Promise<boolean>;
}

/** Asks again and again, with pauses, until there is an answer; undefined where none came in time. Rejects as soon as `ask` does. */
export async function untilAnswer<T>(ask: () => Promise<T | undefined>, patience: Patience): Promise<T | undefined> {
  const end = performance.now() + patience.milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > end || (await patience.isWorthWaiting?.()) === false) return answer;
    await new Promise<void>(resolve => setTimeout(resolve, patience.pauseMilliseconds));
  }
}
