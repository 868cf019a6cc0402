import { joinedAll } from '../base/bytes.ts';

// The frames of WebSockets, as a client sends and reads them (RFC 6455, 5).

/** What a frame is for. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame as it came. The payload is the reader's to keep. */
export interface Frame {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** What the other side did wrong, with the code that a WebSocket closes with for it (RFC 6455, 7.4.1). */
export class SocketFault extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
    this.name = 'SocketFault';
  }
}

/** More is not held in memory for one message. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** The most that a close, ping or pong may carry. */
const MAX_CONTROL_BYTES = 125;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const LONGEST_HEAD = 14;

/** A whole frame from a client: such frames are masked. */
export function encodeFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LONGEST_HEAD + payload.length);
  frame[0] = 0x80 | opcode;
  let at = writeLength(frame, payload.length);
  const mask = crypto.getRandomValues(new Uint8Array(4));
  frame.set(mask, at);
  at += mask.length;
  for (let index = 0; index < payload.length; index++) frame[at + index] = payload[index]! ^ mask[index & 3]!;
  return frame.subarray(0, at + payload.length);
}

/** Gives the offset after the length. */
function writeLength(frame: Uint8Array, length: number): number {
  const view = new DataView(frame.buffer);
  if (length <= MAX_CONTROL_BYTES) {
    frame[1] = 0x80 | length;
    return 2;
  }
  if (length < 0x1_0000) {
    frame[1] = 0x80 | TWO_BYTES;
    view.setUint16(2, length);
    return 4;
  }
  frame[1] = 0x80 | EIGHT_BYTES;
  view.setBigUint64(2, BigInt(length));
  return 10;
}

/** Reads a server's frames from bytes that come in any pieces. Throws a SocketFault; after that it is of no use. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** So many are needed before there is anything to read: a long frame is not put together anew with each of its pieces. */
  #neededBytes = 2;

  *push(bytes: Uint8Array): Generator<Frame, void, undefined> {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < this.#neededBytes) return;
    const all = joinedAll(this.#pieces);
    let at = 0;
    this.#neededBytes = 2;
    for (;;) {
      const head = readHead(all, at);
      if (head === undefined) break;
      if (all.length < head.end) {
        this.#neededBytes = head.end - at;
        break;
      }
      yield { isLast: head.isLast, opcode: head.opcode, payload: all.slice(head.start, head.end) };
      at = head.end;
    }
    this.#pieces = [all.slice(at)];
    this.#bytes = all.length - at;
  }
}

interface FrameHead {
  readonly isLast: boolean;
  readonly opcode: number;
  /** Where the payload begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** Undefined where the head is not all there. */
function readHead(bytes: Uint8Array, at: number): FrameHead | undefined {
  const [first, second] = [bytes[at], bytes[at + 1]];
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 0x0f;
  const isLast = (first & 0x80) !== 0;
  if ((first & 0x70) !== 0) throw new SocketFault(1002, 'it uses an extension that was not agreed on');
  if ((second & 0x80) !== 0) throw new SocketFault(1002, 'it masks its frames, which only clients do');
  const length = readLength(bytes, at + 2, second);
  if (length === undefined) return undefined;
  if (length.value > MAX_MESSAGE_BYTES) throw new SocketFault(1009, 'it sends a message that is too long');
  if (opcode >= Opcode.close && (!isLast || length.value > MAX_CONTROL_BYTES))
    throw new SocketFault(1002, 'it sends a control frame that is too long');
  return { isLast, opcode, start: length.end, end: length.end + length.value };
}

function readLength(bytes: Uint8Array, at: number, short: number): { readonly value: number; readonly end: number } | undefined {
  if (short <= MAX_CONTROL_BYTES) return { value: short, end: at };
  const size = short === TWO_BYTES ? 2 : 8;
  if (bytes.length < at + size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  return { value: size === 2 ? view.getUint16(0) : Number(view.getBigUint64(0)), end: at + size };
}
