import { HttpHeaders } from './http-headers.ts';

/** The start of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HttpHeaders;
}

/** What the parser found, in order: one head, any data, one end. */
export type ResponsePart =
  { readonly kind: 'head'; readonly head: ResponseHead } | { readonly kind: 'data'; readonly bytes: Uint8Array } | { readonly kind: 'end' };

/** The largest head, trailer or chunk header taken, in bytes. */
export const MAX_HEAD_BYTES = 64 * 1024;

const LINE_FEED = 10;
const SWITCHING_PROTOCOLS = 101;
const BODILESS = new Set([204, 304]);

type State = 'status' | 'headers' | 'fixed' | 'until-close' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'done';

/**
 * Reads one HTTP/1.1 response from bytes that come in any pieces. Data parts are views on what was given.
 * Throws an Error that says what is wrong with the response; after that the parser is of no use.
 */
export class HttpResponseParser {
  readonly #isHeadRequest: boolean;
  #state: State = 'status';
  #line: number[] = [];
  #headBytes = 0;
  #status = 0;
  #reason = '';
  #fields: [string, string][] = [];
  /** Of the body or the chunk. */
  #bytesLeft = 0;

  constructor(method: string) {
    this.#isHeadRequest = method === 'HEAD';
  }

  /** One by one, so that what came before something broken is not lost with it. */
  *push(bytes: Uint8Array): Generator<ResponsePart, void, undefined> {
    let offset = 0;
    while (offset < bytes.length && this.#state !== 'done') {
      const parts: ResponsePart[] = [];
      if (this.#state === 'until-close' || this.#state === 'fixed' || this.#state === 'chunk-data') {
        offset += this.#takeData(bytes.subarray(offset), parts);
      } else {
        offset = this.#takeLine(bytes, offset, parts);
      }
      yield* parts;
    }
  }

  /** The connection has ended. Throws when the response is not whole. */
  close(): ResponsePart[] {
    if (this.#state === 'done') return [];
    if (this.#state !== 'until-close') throw new Error('the connection ended in the middle of the response');
    this.#state = 'done';
    return [{ kind: 'end' }];
  }

  #takeData(bytes: Uint8Array, parts: ResponsePart[]): number {
    if (this.#state === 'until-close') {
      parts.push({ kind: 'data', bytes });
      return bytes.length;
    }
    const data = bytes.subarray(0, this.#bytesLeft);
    parts.push({ kind: 'data', bytes: data });
    this.#bytesLeft -= data.length;
    if (this.#bytesLeft > 0) return data.length;
    if (this.#state === 'fixed') this.#end(parts);
    else this.#state = 'chunk-end';
    return data.length;
  }

  /** Reads up to the end of a line, and the line when it is whole. Gives the offset after what was read. */
  #takeLine(bytes: Uint8Array, start: number, parts: ResponsePart[]): number {
    for (let offset = start; offset < bytes.length; offset++) {
      if (++this.#headBytes > MAX_HEAD_BYTES) throw new Error(`its head is larger than ${MAX_HEAD_BYTES} bytes`);
      const byte = bytes[offset]!;
      if (byte !== LINE_FEED) {
        this.#line.push(byte);
        continue;
      }
      const line = this.#line.map(code => String.fromCharCode(code)).join('');
      this.#line = [];
      this.#takeWholeLine(line.endsWith('\r') ? line.slice(0, -1) : line, parts);
      return offset + 1;
    }
    return bytes.length;
  }

  #takeWholeLine(line: string, parts: ResponsePart[]): void {
    switch (this.#state) {
      case 'status':
        return this.#takeStatus(line);
      case 'headers':
        if (line === '') return this.#takeHead(parts);
        this.#fields.push(parseField(line));
        return;
      case 'chunk-size':
        return this.#takeChunkSize(line);
      case 'chunk-end':
        if (line !== '') throw new Error('a chunk is longer than it says');
        this.#state = 'chunk-size';
        return;
      case 'trailers':
        if (line === '') this.#end(parts);
        return;
    }
  }

  #takeStatus(line: string): void {
    const match = /^HTTP\/1\.[01] ([1-9]\d\d)(?: (.*))?$/.exec(line);
    if (match === null) throw new Error('it does not begin as an HTTP/1.1 response does');
    this.#status = Number(match[1]);
    this.#reason = match[2] ?? '';
    this.#fields = [];
    this.#state = 'headers';
  }

  #takeHead(parts: ResponsePart[]): void {
    this.#headBytes = 0;
    if (this.#status < 200 && this.#status !== SWITCHING_PROTOCOLS) {
      this.#state = 'status';
      return;
    }
    const headers = new HttpHeaders(this.#fields);
    parts.push({ kind: 'head', head: { status: this.#status, reason: this.#reason, headers } });
    this.#beginBody(headers, parts);
  }

  #beginBody(headers: HttpHeaders, parts: ResponsePart[]): void {
    if (this.#isHeadRequest || BODILESS.has(this.#status)) return this.#end(parts);
    const coding = headers.get('transfer-encoding');
    if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked') throw new Error(`its transfer coding "${coding}" is unknown`);
      this.#state = 'chunk-size';
      return;
    }
    const length = headers.get('content-length');
    if (length === undefined || this.#status === SWITCHING_PROTOCOLS) {
      this.#state = 'until-close';
      return;
    }
    this.#bytesLeft = parseLength(length);
    if (this.#bytesLeft === 0) this.#end(parts);
    else this.#state = 'fixed';
  }

  #takeChunkSize(line: string): void {
    const match = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line);
    if (match === null) throw new Error('the size of a chunk cannot be read');
    this.#headBytes = 0;
    this.#bytesLeft = Number.parseInt(match[1]!, 16);
    this.#state = this.#bytesLeft === 0 ? 'trailers' : 'chunk-data';
  }

  #end(parts: ResponsePart[]): void {
    this.#state = 'done';
    parts.push({ kind: 'end' });
  }
}

function parseField(line: string): [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match === null) throw new Error('one of its headers cannot be read');
  return [match[1]!.toLowerCase(), match[2]!];
}

/** Several equal lengths are one; different ones would let two readers see two responses. */
function parseLength(value: string): number {
  const lengths = new Set(value.split(',').map(text => text.trim()));
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined || !/^\d{1,15}$/.test(length)) throw new Error('its length cannot be read');
  return Number(length);
}
