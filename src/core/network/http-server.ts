import { joined } from '../base/bytes.ts';
import { messageOf, withTimeout } from '../base/errors.ts';
import type { Connection } from './connection.ts';
import { chunkOf, lastChunk } from './http-chunks.ts';
import { encodeHead, type HttpHeaders } from './http-headers.ts';
import type { RequestHead } from './http-request-parser.ts';
import { RequestReader } from './request-reader.ts';

/** A request as its handler gets it. */
export interface HttpServerRequest {
  readonly method: string;
  /** As sent: `/path?query`, `http://host/path` to a proxy, `host:port` with CONNECT, or `*`. */
  readonly target: string;
  readonly headers: HttpHeaders;
  /** To be read once, or not at all. Throws when it does not arrive whole. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborts when the client has gone: nobody waits for the response any more. */
  readonly signal: AbortSignal;
}

/** A body that is made while it is sent. It is left early when the client goes; when it throws, the connection breaks off, so that the client sees it. */
export interface StreamedBody {
  /** Its length, where that is known before. */
  readonly bytes?: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What a handler answers. */
export interface HttpServerResponse {
  readonly status: number;
  /** The text after the status; the default is the usual one. */
  readonly reason?: string;
  /** Without those of framing and connection, which the server adds. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Not sent in answer to HEAD, whose response has the same headers. Text goes as UTF-8. */
  readonly body?: string | Uint8Array | StreamedBody;
}

export type HttpHandler = (request: HttpServerRequest) => HttpServerResponse | Promise<HttpServerResponse>;

export interface HttpServerOptions {
  /** The server hangs up on a client that keeps a connection open, or a request unfinished, for this long without a byte; the default is 60,000. */
  readonly idleMilliseconds?: number;
  /** The server hangs up on a client that does not read its response for this long. The default is 300,000, because the guest may be very busy. */
  readonly stallMilliseconds?: number;
  /** Drops the connection, whatever it is busy with. */
  readonly signal?: AbortSignal;
}

const IDLE_MILLISECONDS = 60_000;
const STALL_MILLISECONDS = 300_000;
/** How long a client gets to read the last response before the connection is dropped under it. */
const LINGER_MILLISECONDS = 5000;
/** An unread request body up to this size is read past, so that the connection can be kept. */
const MAX_SKIPPED_BYTES = 64 * 1024;

const BODILESS = new Set([204, 304]);
const REASONS: Record<number, string> = {
  200: 'OK',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  416: 'Range Not Satisfiable',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const encoder = new TextEncoder();

/**
 * Answers the HTTP/1.1 requests that come on a connection, one after the other, until either side ends it.
 * Call it at once: it must listen before the first bytes come. Resolves when the connection is over; never rejects.
 * A request that is no HTTP gets a 400; a handler that throws, a 500 with its message.
 */
export function serveHttp(connection: Connection, handle: HttpHandler, options: HttpServerOptions = {}): Promise<void> {
  return new ServedConnection(connection, handle, options).run();
}

/** How the end of a response's body is told. */
type Framing = 'length' | 'chunks' | 'close';

class ServedConnection {
  readonly #connection: Connection;
  readonly #handle: HttpHandler;
  readonly #stallMilliseconds: number;
  readonly #signal: AbortSignal | undefined;
  readonly #reader: RequestReader;

  constructor(connection: Connection, handle: HttpHandler, options: HttpServerOptions) {
    this.#connection = connection;
    this.#handle = handle;
    this.#stallMilliseconds = options.stallMilliseconds ?? STALL_MILLISECONDS;
    this.#signal = options.signal;
    this.#reader = new RequestReader(connection, options.idleMilliseconds ?? IDLE_MILLISECONDS);
  }

  async run(): Promise<void> {
    const drop = () => this.#reader.giveUp(this.#signal?.reason);
    this.#signal?.addEventListener('abort', drop, { once: true });
    try {
      while (await this.#serveOne());
      this.#connection.end();
      await this.#reader.waitForEnd(LINGER_MILLISECONDS);
    } catch (error) {
      // The client has gone, or its response could not be made whole: dropping the connection is what tells it.
      this.#reader.giveUp(error);
    } finally {
      this.#signal?.removeEventListener('abort', drop);
      this.#connection.close();
    }
  }

  /** Answers the next request. False when no other is to follow. */
  async #serveOne(): Promise<boolean> {
    const head = await this.#reader.nextHead();
    if (head === undefined) {
      if (this.#reader.fault !== undefined) await this.#send(undefined, badRequest(this.#reader.fault), false);
      return false;
    }
    const body = this.#reader.body(() => this.#continue(head));
    const response = await this.#answer(head, body);
    const isKept = wantsToStay(head) && this.#reader.fault === undefined;
    const stays = await this.#send(head, response, isKept);
    return stays && (await this.#reader.skipBody(MAX_SKIPPED_BYTES));
  }

  async #answer(head: RequestHead, body: AsyncIterable<Uint8Array>): Promise<HttpServerResponse> {
    try {
      const { method, target, headers } = head;
      return await this.#handle({ method, target, headers, body, signal: this.#reader.signal });
    } catch (error) {
      if (this.#reader.fault !== undefined) return badRequest(this.#reader.fault);
      if (!this.#reader.signal.aborted) console.error('an HTTP request could not be answered', error);
      return { status: 500, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: `${messageOf(error)}\n` };
    }
  }

  /** The client waits with a body until it hears that it is wanted. */
  async #continue({ headers, minorVersion }: RequestHead): Promise<void> {
    if (minorVersion === 1 && expectsContinue(headers)) await this.#write(encodeHead('HTTP/1.1 100 Continue', []));
  }

  /** Writes a response. True when the connection can be kept after it. */
  async #send(head: RequestHead | undefined, response: HttpServerResponse, isKept: boolean): Promise<boolean> {
    const body = typeof response.body === 'string' ? encoder.encode(response.body) : response.body;
    const framing = framingOf(body, head);
    // A client that waited with its body, and did not hear that it is wanted, may send it yet or not: only a new connection is sure.
    const isUnsure = head !== undefined && expectsContinue(head.headers) && !this.#reader.isBodyBegun;
    const stays = isKept && framing !== 'close' && !isUnsure;
    const bytes = headOf(response, body, framing, stays, head?.minorVersion ?? 1);
    if (body === undefined || head?.method === 'HEAD' || BODILESS.has(response.status)) {
      await this.#write(bytes);
    } else if (body instanceof Uint8Array) {
      await this.#write(joined(bytes, body));
    } else {
      await this.#write(bytes);
      await this.#sendStream(body, framing);
    }
    return stays;
  }

  async #sendStream({ bytes, content }: StreamedBody, framing: Framing): Promise<void> {
    let sent = 0;
    const iterator = content[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), this.#reader.gone]);
        if (next.done === true) break;
        if (next.value.length === 0) continue;
        sent += next.value.length;
        if (bytes !== undefined && sent > bytes) throw new Error(`a response has more than the ${bytes} bytes it announced`);
        await this.#write(framing === 'chunks' ? chunkOf(next.value) : next.value);
      }
    } finally {
      // Not awaited: a source that waits for a download hears of it when that ends.
      iterator.return?.().catch(() => undefined);
    }
    if (bytes !== undefined && sent < bytes) throw new Error(`a response has ${sent} bytes, not the ${bytes} it announced`);
    if (framing === 'chunks') await this.#write(lastChunk);
  }

  #write(bytes: Uint8Array): Promise<void> {
    const write = Promise.race([this.#connection.write(bytes), this.#reader.gone]);
    return withTimeout(write, this.#stallMilliseconds, 'A program in the guest does not read what it asked for.');
  }
}

function badRequest(fault: string): HttpServerResponse {
  return { status: 400, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: `This request cannot be read: ${fault}.\n` };
}

function expectsContinue(headers: HttpHeaders): boolean {
  return headers.get('expect')?.toLowerCase() === '100-continue';
}

function wantsToStay({ headers, minorVersion }: RequestHead): boolean {
  const words = (headers.get('connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/);
  return minorVersion === 1 ? !words.includes('close') : words.includes('keep-alive');
}

function framingOf(body: Uint8Array | StreamedBody | undefined, head: RequestHead | undefined): Framing {
  if (body === undefined || body instanceof Uint8Array || body.bytes !== undefined) return 'length';
  return head?.minorVersion === 0 ? 'close' : 'chunks';
}

function headOf(
  { status, reason, headers = [] }: HttpServerResponse,
  body: Uint8Array | StreamedBody | undefined,
  framing: Framing,
  stays: boolean,
  minorVersion: 0 | 1,
): Uint8Array {
  const fields: (readonly [string, string])[] = [['Date', new Date().toUTCString()], ...headers];
  if (BODILESS.has(status)) {
    // Neither length nor chunks: there is no body by rule.
  } else if (framing === 'chunks') {
    fields.push(['Transfer-Encoding', 'chunked']);
  } else if (framing === 'length') {
    fields.push(['Content-Length', String(body instanceof Uint8Array ? body.length : (body?.bytes ?? 0))]);
  }
  if (!stays) fields.push(['Connection', 'close']);
  else if (minorVersion === 0) fields.push(['Connection', 'keep-alive']);
  return encodeHead(`HTTP/1.1 ${status} ${reason ?? REASONS[status] ?? ''}`, fields);
}
