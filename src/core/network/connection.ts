import type { SandboxError } from '../base/errors.ts';
import type { Event } from '../base/events.ts';

/** A two-way stream of bytes to something in the guest, opened by either side. */
export interface Connection {
  /** What arrived, in order; the bytes are the listener's to keep. Bytes that arrive while nobody listens may be lost: listen before the first await. */
  readonly onData: Event<Uint8Array>;
  /** Told once, when nothing more will arrive: undefined where the other side ended properly, else what broke. */
  readonly onClose: Event<SandboxError | undefined>;
  /** Says that so many bytes of `onData` were dealt with: with too many that were not, the other side is kept waiting. */
  acknowledge(byteCount: number): void;
  /** Resolves when the other side has room for more; rejects with a SandboxError when the connection is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Says that nothing more will be written; the other side may go on answering. */
  end(): void;
  /** Drops the connection. Calling it twice does nothing. */
  close(): void;
}

/** A connection that something in the guest opened to the world outside. */
export interface IncomingConnection {
  /** Which of the sandbox's services was called: an address and a port of the guest's view of the world, `10.86.0.1:80`. */
  readonly service: string;
  readonly connection: Connection;
}

/** Opens a connection. Rejects with `guest-unreachable`, or with `cancelled` when the signal aborts first. */
export type Dial = (signal?: AbortSignal) => Promise<Connection>;
