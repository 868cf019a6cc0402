import { expect, test } from 'vitest';
import { lazily } from '../../../src/core/base/lazily.ts';

test('what is made lazily is made once, and again after a failure', async () => {
  let count = 0;
  const get = lazily(() => Promise.resolve(++count).then(made => (made === 1 ? Promise.reject(new Error('not yet')) : made)));
  expect(count).toBe(0);
  const [first, second] = [get(), get()];
  await expect(first).rejects.toThrow('not yet');
  await expect(second).rejects.toThrow('not yet');
  expect([await get(), await get(), count]).toEqual([2, 2, 2]);
});
