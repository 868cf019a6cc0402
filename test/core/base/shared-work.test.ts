import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eitherSignal, SharedWork } from '../../../src/core/base/shared-work.ts';

function begun(grace: number): { work: SharedWork<string>; end: (result: string) => void; called: AbortSignal } {
  let end: (result: string) => void = () => undefined;
  let called = new AbortController().signal;
  const work = new SharedWork<string>(signal => {
    called = signal;
    return new Promise((resolve, reject) => {
      end = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }, grace);
  return { work, end, called };
}

test('work that nobody waits for is called off, after a while', async () => {
  const { called, work } = begun(30);
  const waiter = new AbortController();
  const result = work.wait(waiter.signal);
  result.catch(() => undefined);
  waiter.abort();
  expect(called.aborted).toBe(false);
  await expect(result).rejects.toThrow('nobody waits');
});

test('whoever asks again in time has it go on, and one who stays is enough', async () => {
  const { called, end, work } = begun(30);
  const [first, second] = [new AbortController(), new AbortController()];
  const results = [work.wait(first.signal)];
  first.abort();
  results.push(work.wait(second.signal), work.wait(new AbortController().signal));
  second.abort();
  await pause(60);
  expect(called.aborted).toBe(false);
  end('done');
  expect(await Promise.all(results)).toEqual(['done', 'done', 'done']);
});

test('either of two signals ends a third, until it is let go of', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const both = eitherSignal(one.signal, other.signal);
  const free = eitherSignal(one.signal, other.signal);
  free.dispose();
  other.abort(new Error('enough'));
  expect([both.signal.aborted, (both.signal.reason as Error).message, free.signal.aborted]).toEqual([true, 'enough', false]);
  expect(eitherSignal(one.signal, other.signal).signal.aborted).toBe(true);
});
