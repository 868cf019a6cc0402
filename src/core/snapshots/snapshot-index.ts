import { joined } from '../base/bytes.ts';
import { sha256Of } from '../base/sha256.ts';

/** Changes when the meaning of what is stored changes. */
const INDEX_FORMAT = 2;
const MARK = 0x53_44_44_31;
const PREFIX_WORDS = 4;
const CHECKSUM_BYTES = 64;

/** A piece of a segment, and the hash of what is in it. `segment` counts in the index's list. */
export type Extent = readonly [segment: number, offset: number, bytes: number, hash1: number, hash2: number];

/** What an index says apart from its tables. */
export interface IndexHead {
  /** What a machine must be made of to go on from here. */
  readonly machine: string;
  /** Given by the learner; none for what the page saves by itself. */
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly memoryBytes: number;
  readonly ramStart: number;
  readonly segments: readonly { readonly name: string; readonly bytes: number }[];
  /** What is neither memory nor disk, by name. */
  readonly parts: Readonly<Record<string, Extent>>;
  readonly modules: readonly { readonly slot: number; readonly address: number; readonly code: Extent }[];
}

/** A saved machine's table of contents. */
export interface SnapshotIndex {
  readonly head: IndexHead;
  /** A PageTable each, packed. */
  readonly memory: Uint32Array;
  readonly disk: Uint32Array;
}

/** An index as a file, with a checksum: a file that was not written to its end is known by it. */
export async function encodeIndex({ head, memory, disk }: SnapshotIndex): Promise<Uint8Array<ArrayBuffer>> {
  const text = JSON.stringify({ format: INDEX_FORMAT, ...head });
  const json = new TextEncoder().encode(text + ' '.repeat((4 - (new TextEncoder().encode(text).length % 4)) % 4));
  const prefix = Uint32Array.of(MARK, json.length, memory.length, disk.length);
  const body = joined(bytesOf(prefix), json, bytesOf(memory), bytesOf(disk));
  return joined(body, new TextEncoder().encode(await sha256Of(body)));
}

/** The inverse; undefined where the file is damaged, cut short, or of another format. */
export async function decodeIndex(file: Uint8Array<ArrayBuffer>): Promise<SnapshotIndex | undefined> {
  if (file.length < PREFIX_WORDS * 4 + CHECKSUM_BYTES) return undefined;
  const body = file.slice(0, -CHECKSUM_BYTES);
  if ((await sha256Of(body)) !== new TextDecoder().decode(file.subarray(-CHECKSUM_BYTES))) return undefined;
  const [mark, jsonBytes, memoryWords, diskWords] = new Uint32Array(body.buffer, 0, PREFIX_WORDS) as unknown as [number, number, number, number];
  if (mark !== MARK) return undefined;
  const start = PREFIX_WORDS * 4 + jsonBytes;
  const { format, ...head } = JSON.parse(new TextDecoder().decode(body.subarray(PREFIX_WORDS * 4, start))) as IndexHead & { format: number };
  if (format !== INDEX_FORMAT) return undefined;
  return { head, memory: new Uint32Array(body.buffer, start, memoryWords), disk: new Uint32Array(body.buffer, start + memoryWords * 4, diskWords) };
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
