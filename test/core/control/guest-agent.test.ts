import { describe, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src/core/base/events.ts';
import type { SandboxError } from '../../../src/core/base/errors.ts';
import { decodeNumber, encodeFrame, encodeNumber, FrameReader, type Frame } from '../../../src/core/control/frames.ts';
import { GuestAgent } from '../../../src/core/control/guest-agent.ts';
import type { Connection, IncomingConnection } from '../../../src/core/network/connection.ts';

/** The agent's end of the control port, played by the test. */
class FakeGuest {
  readonly #output = new Emitter<Uint8Array>();
  readonly #reader = new FrameReader();
  readonly frames: Frame[] = [];
  readonly agent = new GuestAgent({
    onOutput: this.#output.event,
    acknowledge: () => undefined,
    unsent: new Uint8Array(0),
    write: bytes => {
      this.frames.push(...this.#reader.push(bytes));
      return Promise.resolve();
    },
  });

  say(type: string, channel: number, payload: Uint8Array | string = ''): void {
    this.#output.emit(encodeFrame(type, channel, typeof payload === 'string' ? Buffer.from(payload) : payload));
  }

  /** Bytes as they are, whole frames or not. */
  sayBytes(bytes: Uint8Array): void {
    this.#output.emit(bytes);
  }

  /** Frames of a type that have come, for a channel. */
  came(type: string, channel: number): Frame[] {
    return this.frames.filter(frame => frame.type === type && frame.channel === channel);
  }

  /** Bytes sent on a channel. */
  sent(channel: number): number {
    return this.came('d', channel).reduce((sum, { payload }) => sum + payload.length, 0);
  }

  lastChannel(): number {
    return this.frames.at(-1)!.channel;
  }
}

/** Lets everything run that waits for nothing else. */
const settled = () => new Promise<void>(resolve => setTimeout(resolve, 0));

async function dialled(guest: FakeGuest): Promise<{ connection: Connection; id: number }> {
  const connection = await guest.agent.dial(':80');
  return { connection, id: guest.lastChannel() };
}

function opened(guest: FakeGuest, id: number, service = '10.86.0.1:80'): IncomingConnection {
  let incoming: IncomingConnection | undefined;
  const stop = guest.agent.onConnection(one => (incoming = one));
  guest.say('O', id, service);
  stop();
  return incoming!;
}

describe('a connection that the guest opens', () => {
  test('comes with its service, and carries bytes both ways', async () => {
    const guest = new FakeGuest();
    const { service, connection } = opened(guest, 0x8001);
    expect(service).toBe('10.86.0.1:80');
    const heard: string[] = [];
    connection.onData(bytes => heard.push(Buffer.from(bytes).toString()));
    guest.say('d', 0x8001, 'question');
    await connection.write(Buffer.from('answer'));
    expect(heard).toEqual(['question']);
    expect(Buffer.from(guest.came('d', 0x8001)[0]!.payload).toString()).toBe('answer');
  });

  test('is closed at once while nobody listens, and again after the listener has gone', () => {
    const guest = new FakeGuest();
    guest.say('O', 0x8000, 'x');
    expect(guest.came('K', 0x8000)).toHaveLength(1);
    const stop = guest.agent.onConnection(() => undefined);
    guest.say('O', 0x8001, 'x');
    expect(guest.came('K', 0x8001)).toHaveLength(0);
    stop();
    stop();
    guest.say('O', 0x8002, 'x');
    expect(guest.came('K', 0x8002)).toHaveLength(1);
  });

  test('whose program says no more can still be answered; its end is told once', async () => {
    const guest = new FakeGuest();
    const { connection } = opened(guest, 0x8003);
    const ends: (SandboxError | undefined)[] = [];
    connection.onClose(error => ends.push(error));
    guest.say('c', 0x8003);
    await connection.write(Buffer.from('late answer'));
    expect(guest.sent(0x8003)).toBe(11);
    guest.say('C', 0x8003);
    expect(ends).toEqual([undefined]);
    await expect(connection.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'guest-unreachable' });
  });

  test('that was open when the machine was saved is dropped when it speaks', () => {
    const guest = new FakeGuest();
    guest.say('d', 0x8009, 'still there?');
    expect(guest.came('K', 0x8009)).toHaveLength(1);
  });
});

describe('a connection into the guest', () => {
  test('has a number below those of the guest, and none twice', async () => {
    const guest = new FakeGuest();
    const ids = new Set<number>();
    const first = await dialled(guest);
    for (let index = 0; index < 0x8100; index++) {
      const { connection, id } = await dialled(guest);
      expect(id).not.toBe(first.id);
      ids.add(id);
      connection.close();
    }
    expect(Math.min(...ids)).toBe(2);
    expect(Math.max(...ids)).toBe(0x7fff);
  });

  test('tells never opened from broken', async () => {
    const guest = new FakeGuest();
    const why: (string | undefined)[] = [];
    for (const [type, reason] of [
      ['C', 'Connection refused'],
      ['B', 'Connection reset by peer'],
      ['C', ''],
    ] as const) {
      const { connection, id } = await dialled(guest);
      connection.onClose(error => why.push(error?.message));
      guest.say(type, id, reason);
    }
    expect(why).toEqual([
      'Nothing answers at :80 in the guest (Connection refused).',
      'The connection to :80 in the guest broke (Connection reset by peer).',
      undefined,
    ]);
  });

  test('is written no faster than the guest takes it, and keeps its order', async () => {
    const guest = new FakeGuest();
    const { connection, id } = await dialled(guest);
    const bytes = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
    let isWritten = false;
    void connection.write(bytes).then(() => (isWritten = true));
    void connection.write(Uint8Array.of(255));
    connection.end();
    await settled();
    const window = guest.sent(id);
    expect(window).toBeGreaterThan(200_000);
    expect(window).toBeLessThan(300_000);
    for (let taken = 0; taken < bytes.length;) {
      expect(guest.came('c', id)).toHaveLength(guest.sent(id) === bytes.length + 1 ? 1 : 0);
      const more = guest.sent(id) - taken;
      expect(more).toBeGreaterThan(0);
      guest.say('w', id, encodeNumber(more));
      taken += more;
      await settled();
    }
    expect(isWritten).toBe(true);
    expect(Buffer.concat(guest.came('d', id).map(frame => frame.payload)).equals(Buffer.concat([bytes, Uint8Array.of(255)]))).toBe(true);
    expect(guest.frames.at(-1)).toMatchObject({ type: 'c', channel: id });
  });

  test('that is not taken does not hold up another, and its write rejects when it ends', async () => {
    const guest = new FakeGuest();
    const [stuck, free] = [await dialled(guest), await dialled(guest)];
    const written = expect(stuck.connection.write(new Uint8Array(1_000_000))).rejects.toMatchObject({ code: 'guest-unreachable' });
    await free.connection.write(new Uint8Array(100_000));
    expect(guest.sent(free.id)).toBe(100_000);
    guest.say('B', stuck.id, 'Broken pipe');
    await written;
  });

  test('tells the guest what was dealt with, not for every few bytes, and before the guest has to stop', async () => {
    const guest = new FakeGuest();
    const { connection, id } = await dialled(guest);
    const told = () => guest.came('w', id).reduce((sum, { payload }) => sum + decodeNumber(payload), 0);
    for (let index = 0; index < 1000; index++) connection.acknowledge(1000);
    expect(told()).toBeGreaterThan(1_000_000 - 128 * 1024);
    expect(told()).toBeLessThanOrEqual(1_000_000);
    expect(guest.came('w', id).length).toBeLessThan(20);
  });

  test('closed after its end still sends what was written; closed without, it does not wait', async () => {
    const guest = new FakeGuest();
    const [polite, rude] = [await dialled(guest), await dialled(guest)];
    const heard = vi.fn();
    polite.connection.onData(heard);
    void polite.connection.write(new Uint8Array(500_000));
    polite.connection.end();
    polite.connection.close();
    const outcome = expect(rude.connection.write(new Uint8Array(500_000))).rejects.toMatchObject({ code: 'guest-unreachable' });
    await settled();
    rude.connection.close();
    rude.connection.close();
    await outcome;
    expect(guest.came('K', rude.id)).toHaveLength(1);
    expect(guest.came('K', polite.id)).toHaveLength(0);
    guest.say('d', polite.id, 'nobody hears this');
    guest.say('w', polite.id, encodeNumber(guest.sent(polite.id)));
    await settled();
    expect(guest.sent(polite.id)).toBe(500_000);
    expect(guest.frames.slice(-2).map(({ type, channel }) => [type, channel])).toEqual([
      ['c', polite.id],
      ['K', polite.id],
    ]);
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('a command', () => {
  test('that ends before it has read what it is given leaves nothing behind that rejects', async () => {
    const guest = new FakeGuest();
    const result = guest.agent.run('true', { stdin: 'x'.repeat(1_000_000) });
    await settled();
    const id = guest.frames[0]!.channel;
    guest.say('o', id, 'out');
    guest.say('x', id, encodeNumber(3));
    expect(await result).toEqual({ exitCode: 3, stdout: 'out', stderr: '' });
    await settled();
    expect(guest.came('c', id)).toEqual([]);
  });
});

describe('an agent that goes on with a saved guest', () => {
  test('closes what was open, sends the rest, and does not use those numbers again', async () => {
    const before = new FakeGuest();
    const { id } = await dialled(before);
    opened(before, 0x8007);
    void before.agent.run('sleep 100').catch(() => undefined);
    const command = before.came('R', before.frames.find(({ type }) => type === 'R')!.channel)[0]!.channel;
    const state = JSON.parse(JSON.stringify(before.agent.saveState())) as ReturnType<GuestAgent['saveState']>;
    const after = new FakeGuest();
    after.agent.resume(state);
    expect(
      after.frames
        .filter(({ type }) => type === 'K')
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual([id, command, 0x8007].sort());
    const next = await dialled(after);
    expect([id, command]).not.toContain(next.id);
  });

  test('puts together a frame that came in two lives', async () => {
    const before = new FakeGuest();
    const frame = encodeFrame('s', 0, Buffer.from('100 50 1000 500 1'));
    before.sayBytes(frame.subarray(0, 9));
    const state = before.agent.saveState();
    expect(state.received).toEqual([...frame.subarray(0, 9)]);
    const after = new FakeGuest();
    after.agent.resume(state);
    const status = after.agent.status();
    after.sayBytes(frame.subarray(9));
    expect(await status).toMatchObject({ memoryTotalBytes: 100, engine: 'running' });
  });
});
