const FIRST_PAUSE_MILLISECONDS = 250;

/** Does `work` until it succeeds, so many times at most, after ever longer pauses. It is told whether it failed before. Rejects with the last failure. */
export async function attempt<T>(times: number, work: (isAgain: boolean) => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    if (failures > 0) await new Promise<void>(resolve => setTimeout(resolve, FIRST_PAUSE_MILLISECONDS * 2 ** failures));
    try {
      return await work(failures > 0);
    } catch (error) {
      if (failures + 1 >= times) throw error;
    }
  }
}
