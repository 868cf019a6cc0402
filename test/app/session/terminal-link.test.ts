import { describe, expect, test } from 'vitest';
import { TerminalLink, type EnteredCommand } from '../../../src/app/session/machine/terminal-link.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import type { TerminalSession } from '../../../src/core/protocol/sandbox.ts';

/** A session whose guest takes bytes when it is let. */
function recording(delay: () => Promise<void> = () => Promise.resolve()): {
  session: TerminalSession;
  output: Emitter<Uint8Array>;
  taken: Uint8Array[];
  shown: number[];
} {
  const output = new Emitter<Uint8Array>();
  const taken: Uint8Array[] = [];
  const shown: number[] = [];
  const session: TerminalSession = {
    onOutput: output.event,
    async write(bytes) {
      await delay();
      taken.push(bytes.slice());
    },
    acknowledge: byteCount => shown.push(byteCount),
    resize: () => undefined,
    close: () => undefined,
  };
  return { session, output, taken, shown };
}

const screen = { write: (_: Uint8Array, onShown: () => void) => onShown(), focus: () => undefined, paste: () => undefined };
const textOf = (pieces: readonly Uint8Array[]): string => pieces.map(piece => new TextDecoder().decode(piece)).join('');
const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20));

describe('the link of a terminal', () => {
  test('a line end waits for the files, what follows waits behind it', async () => {
    let release: () => void = () => undefined;
    const filesSent = new Promise<void>(resolve => (release = resolve));
    const { session, taken } = recording();
    const link = new TerminalLink(() => filesSent);
    link.connect(session, screen);
    link.send('ls');
    link.send('\r');
    link.send('x');
    await settled();
    expect(textOf(taken)).toBe('ls');
    release();
    await settled();
    expect(textOf(taken)).toBe('ls\rx');
  });

  test('output is acknowledged when it was shown', () => {
    const { session, output, shown } = recording();
    new TerminalLink(() => Promise.resolve()).connect(session, screen);
    output.emit(new Uint8Array(5));
    expect(shown).toEqual([5]);
  });

  test('a megabyte arrives whole, in pieces, with progress', async () => {
    const link = new TerminalLink(() => Promise.resolve());
    const progress: number[] = [];
    link.paste.subscribe(paste => paste !== undefined && progress.push(paste.sentBytes));
    const { session, taken } = recording();
    link.connect(session, screen);
    const text = '0123456789'.repeat(100_000);
    link.send(text);
    link.send('!');
    await expect.poll(() => textOf(taken).endsWith('!')).toBe(true);
    expect(textOf(taken)).toBe(`${text}!`);
    expect(Math.max(...taken.map(piece => piece.length))).toBeLessThanOrEqual(4096);
    expect(progress.length).toBeGreaterThan(10);
    expect(link.paste.value).toBeUndefined();
  });

  test('Ctrl+C ends a long paste, closes the bracket and then arrives', async () => {
    const { session, taken } = recording(() => new Promise(resolve => setTimeout(resolve, 1)));
    const link = new TerminalLink(() => Promise.resolve());
    link.connect(session, screen);
    link.send(`\x1b[200~${'y'.repeat(500_000)}\x1b[201~`);
    await settled();
    link.send('\x03');
    await expect.poll(() => textOf(taken).endsWith('\x1b[201~\x03')).toBe(true);
    expect(textOf(taken).length).toBeLessThan(400_000);
  });

  test('a proposed command takes the line’s place and the keyboard, and presses no key', async () => {
    const { session, taken } = recording();
    const link = new TerminalLink(() => Promise.resolve());
    expect(link.propose('docker ps')).toBe(false);
    let focused = 0;
    link.connect(session, { ...screen, focus: () => focused++ });
    expect(link.propose('docker stop web\rrm -rf x\x03')).toBe(true);
    await settled();
    expect(textOf(taken)).toBe('\x05\x15docker stop web rm -rf x ');
    expect(focused).toBe(1);
  });

  test('a command is typed in the line’s place with Enter; several lines are one paste', async () => {
    const { session, taken } = recording();
    const link = new TerminalLink(() => Promise.resolve());
    expect(link.run('docker ps')).toBe(false);
    const pasted: string[] = [];
    link.connect(session, { ...screen, paste: text => pasted.push(text) });
    expect(link.run('docker ps')).toBe(true);
    await settled();
    expect(textOf(taken)).toBe('\x05\x15docker ps\r');
    expect(link.run('cat <<E\nx\nE')).toBe(true);
    await settled();
    expect(pasted).toEqual(['cat <<E\nx\nE']);
    expect(textOf(taken)).toBe('\x05\x15docker ps\r\x05\x15\r');
  });

  test('tells of commands that ended, and whether a program that waits for no line is in the way', () => {
    const { session, output } = recording();
    const link = new TerminalLink(() => Promise.resolve());
    const ended: EnteredCommand[] = [];
    link.onCommand(command => ended.push(command));
    const print = (text: string): void => output.emit(new TextEncoder().encode(text));
    link.connect(session, screen);
    print('\x1b]133;D;0\x07\x1b]133;E;    1  x\x07drydock:/workspace# ');
    expect(link.isBusy).toBe(false);
    print('docker run -it web sh\r\n\x1b]133;C\x07starting');
    expect(link.isBusy).toBe(true);
    print('\r\n/ # \x1b[6n');
    expect(link.isBusy).toBe(false);
    print('exit\r\n\x1b]133;D;3\x07\x1b]133;E;    2  docker run -it web sh\x07drydock:/workspace# ');
    expect(link.isBusy).toBe(false);
    expect(ended).toEqual([{ text: 'docker run -it web sh', exitCode: 3, startMilliseconds: expect.any(Number) }]);
  });

  test('what was meant for a machine that is gone does not reach the next one', async () => {
    const first = recording(() => new Promise(resolve => setTimeout(resolve, 30)));
    const second = recording();
    const link = new TerminalLink(() => Promise.resolve());
    link.connect(first.session, screen);
    link.send('a');
    link.send('rm -rf b\r');
    link.connect(second.session, screen);
    link.send('c');
    await expect.poll(() => textOf(second.taken)).toBe('c');
  });
});
