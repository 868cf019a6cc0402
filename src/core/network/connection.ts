import type { SandboxError } from '../base/errors.ts';
import type { Event } from '../base/events.ts';

/** A two-way stream of bytes to something in the guest, opened by either side. */
export interface Connection {
  /** What arrived, in order; the bytes are the listener's to keep. Bytes that arrive while nobody listens may be lost: listen before the first await. */
  readonly onData: Event<Uint8Array>;
  /**
   * Told once, when nothing more will arrive: undefined where the other side ended properly, else what broke. A program in the guest that has
   * ended its side of a connection it opened may still wait for an answer; so `close` has to be called all the same.
   */
  readonly onClose: Event<SandboxError | undefined>;
  /** So many bytes of `onData` were dealt with. The other side is held up while more than about 256 KB were not. */
  acknowledge(byteCount: number): void;
  /** Resolves when the other side has room for more; rejects with a SandboxError when the connection is gone. What is written keeps its order. */
  write(bytes: Uint8Array): Promise<void>;
  /** Says, after all that was written, that nothing more will be; the other side may go on answering. */
  end(): void;
  /**
   * Gives the connection up: nothing more is heard of it. What was written arrives if `end` was called before; without that, what the other
   * side has not yet taken is lost. Calling it twice does nothing.
   */
  close(): void;
}

/** A connection that something in the guest opened to the world outside. */
export interface IncomingConnection {
  /** Which of the sandbox's services was called: an address and a port of the guest's view of the world, `10.86.0.1:80`. */
  readonly service: string;
  readonly connection: Connection;
}

/** Opens a connection. Where nothing answers, it may reject with `guest-unreachable` or resolve with a connection whose `onClose` tells so. */
export type Dial = (signal?: AbortSignal) => Promise<Connection>;
