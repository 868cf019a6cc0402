import { messageOf, SandboxError } from '../base/errors.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Connection } from './connection.ts';
import type { MessagePart } from './http-message-parser.ts';
import { HttpRequestParser, type RequestHead } from './http-request-parser.ts';

/** Reads the requests on a connection as they are wanted, and knows when the client has gone. What is not wanted yet is not acknowledged. */
export class RequestReader {
  /** Rejects when the client has gone; never resolves. */
  readonly gone: Promise<never>;
  readonly #connection: Connection;
  readonly #idleMilliseconds: number;
  readonly #parser = new HttpRequestParser();
  readonly #queue = new ByteQueue({ onAbandoned: () => undefined, onConsumed: byteCount => this.#acknowledge(byteCount) });
  readonly #parts = this.#read();
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #setEnded: () => void = () => undefined;
  #setGone: (error: unknown) => void = () => undefined;
  #fault: string | undefined;
  #isInBody = false;
  #isBodyBegun = false;
  #isDiscarding = false;
  #unacknowledged = 0;

  constructor(connection: Connection, idleMilliseconds: number) {
    this.#connection = connection;
    this.#idleMilliseconds = idleMilliseconds;
    this.#ended = new Promise(resolve => (this.#setEnded = resolve));
    this.gone = new Promise((_, reject) => (this.#setGone = reject));
    this.gone.catch(() => undefined);
    connection.onData(bytes => this.#take(bytes));
    connection.onClose(error => this.#close(error));
  }

  /** What is wrong with what the client sent, where something is: no other request can be read after it. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Aborts when the client has gone. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** True once somebody has asked for the body of the current request. */
  get isBodyBegun(): boolean {
    return this.#isBodyBegun;
  }

  /** The next request; undefined when none follows, because the client ended, went silent, or sent what is no request (see `fault`). */
  async nextHead(): Promise<RequestHead | undefined> {
    try {
      const part = await this.#next();
      if (part?.kind !== 'head') return undefined;
      this.#isInBody = true;
      this.#isBodyBegun = false;
      return part.head;
    } catch (error) {
      if (this.#fault !== undefined || error instanceof SandboxError) return undefined;
      throw error;
    }
  }

  /** The body of the current request; `onBegin` is called before the first byte is waited for. */
  async *body(onBegin: () => Promise<void>): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isBodyBegun) throw new Error('this body has been read already');
    this.#isBodyBegun = true;
    await onBegin();
    yield* this.#bodyParts();
  }

  /** Reads past what is left of the body. False when that is more than `maxBytes`, or cannot be done. */
  async skipBody(maxBytes: number): Promise<boolean> {
    let skipped = 0;
    try {
      for await (const bytes of this.#bodyParts()) if ((skipped += bytes.length) > maxBytes) return false;
      return true;
    } catch {
      return false;
    }
  }

  /** Waits until the client ends too, but no longer than this; what it still sends is thrown away. */
  async waitForEnd(milliseconds: number): Promise<void> {
    this.#isDiscarding = true;
    this.#acknowledge(this.#unacknowledged);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>(resolve => (timer = setTimeout(resolve, milliseconds)));
    await Promise.race([this.#ended, patience]);
    clearTimeout(timer);
  }

  /** The connection is of no use any more. */
  giveUp(error: unknown): void {
    this.#abort.abort(error);
    this.#setGone(error);
    this.#queue.fail(error);
  }

  async *#bodyParts(): AsyncGenerator<Uint8Array, void, undefined> {
    while (this.#isInBody) {
      const part = await this.#next();
      if (part?.kind === 'data') yield part.bytes;
      else this.#isInBody = false;
    }
  }

  /** The next part, undefined after the last. Rejects when it does not come in time. */
  async #next(): Promise<MessagePart<RequestHead> | undefined> {
    const timer = setTimeout(
      () => this.#queue.fail(new SandboxError('timed-out', 'A program in the guest left its request unfinished.')),
      this.#idleMilliseconds,
    );
    try {
      const { value } = await this.#parts.next();
      return value ?? undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  async *#read(): AsyncGenerator<MessagePart<RequestHead>, void, undefined> {
    for await (const bytes of this.#queue) yield* this.#parse(() => this.#parser.push(bytes));
    yield* this.#parse(() => this.#parser.close());
  }

  *#parse(parts: () => Iterable<MessagePart<RequestHead>>): Generator<MessagePart<RequestHead>, void, undefined> {
    try {
      yield* parts();
    } catch (error) {
      this.#fault = messageOf(error);
      throw error;
    }
  }

  #take(bytes: Uint8Array): void {
    this.#unacknowledged += bytes.length;
    if (this.#isDiscarding) this.#acknowledge(bytes.length);
    else this.#queue.push(bytes);
  }

  #acknowledge(byteCount: number): void {
    // What was thrown away at the end has been acknowledged by then.
    const count = Math.min(byteCount, this.#unacknowledged);
    this.#unacknowledged -= count;
    if (count > 0) this.#connection.acknowledge(count);
  }

  #close(error: SandboxError | undefined): void {
    this.#setEnded();
    // A client that has only ended its own side still reads the answer; a write tells whether it does.
    if (error === undefined) this.#queue.end();
    else this.giveUp(error);
  }
}
