import { Emitter } from '../../../src/core/base/events.ts';
import type { SandboxError } from '../../../src/core/base/errors.ts';
import type { Connection, Dial } from '../../../src/core/network/connection.ts';

/** The other end of a connection a test hands out. */
export interface FakePeer {
  readonly dial: Dial;
  /** What was written, as text. */
  sent(): string;
  receive(bytes: Uint8Array | string): void;
  close(error?: SandboxError): void;
  /** How many bytes the user of the connection has said it dealt with. */
  acknowledged(): number;
  readonly isClosed: () => boolean;
  /** Resolves when the next request is written. */
  readonly asked: Promise<void>;
}

/** A connection whose other end is the test itself. */
export function fakePeer(): FakePeer {
  const data = new Emitter<Uint8Array>();
  const closed = new Emitter<SandboxError | undefined>();
  const sent: Uint8Array[] = [];
  let isClosed = false;
  let acknowledged = 0;
  let wasAsked = () => {};
  const asked = new Promise<void>(resolve => (wasAsked = resolve));
  const connection: Connection = {
    onData: data.event,
    onClose: closed.event,
    acknowledge: byteCount => {
      acknowledged += byteCount;
    },
    write: bytes => {
      sent.push(bytes);
      wasAsked();
      return Promise.resolve();
    },
    end: () => {
      throw new Error('a half close calls a dockerd request off');
    },
    close: () => {
      isClosed = true;
    },
  };
  return {
    dial: () => Promise.resolve(connection),
    sent: () => Buffer.concat(sent).toString('latin1'),
    receive: bytes => data.emit(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    close: error => closed.emit(error),
    acknowledged: () => acknowledged,
    isClosed: () => isClosed,
    asked,
  };
}

/** Answers every connection with the same bytes, in pieces cut at the given offsets, then closes. */
export function replayDial(bytes: Uint8Array | string, ...cuts: number[]): Dial {
  const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  return async () => {
    const peer = fakePeer();
    const connection = await peer.dial();
    void peer.asked.then(() => {
      const bounds = [0, ...cuts, all.length];
      for (let index = 1; index < bounds.length; index++) peer.receive(all.slice(bounds[index - 1], bounds[index]));
      peer.close();
    });
    return connection;
  };
}
