import { Emitter, type Event } from '../base/events.ts';
import { SandboxError } from '../base/errors.ts';
import { decodeError, encodeError, type WireError } from './error-codec.ts';
import type { TerminalSession, TerminalSize } from './sandbox.ts';

/** The most bytes of one message to the guest's tty. */
export const PIECE_BYTES = 4096;
/** The most bytes on their way to the guest's tty; more waits at the sender. */
export const WINDOW_BYTES = 4 * PIECE_BYTES;

type ToServer =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'acknowledge'; readonly byteCount: number }
  | { readonly kind: 'resize'; readonly size: TerminalSize }
  | { readonly kind: 'close' };
/** `taken` gives back the credit that one `write` message used. */
type ToClient =
  { readonly kind: 'output'; readonly bytes: Uint8Array } | { readonly kind: 'taken'; readonly byteCount: number; readonly error?: WireError };

/** Copies before sending: a view may lie on the emulator's memory, and a transferred buffer is gone for its owner. */
function sendBytes(port: MessagePort, kind: 'output' | 'write', bytes: Uint8Array): void {
  const copy = bytes.slice();
  port.postMessage({ kind, bytes: copy }, [copy.buffer]);
}

/** The machine's end of a terminal: joins a session to a port. */
export function serveTerminal(session: TerminalSession, port: MessagePort): void {
  let order: Promise<void> = Promise.resolve();
  const stop = session.onOutput(bytes => sendBytes(port, 'output', bytes));
  const write = async (bytes: Uint8Array): Promise<void> => {
    const byteCount = bytes.length;
    let answer: ToClient = { kind: 'taken', byteCount };
    try {
      await session.write(bytes);
    } catch (error) {
      answer = { kind: 'taken', byteCount, error: encodeError(error) };
    }
    port.postMessage(answer);
  };
  port.onmessage = (event: { data: unknown }) => {
    const message = event.data as ToServer;
    if (message.kind === 'write') order = order.then(() => write(message.bytes));
    else if (message.kind === 'acknowledge') session.acknowledge(message.byteCount);
    else if (message.kind === 'resize') session.resize(message.size);
    else {
      stop();
      session.close();
      port.close();
    }
  };
}

/** One piece that was sent and not yet taken. */
interface Sent {
  resolve(): void;
  reject(error: unknown): void;
}

/** The page's end of a terminal: a TerminalSession over a port. */
export class RemoteTerminal implements TerminalSession {
  readonly #output = new Emitter<Uint8Array>();
  readonly #port: MessagePort;
  readonly #sent: Sent[] = [];
  #early: Uint8Array[] | undefined = [];
  #credit = WINDOW_BYTES;
  #wakeSender: (() => void) | undefined;
  #order: Promise<void> = Promise.resolve();
  #failure: SandboxError | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = (event: { data: unknown }) => this.#receive(event.data as ToClient);
  }

  readonly onOutput: Event<Uint8Array> = listener => {
    const stop = this.#output.event(listener);
    // The guest's first output may come before the answer to `openTerminal`, so before anyone could listen.
    for (const bytes of this.#early?.splice(0) ?? []) this.#output.emit(bytes);
    this.#early = undefined;
    return stop;
  };

  write(bytes: Uint8Array): Promise<void> {
    const answers: Promise<void>[] = [];
    const sent = this.#order.then(() => this.#sendPieces(bytes, answers));
    // Only the sending is in order: the next write need not wait for this one's answers, only for credit.
    this.#order = sent.catch(() => undefined);
    return sent.then(() => Promise.all(answers)).then(() => undefined);
  }

  acknowledge(byteCount: number): void {
    this.#post({ kind: 'acknowledge', byteCount });
  }

  resize(size: TerminalSize): void {
    this.#post({ kind: 'resize', size });
  }

  close(): void {
    if (this.#failure !== undefined) return;
    this.#post({ kind: 'close' });
    this.fail(new SandboxError('cancelled', 'The terminal was closed.'));
  }

  /** Ends the terminal from this side: what waits rejects with `error`. */
  fail(error: SandboxError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const sent of this.#sent.splice(0)) sent.reject(error);
    this.#wakeSender?.();
    this.#port.close();
  }

  async #sendPieces(bytes: Uint8Array, answers: Promise<void>[]): Promise<void> {
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      const piece = bytes.subarray(start, start + PIECE_BYTES);
      while (this.#credit < piece.length && this.#failure === undefined) {
        await new Promise<void>(resolve => {
          this.#wakeSender = resolve;
        });
      }
      if (this.#failure !== undefined) throw this.#failure;
      this.#credit -= piece.length;
      const answer = new Promise<void>((resolve, reject) => this.#sent.push({ resolve, reject }));
      // Where a later piece cannot be sent nobody looks at this answer: it must not count as unhandled.
      answer.catch(() => undefined);
      answers.push(answer);
      sendBytes(this.#port, 'write', piece);
    }
  }

  #receive(message: ToClient): void {
    if (message.kind === 'output') {
      if (this.#early === undefined) this.#output.emit(message.bytes);
      else this.#early.push(message.bytes);
      return;
    }
    this.#credit += message.byteCount;
    const sent = this.#sent.shift();
    if (message.error === undefined) sent?.resolve();
    else sent?.reject(decodeError(message.error));
    this.#wakeSender?.();
  }

  #post(message: ToServer): void {
    if (this.#failure === undefined) this.#port.postMessage(message);
  }
}
