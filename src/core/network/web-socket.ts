import { base64Of, joinedAll } from '../base/bytes.ts';
import { messageOf } from '../base/errors.ts';
import { digestOf } from '../base/file-digest.ts';
import type { Connection, Dial } from './connection.ts';
import { encodeHead } from './http-headers.ts';
import { HttpResponseParser, type ResponsePart } from './http-response-parser.ts';
import { encodeFrame, FrameReader, MAX_MESSAGE_BYTES, Opcode, SocketFault, type Frame } from './web-socket-frames.ts';

export interface WebSocketRequest {
  /** With the query, already encoded. */
  readonly path: string;
  /** All but those that make it a WebSocket's. */
  readonly headers: readonly (readonly [string, string])[];
  /** Subprotocols, the one most wanted first. */
  readonly protocols: readonly string[];
}

/** How a WebSocket ended (RFC 6455, 7.1): 1005 is a close without a code, 1006 a connection that broke. */
export interface WebSocketEnd {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** What its owner hears, in this order. */
export interface WebSocketListener {
  /** `protocol` is the subprotocol that the server has chosen; empty for none. */
  onOpen(protocol: string): void;
  /** `byteCount` is to be told to `consumed` when it was dealt with. */
  onMessage(data: string | Uint8Array<ArrayBuffer>, byteCount: number): void;
  /** Told once. `problem` says what went wrong, where something did. */
  onEnd(end: WebSocketEnd, problem?: string): void;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPEN_MILLISECONDS = 300_000;
/** How long the other side has to answer a close. */
const CLOSE_MILLISECONDS = 10_000;
/** Of messages that were told and not dealt with: while there are more the other side is held up. */
const UNCONSUMED_BYTES = 512 * 1024;
/** The end of a connection that broke, or never was. */
export const BROKEN: WebSocketEnd = { code: 1006, reason: '', wasClean: false };

/**
 * A WebSocket's client on a connection (RFC 6455), without extensions. The framing is written here because the libraries for it want Node's sockets
 * and streams.
 */
export class WebSocketClient {
  readonly #connection: Connection;
  readonly #listener: WebSocketListener;
  readonly #key = base64Of(crypto.getRandomValues(new Uint8Array(16)));
  readonly #protocols: readonly string[];
  readonly #head = new HttpResponseParser('GET');
  readonly #frames = new FrameReader();
  #isOpen = false;
  #parts: { readonly opcode: number; readonly pieces: Uint8Array[]; bytes: number } | undefined;
  #owedBytes = 0;
  #unconsumedBytes = 0;
  #hasSentClose = false;
  #isOver = false;
  /** For what is waited for: the answer to the handshake, later to the close. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(connection: Connection, protocols: readonly string[], listener: WebSocketListener) {
    this.#connection = connection;
    this.#protocols = protocols;
    this.#listener = listener;
    connection.onData(bytes => this.#take(bytes));
    connection.onClose(error => this.#end(BROKEN, error?.message ?? 'The connection ended.'));
  }

  /** Connects and begins to shake hands: `onOpen` or `onEnd` tells how that went. Rejects where there is no connection. */
  static async connect(dial: Dial, request: WebSocketRequest, listener: WebSocketListener, signal: AbortSignal): Promise<WebSocketClient> {
    const connection = await dial(signal);
    const client = new WebSocketClient(connection, request.protocols, listener);
    client.#waitFor(OPEN_MILLISECONDS, `Nothing answered within ${OPEN_MILLISECONDS / 1000} seconds.`);
    await connection.write(encodeRequest(request, client.#key));
    return client;
  }

  /** Resolves when the other side has room for more. */
  async send(data: string | Uint8Array): Promise<void> {
    if (!this.#isOpen || this.#hasSentClose || this.#isOver) return;
    const isText = typeof data === 'string';
    await this.#write(isText ? Opcode.text : Opcode.binary, isText ? new TextEncoder().encode(data) : data);
  }

  /** Says that it is to end; `onEnd` tells when it has. Without a code, none is sent. */
  close(code?: number, reason = ''): void {
    if (this.#hasSentClose || this.#isOver) return;
    if (!this.#isOpen) return this.#end(BROKEN, 'It was closed before it was open.');
    this.#sendClose(code, reason);
    this.#waitFor(CLOSE_MILLISECONDS, 'The other side did not answer the close.');
  }

  /** So many bytes of messages were dealt with. */
  consumed(byteCount: number): void {
    this.#unconsumedBytes -= byteCount;
    this.#acknowledge();
  }

  #waitFor(milliseconds: number, problem: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(BROKEN, problem), milliseconds);
  }

  #take(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#owedBytes += bytes.length;
    try {
      if (this.#isOpen) this.#takeFrames(bytes);
      else for (const part of this.#head.push(bytes)) this.#takeAnswer(part);
    } catch (error) {
      if (this.#isOpen) this.#sendClose(error instanceof SocketFault ? error.code : 1002, messageOf(error));
      this.#end(BROKEN, `The server does not speak as it should: ${messageOf(error)}.`);
    }
    this.#acknowledge();
  }

  /** The answer to the handshake, and the frames that came right behind it. */
  #takeAnswer(part: ResponsePart): void {
    if (part.kind === 'data' && this.#isOpen) return this.#takeFrames(part.bytes);
    if (part.kind !== 'head' || this.#isOver) return;
    const { headers, status } = part.head;
    if (status !== 101) return this.#end(BROKEN, `The server answered ${status} to the handshake, not 101.`);
    if (headers.get('sec-websocket-accept') !== acceptOf(this.#key)) throw new Error('its answer to the handshake does not fit the question');
    const protocol = headers.get('sec-websocket-protocol') ?? '';
    if (protocol !== '' && !this.#protocols.includes(protocol)) throw new Error(`it chose the protocol "${protocol}", which was not offered`);
    if (headers.get('sec-websocket-extensions') !== undefined) throw new Error('it uses an extension that was not offered');
    clearTimeout(this.#timer);
    this.#isOpen = true;
    this.#listener.onOpen(protocol);
  }

  #takeFrames(bytes: Uint8Array): void {
    for (const frame of this.#frames.push(bytes)) this.#takeFrame(frame);
  }

  #takeFrame(frame: Frame): void {
    if (this.#isOver) return;
    const { opcode, payload } = frame;
    if (opcode === Opcode.ping) void this.#write(Opcode.pong, payload).catch(() => undefined);
    else if (opcode === Opcode.close) this.#takeClose(payload);
    else if (opcode !== Opcode.pong) this.#takePart(frame);
  }

  #takePart({ isLast, opcode, payload }: Frame): void {
    if (opcode > Opcode.binary) throw new SocketFault(1002, 'it sends a frame of an unknown kind');
    if ((opcode === Opcode.continuation) !== (this.#parts !== undefined)) throw new SocketFault(1002, 'it mixes the parts of two messages');
    const parts = (this.#parts ??= { opcode, pieces: [], bytes: 0 });
    parts.pieces.push(payload);
    parts.bytes += payload.length;
    if (parts.bytes > MAX_MESSAGE_BYTES) throw new SocketFault(1009, 'it sends a message that is too long');
    if (!isLast) return;
    this.#parts = undefined;
    const bytes = joinedAll(parts.pieces);
    this.#unconsumedBytes += bytes.length;
    this.#listener.onMessage(parts.opcode === Opcode.text ? textOf(bytes) : bytes, bytes.length);
  }

  #takeClose(payload: Uint8Array): void {
    const code = payload.length < 2 ? undefined : payload[0]! * 256 + payload[1]!;
    const reason = textOf(payload.subarray(2));
    if (!this.#hasSentClose) this.#sendClose(code, '');
    this.#end({ code: code ?? 1005, reason, wasClean: true });
  }

  #sendClose(code: number | undefined, reason: string): void {
    this.#hasSentClose = true;
    const bytes = code === undefined ? [] : [code >> 8, code & 255, ...new TextEncoder().encode(reason)];
    void this.#write(Opcode.close, Uint8Array.from(bytes.slice(0, 125))).catch(() => undefined);
  }

  async #write(opcode: number, payload: Uint8Array): Promise<void> {
    await this.#connection.write(encodeFrame(opcode, payload));
  }

  /** What is told and not dealt with holds the other side up; what is half here must not, or its other half would never come. */
  #acknowledge(): void {
    if (this.#isOver || this.#unconsumedBytes > UNCONSUMED_BYTES || this.#owedBytes === 0) return;
    this.#connection.acknowledge(this.#owedBytes);
    this.#owedBytes = 0;
  }

  #end(end: WebSocketEnd, problem?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    // The close that was just written is to arrive.
    this.#connection.end();
    this.#connection.close();
    this.#listener.onEnd(end, problem);
  }
}

function encodeRequest({ headers, path, protocols }: WebSocketRequest, key: string): Uint8Array {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw new Error(`no address of a WebSocket: ${path}`);
  return encodeHead(`GET ${path} HTTP/1.1`, [
    ...headers,
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', '13'],
    ...(protocols.length === 0 ? [] : [['Sec-WebSocket-Protocol', protocols.join(', ')] as const]),
  ]);
}

/** What a server answers to a key (RFC 6455, 4.2.2). */
function acceptOf(key: string): string {
  return base64Of(digestOf('sha1', new TextEncoder().encode(key + GUID)));
}

/** Throws a SocketFault for bytes that are no UTF-8. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SocketFault(1007, 'it sends text that is no UTF-8');
  }
}
