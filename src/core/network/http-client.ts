import { joined } from '../base/bytes.ts';
import { messageOf, SandboxError } from '../base/errors.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Connection, Dial } from './connection.ts';
import { chunkOf, lastChunk } from './http-chunks.ts';
import type { HttpHeaders } from './http-headers.ts';
import { HttpResponseParser, type ResponseHead, type ResponsePart } from './http-response-parser.ts';

export interface HttpRequest {
  readonly method: string;
  /** With the query, already encoded. */
  readonly path: string;
  /** Without `host` among them, the host is `localhost`. Each character is sent as one byte, as HTTP has it. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Bytes, or a stream of them, read as fast as the other side takes them. A stream is sent in chunks, unless a `content-length` among the headers says how long it is. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

export interface HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: HttpHeaders;
  /** To be read once, by this or by `text` or `json`. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as UTF-8. */
  text(): Promise<string>;
  /** The whole body as JSON. Rejects with `guest-unreachable` if it is not JSON. */
  json(): Promise<unknown>;
}

export interface HttpOptions {
  /** Closes the connection; what is waited for rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** The time from the dial to the end of the response's head; the default is 60,000. The body may take any time. */
  readonly headTimeoutMilliseconds?: number;
}

const HEAD_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Makes one request on a connection of its own. Resolves with the head; the body follows as it arrives.
 * Rejects with `guest-unreachable` (no connection, or no HTTP response), `timed-out` or `cancelled`.
 */
export function requestHttp(dial: Dial, request: HttpRequest, options: HttpOptions = {}): Promise<HttpResponse> {
  return new Exchange(dial, request, options).response;
}

/** One request and its response. */
class Exchange {
  readonly response: Promise<HttpResponse>;
  readonly #dial: Dial;
  readonly #request: HttpRequest;
  readonly #signal: AbortSignal | undefined;
  readonly #parser: HttpResponseParser;
  readonly #body = new ByteQueue({
    onAbandoned: () => this.#finish(),
    onConsumed: byteCount => this.#connection?.acknowledge(byteCount),
  });
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #onAbort = () => this.#fail(new SandboxError('cancelled', 'The request was cancelled.', { cause: this.#signal?.reason }));
  #resolve!: (response: HttpResponse) => void;
  #reject!: (error: unknown) => void;
  #connection: Connection | undefined;
  #isOver = false;

  constructor(dial: Dial, request: HttpRequest, { signal, headTimeoutMilliseconds = HEAD_TIMEOUT_MILLISECONDS }: HttpOptions) {
    this.#dial = dial;
    this.#request = request;
    this.#signal = signal;
    this.#parser = new HttpResponseParser(request.method);
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#fail(timeout(headTimeoutMilliseconds)), headTimeoutMilliseconds);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#onAbort();
    else this.#start().catch((error: unknown) => this.#fail(error));
  }

  async #start(): Promise<void> {
    const head = encodeRequestHead(this.#request);
    const connection = await this.#dial(this.#signal);
    if (this.#isOver) return connection.close();
    this.#connection = connection;
    connection.onData(data => this.#takeBytes(connection, data));
    connection.onClose(error => (error === undefined ? this.#take(() => this.#parser.close()) : this.#fail(error)));
    // No half close after the request: dockerd takes it for a client that has gone, and calls the request off.
    const { body } = this.#request;
    if (body === undefined) await connection.write(head);
    else if (body instanceof Uint8Array) await connection.write(joined(head, body));
    else await this.#sendStream(connection, head, body);
  }

  /** Sends a body as it comes. The other side may answer and close before it is whole: what then cannot be written is told by the closing. */
  async #sendStream(connection: Connection, head: Uint8Array, body: AsyncIterable<Uint8Array>): Promise<void> {
    const isChunked = !hasHeader(this.#request, 'content-length');
    const send = async (bytes: Uint8Array): Promise<void> => {
      await connection.write(bytes).catch(() => undefined);
    };
    await send(head);
    for await (const bytes of body) {
      if (this.#isOver) return;
      if (bytes.length > 0) await send(isChunked ? chunkOf(bytes) : bytes);
    }
    if (isChunked && !this.#isOver) await send(lastChunk);
  }

  /** What of the bytes is no body is dealt with at once; the body when its reader has it. */
  #takeBytes(connection: Connection, data: Uint8Array): void {
    let bodyBytes = 0;
    this.#take(
      () => this.#parser.push(data),
      part => (bodyBytes += part.kind === 'data' ? part.bytes.length : 0),
    );
    connection.acknowledge(data.length - bodyBytes);
  }

  #take(parse: () => Iterable<ResponsePart>, look: (part: ResponsePart) => void = () => undefined): void {
    if (this.#isOver) return;
    try {
      for (const part of parse()) {
        look(part);
        this.#takePart(part);
      }
    } catch (error) {
      this.#fail(new SandboxError('guest-unreachable', `The answer from the guest is broken: ${messageOf(error)}.`, { cause: error }));
    }
  }

  #takePart(part: ResponsePart): void {
    if (part.kind === 'head') {
      clearTimeout(this.#timer);
      this.#resolve(responseOf(part.head, this.#body));
    } else if (part.kind === 'data') {
      this.#body.push(part.bytes);
    } else {
      this.#body.end();
      this.#finish();
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const told = error instanceof SandboxError ? error : new SandboxError('guest-unreachable', messageOf(error), { cause: error });
    this.#reject(told);
    this.#body.fail(told);
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#connection?.close();
  }
}

function timeout(milliseconds: number): SandboxError {
  return new SandboxError('timed-out', `The guest did not answer within ${milliseconds / 1000} seconds: it may be very busy.`);
}

function responseOf({ status, reason, headers }: ResponseHead, body: ByteQueue): HttpResponse {
  const text = () => textOf(body);
  return { status, reason, headers, body, text, json: async () => parseJson(await text()) };
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SandboxError('guest-unreachable', 'The answer from the guest is not JSON.', { cause: error });
  }
}

function hasHeader({ headers = [] }: HttpRequest, name: string): boolean {
  return headers.some(([field]) => field.toLowerCase() === name);
}

/** Throws an Error for what would be more than one request on the wire. */
function encodeRequestHead(request: HttpRequest): Uint8Array {
  const { method, path, headers = [], body } = request;
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method) || !/^\/[\x21-\x7e]*$/.test(path)) throw new Error(`no HTTP request: ${method} ${path}`);
  const fields: (readonly [string, string])[] = [...headers, ['Connection', 'close']];
  if (!hasHeader(request, 'host')) fields.unshift(['Host', 'localhost']);
  if (body instanceof Uint8Array) fields.push(['Content-Length', String(body.length)]);
  else if (body !== undefined && !hasHeader(request, 'content-length')) fields.push(['Transfer-Encoding', 'chunked']);
  for (const [name, value] of fields) if (!isField(name, value)) throw new Error(`no HTTP header: ${name}`);
  return bytesOf(`${method} ${path} HTTP/1.1\r\n${fields.map(field => `${field.join(': ')}\r\n`).join('')}\r\n`);
}

function isField(name: string, value: string): boolean {
  return !/[\r\n\0]|[^\0-\xff]/.test(name + value);
}

/** One byte a character. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}
