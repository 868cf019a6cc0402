import { Emitter, type Event } from '../base/events.ts';
import { SandboxError } from '../base/errors.ts';
import type { Connection } from '../network/connection.ts';
import { decodeError, encodeError, type WireError } from './error-codec.ts';

type ToServer =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'acknowledge'; readonly byteCount: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'close' };
/** `taken` answers one `write`; `closed` is the last message. */
type ToClient =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'taken'; readonly error?: WireError }
  | { readonly kind: 'closed'; readonly error?: WireError };

/** Copies before sending: a view may lie on a larger buffer, and a transferred buffer is gone for its owner. */
function sendBytes(port: MessagePort, kind: 'data' | 'write', bytes: Uint8Array): void {
  const copy = bytes.slice();
  port.postMessage({ kind, bytes: copy }, [copy.buffer]);
}

/** The machine's end of a connection: joins it to a port. Call it before the first await after the dial. */
export function serveConnection(connection: Connection, port: MessagePort): void {
  let order: Promise<void> = Promise.resolve();
  const tell = (message: ToClient): void => port.postMessage(message);
  connection.onData(bytes => sendBytes(port, 'data', bytes));
  connection.onClose(error => tell(error === undefined ? { kind: 'closed' } : { kind: 'closed', error: encodeError(error) }));
  const write = async (bytes: Uint8Array): Promise<void> => {
    try {
      await connection.write(bytes);
      tell({ kind: 'taken' });
    } catch (error) {
      tell({ kind: 'taken', error: encodeError(error) });
    }
  };
  port.onmessage = (event: { data: unknown }) => {
    const message = event.data as ToServer;
    if (message.kind === 'write') order = order.then(() => write(message.bytes));
    else if (message.kind === 'acknowledge') connection.acknowledge(message.byteCount);
    else if (message.kind === 'end') order = order.then(() => connection.end());
    else {
      connection.close();
      port.close();
    }
  };
}

/** One write that was sent and not yet taken. */
interface Sent {
  resolve(): void;
  reject(error: unknown): void;
}

/** The page's end of a connection: a Connection over a port. */
export class RemoteConnection implements Connection {
  readonly #port: MessagePort;
  readonly #data = new Emitter<Uint8Array>();
  readonly #closed = new Emitter<SandboxError | undefined>();
  readonly #isOver = new Emitter<void>();
  readonly #sent: Sent[] = [];
  /** Told once, however it ends: nothing more can be written. */
  readonly onOver: Event<void> = this.#isOver.event;
  /** What came before anyone listened. */
  #early: (() => void)[] | undefined = [];
  #over: SandboxError | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = (event: { data: unknown }) => this.#receive(event.data as ToClient);
  }

  readonly onData: Event<Uint8Array> = listener => this.#data.event(listener);

  /** Its first listener gets what arrived so far, so listen to the data first. */
  readonly onClose: Event<SandboxError | undefined> = listener => {
    const stop = this.#closed.event(listener);
    for (const tell of this.#early?.splice(0) ?? []) tell();
    this.#early = undefined;
    return stop;
  };

  acknowledge(byteCount: number): void {
    this.#post({ kind: 'acknowledge', byteCount });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    const taken = new Promise<void>((resolve, reject) => this.#sent.push({ resolve, reject }));
    sendBytes(this.#port, 'write', bytes);
    return taken;
  }

  end(): void {
    this.#post({ kind: 'end' });
  }

  close(): void {
    if (this.#over !== undefined) return;
    this.#post({ kind: 'close' });
    this.#finish(new SandboxError('cancelled', 'The connection was closed.'));
    this.#port.close();
  }

  /** Ends the connection from this side, as the machine's death does: what waits rejects with `error`, and listeners are told. */
  fail(error: SandboxError): void {
    if (this.#over !== undefined) return;
    this.#finish(error);
    this.#port.close();
    this.#tell(() => this.#closed.emit(error));
  }

  #receive(message: ToClient): void {
    if (message.kind === 'data') this.#tell(() => this.#data.emit(message.bytes));
    else if (message.kind === 'taken') this.#takeAnswer(message.error);
    else {
      const error = message.error === undefined ? undefined : decodeError(message.error);
      this.#finish(error ?? new SandboxError('cancelled', 'The other side has closed the connection.'));
      this.#port.close();
      this.#tell(() => this.#closed.emit(error));
    }
  }

  #tell(listenersOf: () => void): void {
    if (this.#early === undefined) listenersOf();
    else this.#early.push(listenersOf);
  }

  #takeAnswer(error: WireError | undefined): void {
    const sent = this.#sent.shift();
    if (error === undefined) sent?.resolve();
    else sent?.reject(decodeError(error));
  }

  #post(message: ToServer): void {
    if (this.#over === undefined) this.#port.postMessage(message);
  }

  #finish(error: SandboxError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#isOver.emit();
    for (const sent of this.#sent.splice(0)) sent.reject(error);
  }
}
