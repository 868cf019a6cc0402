import { expect, test } from 'vitest';
import { replayOf } from '../../../src/core/sandbox/guest/terminal-replay.ts';

const replayed = (text: string): string => new TextDecoder().decode(replayOf(new TextEncoder().encode(text)));
const COMMAND = '\x1b]133;C;0;1\x07';
const END = '\x1b]133;D;0\x07\x1b]133;E;   12  docker ps\r\n\x07';

test('text, colours and letters of all languages stay', () => {
  const text = '\x1b[1;36mdrydock\x1b[0m:\x1b[2K\x1b[?2004h# grüße 漢字 🐳\r\n';
  expect(replayed(text)).toBe(text);
});

test.each([
  ['where the cursor is', '\x1b[6n'],
  ['how it is', '\x1b[5n'],
  ['what it is', '\x1b[c'],
  ['what it is, more', '\x1b[>0c'],
  ['a mode', '\x1b[?2026$p'],
  ['its colour', '\x1b]11;?\x07'],
  ['its colour, ended otherwise', '\x1b]10;?\x1b\\'],
  ['its size', '\x1b[18t'],
  ['a setting', '\x1bP+q544e\x1b\\'],
])('the question for %s is not asked again', (_, query) => {
  expect(replayed(`before${query}after`)).toBe('beforeafter');
});

test('a colour that is set, not asked for, stays', () => {
  expect(replayed('\x1b]11;#000000\x07x')).toBe('\x1b]11;#000000\x07x');
});

test('commands that have ended are not told again', () => {
  expect(replayed(`$ docker ps\r\n${COMMAND}list\r\n${END}$ `)).toBe('$ docker ps\r\nlist\r\n$ ');
});

test('of a command that runs the mark stays, and only of that', () => {
  const first = `$ ls\r\n${COMMAND}a b\r\n${END}`;
  expect(replayed(`${first}$ sleep 100\r\n${COMMAND}waiting`)).toBe(`$ ls\r\na b\r\n$ sleep 100\r\n${COMMAND}waiting`);
});

test('an end whose begin was cut off goes as well', () => {
  expect(replayed(`tail\r\n${END}$ `)).toBe('tail\r\n$ ');
});
