import { HttpHeaders } from './http-headers.ts';

/** What the parser found, in order: one head, any data, one end; then, where messages follow one another, the next head. */
export type MessagePart<Head> =
  { readonly kind: 'head'; readonly head: Head } | { readonly kind: 'data'; readonly bytes: Uint8Array } | { readonly kind: 'end' };

/** How the end of a message's body is found. */
export type BodyFraming =
  { readonly kind: 'none' } | { readonly kind: 'fixed'; readonly bytes: number } | { readonly kind: 'chunked' } | { readonly kind: 'until-close' };

/** What requests and responses do not have in common. Its functions throw an Error that says what is wrong with the message. */
export interface MessageForm<Start, Head> {
  /** `request` or `response`, for the messages of errors. */
  readonly name: string;
  /** True where one message may follow another: the parser then begins again after each. */
  readonly isRepeated: boolean;
  readStart(line: string): Start;
  /** Undefined for a head that only goes before the real one (100 Continue). */
  readHead(start: Start, headers: HttpHeaders): Head | undefined;
  framingOf(head: Head): BodyFraming;
}

/** The largest head, trailer or chunk header taken, in bytes. */
export const MAX_HEAD_BYTES = 64 * 1024;

const LINE_FEED = 10;

type State = 'start' | 'headers' | 'fixed' | 'until-close' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'done';

/**
 * Reads HTTP/1.1 messages from bytes that come in any pieces. Data parts are views on what was given.
 * Throws an Error that says what is wrong with the message; after that the parser is of no use.
 */
export class HttpMessageParser<Start, Head> {
  readonly #form: MessageForm<Start, Head>;
  #state: State = 'start';
  #line: number[] = [];
  #headBytes = 0;
  #start: Start | undefined;
  #fields: [string, string][] = [];
  /** Of the body or the chunk. */
  #bytesLeft = 0;

  constructor(form: MessageForm<Start, Head>) {
    this.#form = form;
  }

  /** True before the first byte of a message: a connection that ends now has lost nothing. */
  get isBetweenMessages(): boolean {
    return this.#state === 'start' && this.#line.length === 0;
  }

  /** One by one, so that what came before something broken is not lost with it, and what comes after is read when it is wanted. */
  *push(bytes: Uint8Array): Generator<MessagePart<Head>, void, undefined> {
    let offset = 0;
    while (offset < bytes.length && this.#state !== 'done') {
      const parts: MessagePart<Head>[] = [];
      if (this.#state === 'until-close' || this.#state === 'fixed' || this.#state === 'chunk-data') {
        offset += this.#takeData(bytes.subarray(offset), parts);
      } else {
        offset = this.#takeLine(bytes, offset, parts);
      }
      yield* parts;
    }
  }

  /** The connection has ended. Throws when a message is not whole. */
  close(): MessagePart<Head>[] {
    if (this.#state === 'done' || (this.#form.isRepeated && this.isBetweenMessages)) return [];
    if (this.#state !== 'until-close') throw new Error(`the connection ended in the middle of the ${this.#form.name}`);
    this.#state = 'done';
    return [{ kind: 'end' }];
  }

  #takeData(bytes: Uint8Array, parts: MessagePart<Head>[]): number {
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
  #takeLine(bytes: Uint8Array, start: number, parts: MessagePart<Head>[]): number {
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

  #takeWholeLine(line: string, parts: MessagePart<Head>[]): void {
    switch (this.#state) {
      case 'start':
        return this.#takeStart(line);
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

  #takeStart(line: string): void {
    // RFC 9112, 2.2: some clients send an empty line after a request's body.
    if (line === '' && this.#form.isRepeated) return;
    this.#start = this.#form.readStart(line);
    this.#fields = [];
    this.#state = 'headers';
  }

  #takeHead(parts: MessagePart<Head>[]): void {
    this.#headBytes = 0;
    const head = this.#form.readHead(this.#start!, new HttpHeaders(this.#fields));
    if (head === undefined) {
      this.#state = 'start';
      return;
    }
    // What the form says about the body comes first: a message whose body cannot be read is not shown as one.
    const framing = this.#form.framingOf(head);
    parts.push({ kind: 'head', head });
    this.#beginBody(framing, parts);
  }

  #beginBody(framing: BodyFraming, parts: MessagePart<Head>[]): void {
    if (framing.kind === 'none') return this.#end(parts);
    if (framing.kind === 'chunked') {
      this.#state = 'chunk-size';
    } else if (framing.kind === 'until-close') {
      this.#state = 'until-close';
    } else {
      this.#bytesLeft = framing.bytes;
      if (this.#bytesLeft === 0) this.#end(parts);
      else this.#state = 'fixed';
    }
  }

  #takeChunkSize(line: string): void {
    const match = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line);
    if (match === null) throw new Error('the size of a chunk cannot be read');
    this.#headBytes = 0;
    this.#bytesLeft = Number.parseInt(match[1]!, 16);
    this.#state = this.#bytesLeft === 0 ? 'trailers' : 'chunk-data';
  }

  #end(parts: MessagePart<Head>[]): void {
    this.#headBytes = 0;
    this.#state = this.#form.isRepeated ? 'start' : 'done';
    parts.push({ kind: 'end' });
  }
}

function parseField(line: string): [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match === null) throw new Error('one of its headers cannot be read');
  return [match[1]!.toLowerCase(), match[2]!];
}

/** A Content-Length. Several equal ones are one; different ones would let two readers see two messages. */
export function parseLength(value: string): number {
  const lengths = new Set(value.split(',').map(text => text.trim()));
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined || !/^\d{1,15}$/.test(length)) throw new Error('its length cannot be read');
  return Number(length);
}
