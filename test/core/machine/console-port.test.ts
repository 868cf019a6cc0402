import { describe, expect, test } from 'vitest';
import { ConsolePort } from '../../../src/core/machine/console-port.ts';
import type { V86BufferChain, V86Queue } from '../../../src/core/machine/v86-types.ts';

/** A queue as v86 has it: the guest offers buffers, the device takes them. */
class Queue implements V86Queue {
  readonly offered: Uint8Array[] = [];
  readonly filled: Uint8Array[] = [];

  has_request(): boolean {
    return this.offered.length > 0;
  }

  pop_request(): V86BufferChain {
    const bytes = this.offered.shift()!;
    return {
      length_readable: bytes.length,
      get_next_blob: target => {
        target.set(bytes);
        return bytes.length;
      },
      set_next_blob: blob => {
        this.filled.push(blob.slice());
        return blob.length;
      },
    };
  }

  push_reply(): void {}
  flush_replies(): void {}
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index & 255);
const joined = (pieces: readonly Uint8Array[]) => Uint8Array.from(pieces.flatMap(piece => [...piece]));

describe('a console port', () => {
  test('input waits for buffers of the guest, in order and whole', async () => {
    const [receive, transmit] = [new Queue(), new Queue()];
    const port = new ConsolePort(receive, transmit, 1024);
    let done = false;
    const written = port.write(bytes(5000)).then(() => (done = true));
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(done).toBe(false);
    for (let index = 0; index < 5; index++) receive.offered.push(new Uint8Array(4096));
    await written;
    expect(joined(receive.filled)).toEqual(bytes(5000));
  });

  test('two writes do not mix', async () => {
    const [receive, transmit] = [new Queue(), new Queue()];
    const port = new ConsolePort(receive, transmit, 1024);
    const both = Promise.all([port.write(bytes(1500)), port.write(bytes(10))]);
    for (let index = 0; index < 3; index++) receive.offered.push(new Uint8Array(4096));
    await both;
    expect(joined(receive.filled)).toEqual(joined([bytes(1500), bytes(10)]));
  });

  test('the guest is held up when nobody acknowledges its output, and goes on after', () => {
    const [receive, transmit] = [new Queue(), new Queue()];
    const port = new ConsolePort(receive, transmit, 1024);
    let heard = 0;
    port.onOutput(piece => (heard += piece.length));
    port.take(bytes(200 * 1024));
    transmit.offered.push(bytes(4096));
    expect(transmit.has_request()).toBe(true);
    port.take(bytes(100 * 1024));
    expect(transmit.has_request()).toBe(false);
    port.acknowledge(300 * 1024);
    expect(heard).toBe(300 * 1024 + 4096);
    expect(transmit.has_request()).toBe(false);
    transmit.offered.push(bytes(1));
    expect(transmit.has_request()).toBe(true);
  });
});
