import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { untilAnswer } from '../../../src/core/base/until-answer.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const patience = { milliseconds: 1000, pauseMilliseconds: 100 };

/** Asks until there is an answer; gives it and how often it was asked for. */
async function asked<T>(ask: (count: number) => T | undefined, isWorthWaiting?: () => Promise<boolean>): Promise<readonly [T | undefined, number]> {
  let count = 0;
  const answer = untilAnswer(() => Promise.resolve(ask(++count)), { ...patience, ...(isWorthWaiting && { isWorthWaiting }) });
  await vi.advanceTimersByTimeAsync(5000);
  return [await answer, count];
}

test('an answer ends the asking, also one that says no', async () => {
  expect(await asked(count => (count === 3 ? 'yes' : undefined))).toEqual(['yes', 3]);
  expect(await asked(() => false)).toEqual([false, 1]);
});

test('it ends with its time, or when no answer will come', async () => {
  const [answer, count] = await asked(() => undefined);
  expect(answer).toBeUndefined();
  expect(count).toBeGreaterThan(9);
  expect(
    await asked(
      () => undefined,
      () => Promise.resolve(false),
    ),
  ).toEqual([undefined, 1]);
});

test('a question that fails is not asked again', async () => {
  await expect(untilAnswer(() => Promise.reject(new Error('cancelled')), patience)).rejects.toThrow('cancelled');
});
