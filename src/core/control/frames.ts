import { joined } from '../base/bytes.ts';

/** One message on the control port; its twin in the guest is images/guest/agent/agent.c. */
export interface Frame {
  /** One letter: see the head of agent.c. */
  readonly type: string;
  readonly channel: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 5;

/** The most bytes one frame may carry: with its head it then fills what the guest's driver takes at once. */
export const MAX_PAYLOAD_BYTES = 32 * 1024 - HEADER_BYTES;

const nothing = new Uint8Array(0);

/** The bytes of a frame. */
export function encodeFrame(type: string, channel: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes.set([type.charCodeAt(0), channel & 255, channel >> 8, payload.length & 255, payload.length >> 8]);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** A payload that is one number of four bytes. */
export function encodeNumber(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
}

/** The number of such a payload. */
export function decodeNumber(payload: Uint8Array): number {
  return (payload[0]! | (payload[1]! << 8) | (payload[2]! << 16) | (payload[3]! << 24)) >>> 0;
}

/** Cuts a stream of bytes into frames; what is left of a frame waits for the next call. The payloads are parts of the bytes given. */
export class FrameReader {
  #rest: Uint8Array = nothing;

  /** The beginning of a frame that is not there as a whole yet. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  push(bytes: Uint8Array): Frame[] {
    const all = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= HEADER_BYTES) {
      const length = all[at + 3]! | (all[at + 4]! << 8);
      if (all.length - at < HEADER_BYTES + length) break;
      frames.push({
        type: String.fromCharCode(all[at]!),
        channel: all[at + 1]! | (all[at + 2]! << 8),
        payload: all.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length),
      });
      at += HEADER_BYTES + length;
    }
    this.#rest = at === all.length ? nothing : all.subarray(at);
    return frames;
  }
}
