import { effect } from '@preact/signals';
import { withTimeout } from '../../core/base/errors.ts';

/** Resolves with what `read` gives as soon as that is something, and rejects with what it throws. It is called again when a signal it read has changed. */
export function until<T>(read: () => T | undefined, milliseconds: number, message: string): Promise<T> {
  let stop: () => void = () => undefined;
  const found = new Promise<T>((resolve, reject) => {
    stop = effect(() => {
      try {
        const value = read();
        if (value !== undefined) resolve(value);
      } catch (error) {
        reject(error);
      }
    });
  });
  return withTimeout(found, milliseconds, message).finally(() => stop());
}
