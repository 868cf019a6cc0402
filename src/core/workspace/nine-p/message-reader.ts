import { LinuxError } from '../linux-error.ts';

// A name may begin with U+FEFF, which a decoder swallows unless told not to.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the fields of a request in order. Throws EPROTO when the message is shorter than its fields. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A 64-bit offset or size in bytes. What a number cannot hold exactly becomes Number.MAX_SAFE_INTEGER, beyond every limit of ours. */
  size(): number {
    const value = this.u64();
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  /** So many bytes as a view on the message. */
  bytes(count: number): Uint8Array {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A string's bytes as they are. */
  rawString(): Uint8Array {
    return this.bytes(this.u16());
  }

  /** A name. Throws EILSEQ for one that is not UTF-8: the page, which only knows text, could not show or keep it. */
  name(): string {
    const bytes = this.rawString();
    try {
      return decoder.decode(bytes);
    } catch {
      throw new LinuxError('EILSEQ');
    }
  }

  #take(count: number): number {
    const start = this.#offset;
    if (start + count > this.#bytes.length) throw new LinuxError('EPROTO');
    this.#offset = start + count;
    return start;
  }
}
