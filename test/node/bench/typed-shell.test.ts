import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TypedShell } from '../../../src/node/bench/typed-shell.ts';

/** A shell that echoes keys with what readline mixes in, and answers Enter with what `answer` says for the line. */
function terminalThat(answer: (line: string) => readonly string[]): {
  listen(listener: (bytes: Uint8Array) => void): void;
  write(bytes: Uint8Array): void;
} {
  let tell: (bytes: Uint8Array) => void = () => undefined;
  let line = '';
  const print = (text: string): void => tell(new TextEncoder().encode(text));
  return {
    listen: listener => (tell = listener),
    write(bytes) {
      const key = new TextDecoder().decode(bytes);
      if (key !== '\r') {
        line += key;
        print(line.length % 10 === 0 ? `${key} \r\u001b[K` : key);
        return;
      }
      print('\r\n\u001b[?2004l\r');
      for (const piece of answer(line)) print(piece);
      line = '';
    },
  };
}

/** The number of the end marker in a typed line. */
function markerOf(line: string): string {
  return /E"N"D(\d+)/.exec(line)![1]!;
}

describe('TypedShell', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  async function run(shell: TypedShell, command: string, milliseconds: number): Promise<unknown> {
    const done = shell.run(command, milliseconds).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(milliseconds + 120_000);
    return done;
  }

  test('waits for the marker, which the echo of the line is not, however it is cut', async () => {
    let count = 0;
    const shell = new TypedShell(
      terminalThat(line => [`hi\r\nEN`, `D${markerOf(line)}:`, '0\r', '\n']),
      () => ({ instructions: (count += 5) }),
    );
    for (let index = 0; index < 2; index++) {
      expect(await run(shell, 'docker run busybox echo hi', 1000)).toEqual({ s: expect.any(Number), instructions: 5 });
    }
  });

  test('a command that fails rejects with its exit code and what the terminal shows', async () => {
    const shell = new TypedShell(terminalThat(line => ['no such image\r\n', `END${markerOf(line)}:125\r\n`]));
    expect(String(await run(shell, 'docker run nothing', 1000))).toMatch(
      /"docker run nothing" failed in the guest \(exit code 125\)[^]*no such image/,
    );
  });

  test('a command that does not end rejects with what it showed so far', async () => {
    const shell = new TypedShell(terminalThat(() => ['still working\r\n']));
    expect(String(await run(shell, 'sleep 1000', 5000))).toMatch(/"sleep 1000" did not end within 5 s[^]*still working/);
  });

  test('a terminal without an echo', async () => {
    const shell = new TypedShell({ listen: () => undefined, write: () => undefined });
    expect(String(await run(shell, 'true', 1000))).toMatch(/did not echo "true; echo E"N"D1:\$\?" within 60 s/);
  });
});
