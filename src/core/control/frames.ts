/** One message on the control port; its twin in the guest is images/guest/agent/agent.c. */
export interface Frame {
  /** One letter: see the head of agent.c. */
  readonly type: string;
  readonly channel: number;
  readonly payload: Uint8Array;
}

/** The most bytes one frame may carry. */
export const MAX_PAYLOAD_BYTES = 4000;

const HEADER_BYTES = 5;

/** The bytes of a frame. */
export function encodeFrame(type: string, channel: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes.set([type.charCodeAt(0), channel & 255, channel >> 8, payload.length & 255, payload.length >> 8]);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Cuts a stream of bytes into frames; what is left of a frame waits for the next call. */
export class FrameReader {
  #rest = new Uint8Array(0);

  push(bytes: Uint8Array): Frame[] {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= HEADER_BYTES) {
      const length = all[at + 3]! | (all[at + 4]! << 8);
      if (all.length - at < HEADER_BYTES + length) break;
      frames.push({
        type: String.fromCharCode(all[at]!),
        channel: all[at + 1]! | (all[at + 2]! << 8),
        payload: all.slice(at + HEADER_BYTES, at + HEADER_BYTES + length),
      });
      at += HEADER_BYTES + length;
    }
    this.#rest = all.slice(at);
    return frames;
  }
}
