import { expect, test } from 'vitest';
import { SpacedNotices } from '../../../src/core/sandbox/outside/spaced-notices.ts';

test('a notice is told at once, then not again for a while, and others not right after it', () => {
  const told: string[] = [];
  let now = 1000;
  const notices = new SpacedNotices(
    notice => told.push(notice.message),
    () => now,
  );
  const tell = (subject: string) => notices.tell(subject, { code: 'no-internet', message: subject, canRetry: false });
  for (const [time, subject] of [
    [0, 'a'],
    [1, 'a'],
    [9_999, 'b'],
    [10_000, 'b'],
    [30_000, 'a'],
    [599_999, 'a'],
    [600_000, 'a'],
    [600_001, 'c'],
  ] as const) {
    now = 1000 + time;
    tell(subject);
  }
  expect(told).toEqual(['a', 'b', 'a']);
});
