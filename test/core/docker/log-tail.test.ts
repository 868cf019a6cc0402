import { expect, test } from 'vitest';
import { LogTail } from '../../../src/core/docker/log-tail.ts';

const piece = (text: string | Uint8Array, stream: 'stdout' | 'stderr' = 'stdout') => ({
  stream,
  bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text,
});

test('streams stay apart and in order', () => {
  const tail = new LogTail(100);
  tail.add(piece('one\n'));
  tail.add(piece('two\n'));
  tail.add(piece('oh\n', 'stderr'));
  tail.add(piece('three'));
  expect(tail.spans).toEqual([
    { stream: 'stdout', text: 'one\ntwo\n' },
    { stream: 'stderr', text: 'oh\n' },
    { stream: 'stdout', text: 'three' },
  ]);
});

test('a character cut in two is one character', () => {
  const tail = new LogTail(100);
  const bytes = new TextEncoder().encode('ü🐳');
  for (const byte of bytes) tail.add(piece(Uint8Array.of(byte)));
  expect(tail.spans).toEqual([{ stream: 'stdout', text: 'ü🐳' }]);
});

test('what is too much is left out from the front, by lines', () => {
  const tail = new LogTail(20);
  for (let index = 0; index < 1000; index++) tail.add(piece(`line ${index}\n`, index % 7 === 0 ? 'stderr' : 'stdout'));
  expect(tail.spans.map(({ text }) => text).join('')).toBe('line 998\nline 999\n');
  tail.add(piece('x'.repeat(50)));
  expect(tail.spans).toEqual([]);
});

test('colours and movements of a terminal are left out; a line that was written over shows what it became', () => {
  const tail = new LogTail(100);
  tail.add(piece('\x1b[31mred\x1b[0m\r\n10 %\r100 %\n\x1b]0;title\x07end'));
  expect(tail.spans).toEqual([{ stream: 'stdout', text: 'red\n100 %\nend' }]);
});
