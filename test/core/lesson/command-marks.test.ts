import { describe, expect, test } from 'vitest';
import { CommandScanner } from '../../../src/core/lesson/check/command-marks.ts';

const begin = '\x1b]133;C;0;1\x07';
const end = (exitCode: number, history: string) => `\x1b]133;D;${exitCode}\x07\x1b]133;E;${history}\r\n\x07`;
const prompt = '\x1b[1;36mdrydock\x1b[0m:/workspace# ';
const bytes = (text: string) => new TextEncoder().encode(text);

function scan(text: string) {
  return new CommandScanner().push(bytes(text));
}

describe('CommandScanner', () => {
  test('tells a command when it has ended', () => {
    const scanner = new CommandScanner();
    expect(scanner.push(bytes(`${end(0, '')}${prompt}docker ps\r\n`))).toEqual([]);
    expect(scanner.isRunning).toBe(false);
    expect(scanner.push(bytes(`${begin}CONTAINER ID\r\n`))).toEqual([]);
    expect(scanner.isRunning).toBe(true);
    expect(scanner.push(bytes(`${end(0, '    1  docker ps')}${prompt}`))).toEqual([{ text: 'docker ps', exitCode: 0 }]);
    expect(scanner.isRunning).toBe(false);
    expect(scanner.promptCount).toBe(2);
  });

  test('wherever the bytes are cut', () => {
    const all = bytes(`${prompt}echo "Größe €"\r\n${begin}Größe €\r\n${end(3, '  12  echo "Größe €"')}${prompt}`);
    for (let cut = 0; cut <= all.length; cut++) {
      const scanner = new CommandScanner();
      expect([...scanner.push(all.subarray(0, cut)), ...scanner.push(all.subarray(cut))]).toEqual([{ text: 'echo "Größe €"', exitCode: 3 }]);
    }
    const scanner = new CommandScanner();
    expect([...all].flatMap(byte => scanner.push(Uint8Array.of(byte)))).toHaveLength(1);
  });

  test('Enter on an empty line and Ctrl+C at the prompt are no commands', () => {
    expect(scan(`${end(0, '  1  ls')}${prompt}\r\n${end(0, '  1  ls')}${prompt}^C\r\n${end(130, '  1  ls')}`)).toEqual([]);
  });

  test('the same command twice is two', () => {
    expect(scan(`${begin}${end(0, ' 1  ls')}${begin}${end(0, ' 2  ls')}`)).toHaveLength(2);
  });

  test('a command of several lines keeps its lines', () => {
    expect(scan(`${begin}${end(0, ' 7  echo "a\r\n 8  b"')}`)).toEqual([{ text: 'echo "a\n 8  b"', exitCode: 0 }]);
  });

  test('commands that share a prompt are told each, with their exit codes', () => {
    const marks = '\x1b]133;C;0;1\x07first\r\n\x1b]133;C;4;2\x07a\r\nb\r\n\x1b]133;C;0;3\x07';
    expect(scan(`${marks}${end(3, '   12  echo first; (exit 4)\r\n   13  echo "a\r\nb"\r\n   14  (exit 3)')}`)).toEqual([
      { text: 'echo first; (exit 4)', exitCode: 4 },
      { text: 'echo "a\nb"', exitCode: 0 },
      { text: '(exit 3)', exitCode: 3 },
    ]);
  });

  test('other escape sequences, and output that looks like marks, change nothing', () => {
    expect(scan(`\x1b]0;title\x07\x1b]133;A\x07\x1b]1337;E;x\x07\x1b[31mred\x1b\x1b]133;C\x07\x1b]2;t\x1b\\${end(0, ' 1  x')}]133;C`)).toEqual([
      { text: 'x', exitCode: 0 },
    ]);
    expect(scan(`\x1b]133;E;  1  x\x07${begin}\x1b]133;E;  1  x\x07`)).toEqual([]);
  });

  test('marks may end with ESC \\', () => {
    expect(scan('\x1b]133;C\x1b\\\x1b]133;D;1\x1b\\\x1b]133;E; 1  x\x1b\\')).toEqual([{ text: 'x', exitCode: 1 }]);
  });

  test('a mark without an end does not take everything', () => {
    const scanner = new CommandScanner();
    scanner.push(bytes(`\x1b]133;${'x'.repeat(100_000)}`));
    expect(scanner.push(bytes(`${begin}${end(0, ' 1  ls')}`))).toEqual([{ text: 'ls', exitCode: 0 }]);
  });
});
