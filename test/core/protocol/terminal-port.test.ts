import { afterEach, describe, expect, test } from 'vitest';
import { Emitter } from '../../../src/core/base/events.ts';
import { SandboxError } from '../../../src/core/base/errors.ts';
import type { TerminalSession, TerminalSize } from '../../../src/core/protocol/sandbox.ts';
import { RemoteTerminal, serveTerminal, WINDOW_BYTES } from '../../../src/core/protocol/terminal-port.ts';

/** A terminal's machine side that notes what it is asked. */
class RecordingSession implements TerminalSession {
  readonly output = new Emitter<Uint8Array>();
  readonly onOutput = this.output.event;
  readonly taken: number[] = [];
  readonly sizes: TerminalSize[] = [];
  acknowledged = 0;
  isClosed = false;
  /** Holds every write until it is called. */
  gate: Promise<void> = Promise.resolve();
  failure: SandboxError | undefined;

  async write(bytes: Uint8Array): Promise<void> {
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    this.taken.push(...bytes);
  }

  acknowledge(byteCount: number): void {
    this.acknowledged += byteCount;
  }

  resize(size: TerminalSize): void {
    this.sizes.push(size);
  }

  close(): void {
    this.isClosed = true;
  }
}

let ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports) port.close();
  ports = [];
});

function joined(session: TerminalSession): RemoteTerminal {
  const channel = new MessageChannel();
  ports.push(channel.port1, channel.port2);
  serveTerminal(session, channel.port2);
  return new RemoteTerminal(channel.port1);
}

const aMoment = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20));

describe('a terminal over a port', () => {
  test('bytes arrive whole and in order, also many at once', async () => {
    const session = new RecordingSession();
    const terminal = joined(session);
    const sent = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 251);
    await Promise.all([terminal.write(sent.subarray(0, 3)), terminal.write(sent.subarray(3, 90_000)), terminal.write(sent.subarray(90_000))]);
    expect(session.taken).toEqual([...sent]);
  });

  test('a write resolves only when the guest has taken it, and no more than a window is under way', async () => {
    const session = new RecordingSession();
    let open: () => void = () => undefined;
    session.gate = new Promise(resolve => (open = resolve));
    const terminal = joined(session);
    let isWritten = false;
    const written = terminal.write(new Uint8Array(3 * WINDOW_BYTES)).then(() => (isWritten = true));
    await aMoment();
    expect(isWritten).toBe(false);
    open();
    await written;
    expect(session.taken.length).toBe(3 * WINDOW_BYTES);
  });

  test('what is sent stays the sender’s: its buffer is not given away', async () => {
    const session = new RecordingSession();
    const terminal = joined(session);
    const bytes = new Uint8Array([1, 2, 3]);
    await terminal.write(bytes);
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
  });

  test('output before anyone listens is kept', async () => {
    const session = new RecordingSession();
    const terminal = joined(session);
    session.output.emit(new Uint8Array([1]));
    session.output.emit(new Uint8Array([2]));
    await aMoment();
    const shown: number[] = [];
    terminal.onOutput(bytes => shown.push(...bytes));
    session.output.emit(new Uint8Array([3]));
    await aMoment();
    expect(shown).toEqual([1, 2, 3]);
  });

  test('acknowledge, resize and close reach the session', async () => {
    const session = new RecordingSession();
    const terminal = joined(session);
    terminal.acknowledge(12);
    terminal.resize({ columns: 100, rows: 30 });
    terminal.close();
    await aMoment();
    expect(session).toMatchObject({ acknowledged: 12, sizes: [{ columns: 100, rows: 30 }], isClosed: true });
  });

  test('an error of the guest rejects the write with its code, and the next write works', async () => {
    const session = new RecordingSession();
    const terminal = joined(session);
    session.failure = new SandboxError('guest-unreachable', 'The terminal does not answer.');
    await expect(terminal.write(new Uint8Array(10))).rejects.toMatchObject({ code: 'guest-unreachable' });
    session.failure = undefined;
    await terminal.write(new Uint8Array([9]));
    expect(session.taken).toEqual([9]);
  });

  test('when the machine dies, writes under way and later ones reject', async () => {
    const session = new RecordingSession();
    session.gate = new Promise(() => undefined);
    const terminal = joined(session);
    const written = terminal.write(new Uint8Array(2 * WINDOW_BYTES));
    await aMoment();
    terminal.fail(new SandboxError('machine-stopped', 'Gone.'));
    await expect(written).rejects.toMatchObject({ code: 'machine-stopped' });
    await expect(terminal.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'machine-stopped' });
  });
});
