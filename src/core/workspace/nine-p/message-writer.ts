import type { TreeNode } from '../tree-node.ts';
import { HEADER_BYTES } from './message-type.ts';

const encoder = new TextEncoder();
const qidTypes = { folder: 0x80, link: 0x02, file: 0x00 } as const;

/** Builds a reply field by field. */
export class MessageWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = HEADER_BYTES;

  constructor(capacityBytes = 192) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** So far, header included. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const start = this.#extend(1);
    this.#view.setUint8(start, value);
  }

  u16(value: number): void {
    const start = this.#extend(2);
    this.#view.setUint16(start, value, true);
  }

  u32(value: number): void {
    const start = this.#extend(4);
    this.#view.setUint32(start, value, true);
  }

  u64(value: number | bigint): void {
    const start = this.#extend(8);
    this.#view.setBigUint64(start, BigInt(value), true);
  }

  bytes(value: Uint8Array): void {
    const start = this.#extend(value.length);
    this.#bytes.set(value, start);
  }

  string(value: string | Uint8Array): void {
    const bytes = typeof value === 'string' ? encoder.encode(value) : value;
    this.u16(bytes.length);
    this.bytes(bytes);
  }

  /** What the guest knows a file by: type, version, number. */
  qid(node: TreeNode): void {
    this.u8(qidTypes[node.kind]);
    this.u32(node.version);
    this.u64(node.id);
  }

  /** Overwrites a 32-bit count that was written before it was known. */
  patch(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** The whole message. */
  finish(type: number, tag: number): Uint8Array {
    this.#view.setUint32(0, this.#length, true);
    this.#view.setUint8(4, type);
    this.#view.setUint16(5, tag, true);
    return this.#bytes.subarray(0, this.#length);
  }

  #extend(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    return start;
  }
}
