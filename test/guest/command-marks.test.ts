import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TypedCommand } from '../../src/core/lesson/check/check-probe.ts';
import { CommandScanner } from '../../src/core/lesson/check/command-marks.ts';
import type { TerminalSession } from '../../src/core/protocol/sandbox.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually } from './learner.ts';

let sandbox: LocalSandbox;
let terminal: TerminalSession;
const scanner = new CommandScanner();
const ended: TypedCommand[] = [];
let shown = '';

beforeAll(async () => {
  sandbox = await startGuestSandbox();
  terminal = await sandbox.openTerminal(0, { columns: 80, rows: 24 });
  terminal.onOutput(bytes => {
    ended.push(...scanner.push(bytes));
    shown += Buffer.from(bytes).toString();
    terminal.acknowledge(bytes.length);
  });
  await eventually('the first prompt', () => (scanner.promptCount > 0 ? true : undefined));
});

afterAll(() => sandbox?.dispose());

/** Types keys and waits until the shell has shown so many prompts more; gives the commands that ended. */
async function typed(keys: string, prompts = 1): Promise<readonly TypedCommand[]> {
  const before = { prompts: scanner.promptCount, ended: ended.length };
  await terminal.write(new TextEncoder().encode(keys));
  await eventually(`${prompts} prompts after ${JSON.stringify(keys)}; shown: ${JSON.stringify(shown.slice(-500))}`, () =>
    scanner.promptCount >= before.prompts + prompts ? true : undefined,
  );
  return ended.slice(before.ended);
}

test('a command is told with its exit code when it has ended, also one that is repeated', async () => {
  expect(await typed('echo hello\r')).toEqual([{ text: 'echo hello', exitCode: 0 }]);
  expect(await typed('echo hello\r')).toEqual([{ text: 'echo hello', exitCode: 0 }]);
  expect(await typed('ls /nowhere\r')).toEqual([{ text: 'ls /nowhere', exitCode: 1 }]);
  expect(await typed('  (exit 42)\r')).toEqual([{ text: '(exit 42)', exitCode: 42 }]);
});

test("the learner's own $? is not touched", async () => {
  await typed('(exit 7)\r');
  await typed('echo code:$?\r');
  expect(shown).toContain('\x07code:7\r');
});

test('Enter on an empty line and Ctrl+C at the prompt are no commands', async () => {
  expect(await typed('\r')).toEqual([]);
  expect(await typed('half a line\x03')).toEqual([]);
  expect(await typed('   \r')).toEqual([]);
});

test('what runs is known while it runs, and Ctrl+C ends it', async () => {
  await terminal.write(new TextEncoder().encode('sleep 1000\r'));
  await eventually('the command to run', () => (scanner.isRunning ? true : undefined));
  expect(await typed('\x03')).toEqual([{ text: 'sleep 1000', exitCode: 130 }]);
  expect(scanner.isRunning).toBe(false);
});

test('a command of several lines is one', async () => {
  expect(await typed('echo one \\\rtwo\r')).toEqual([{ text: 'echo one two', exitCode: 0 }]);
  expect(await typed('for n in 1 2; do\recho n$n\rdone\r')).toEqual([{ text: 'for n in 1 2; do echo n$n; done', exitCode: 0 }]);
  expect(await typed('echo "a\rb"\r')).toEqual([{ text: 'echo "a\nb"', exitCode: 0 }]);
});

test('lines that are pasted are commands each', async () => {
  const commands = [
    { text: 'echo first', exitCode: 0 },
    { text: 'echo "sec\nond"; false', exitCode: 1 },
    { text: '(exit 3)', exitCode: 3 },
  ];
  expect(await typed('echo first\recho "sec\rond"; false\r(exit 3)\r', 3)).toEqual(commands);
  // As xterm.js pastes: the shell asks for brackets around it, and carries it all out at the Enter after it.
  expect(await typed('\x1b[200~echo first\recho "sec\rond"; false\r(exit 3)\x1b[201~\r')).toEqual(commands);
});

test('a shell in a shell says nothing of its own commands', async () => {
  await terminal.write(new TextEncoder().encode('bash --norc\r'));
  await eventually('the inner prompt', () => (/bash-5[^\n]*# $/.test(shown) ? true : undefined));
  await terminal.write(new TextEncoder().encode('echo in""side\r'));
  await eventually('the inner answer', () => (shown.includes('\rinside\r') ? true : undefined));
  expect(scanner.isRunning).toBe(true);
  expect(await typed('exit 5\r')).toEqual([{ text: 'bash --norc', exitCode: 5 }]);
});
