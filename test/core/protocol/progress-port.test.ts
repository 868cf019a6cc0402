import { expect, test } from 'vitest';
import { tellProgress, withProgress } from '../../../src/core/protocol/progress-port.ts';

test('what the worker tells while it works reaches the page', async () => {
  const told: (readonly [number, number])[] = [];
  const result = await withProgress(
    (...progress) => void told.push(progress),
    async port => {
      const tell = tellProgress(port);
      tell(1, 3);
      tell(3, 3);
      await new Promise(resolve => setTimeout(resolve, 20));
      return 'done';
    },
  );
  expect(result).toBe('done');
  expect(told).toEqual([
    [1, 3],
    [3, 3],
  ]);
});

test('work that fails fails here too, and nobody needs to listen', async () => {
  await expect(withProgress(undefined, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
});
