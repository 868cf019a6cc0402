import type { Event } from './events.ts';

/**
 * Does `work`, or rejects with the first error that nothing caught meanwhile, as `toError` tells it: v86 starts in promises of its own, and what
 * fails there reaches no caller.
 */
export async function orUncaught<T>(work: () => Promise<T>, onUncaught: Event<unknown> | undefined, toError: (error: unknown) => Error): Promise<T> {
  let stopListening: () => void = () => undefined;
  const crash = new Promise<never>((_, reject) => {
    stopListening = onUncaught?.(error => reject(toError(error))) ?? stopListening;
  });
  try {
    return await Promise.race([work(), crash]);
  } finally {
    stopListening();
  }
}
