import { expect, test } from 'vitest';
import { PanicWatch } from '../../../src/core/lab/panic-watch.ts';

/** As Linux 6.12 prints it on its serial console. */
const PANIC = [
  '[    4.778000] sysrq: Trigger a crash\r\n',
  '[    4.778100] Kernel panic - not syncing: sysrq triggered crash\r\n',
  '[    4.778200] CPU: 0 UID: 0 PID: 30 Comm: sh Not tainted 6.12.107-vm #1\r\n',
  '[    4.778300] ---[ end Kernel panic - not syncing: sysrq triggered crash ]---\r\n',
].join('');

test.each([1, 7, 1000])('a panic is seen once, in pieces of %i characters', size => {
  const seen: string[] = [];
  const watch = new PanicWatch(message => seen.push(message));
  for (let at = 0; at < PANIC.length; at += size) watch.push(PANIC.slice(at, at + size));
  expect(seen).toEqual(['sysrq triggered crash']);
});

test('other lines are none, and a line without end does not pile up', () => {
  const seen: string[] = [];
  const watch = new PanicWatch(message => seen.push(message));
  watch.push('Linux version 6.12.107-vm\n');
  for (let index = 0; index < 1000; index++) watch.push('x'.repeat(1000));
  watch.push('\nKernel panic is what we wait for\n');
  expect(seen).toEqual([]);
});
