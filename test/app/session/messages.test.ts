import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Messages } from '../../../src/app/session/messages.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is announced at once is all said, the same twice too, and goes when it was read', () => {
  const messages = new Messages();
  for (const text of ['Passed: A.', 'Passed: B.', 'Copied.', 'Copied.']) messages.announce(text);
  expect(messages.announcements.value.map(({ text }) => text)).toEqual(['Passed: A.', 'Passed: B.', 'Copied.', 'Copied.']);
  expect(new Set(messages.announcements.value.map(({ id }) => id)).size).toBe(4);
  vi.advanceTimersByTime(60_000);
  expect(messages.announcements.value).toEqual([]);
});

test('a message goes by itself, but not while somebody is at it', () => {
  const messages = new Messages();
  messages.show('Deleted a.txt.', { action: { label: 'Undo', run: () => undefined } });
  messages.hold(true);
  vi.advanceTimersByTime(60_000);
  expect(messages.shown.value.map(({ text }) => text)).toEqual(['Deleted a.txt.']);
  messages.hold(false);
  vi.advanceTimersByTime(60_000);
  expect(messages.shown.value).toEqual([]);
});
