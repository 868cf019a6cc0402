import { SandboxError } from '../base/errors.ts';
import { PageTable, type PageEntry } from './page-table.ts';
import { PAGE_BYTES } from './page-hash.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';
import { decodeIndex, encodeIndex, type Extent, type SnapshotIndex } from './snapshot-index.ts';

/*
 * A snapshot as one file, to be kept elsewhere or given to somebody: compressed by gzip, the length of the index (4 bytes), the index, and the one segment
 * that it knows. Whatever is wrong with such a file is `snapshot-damaged`; a machine that was made otherwise is known by the index, as ever.
 */

const LENGTH_BYTES = 4;
/** What an index may take: a machine with all of its memory and disk written has one of 15 MB. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;
/** More than a machine can have in memory and on its disk. */
const MAX_BYTES = 4 * 1024 * 1024 * 1024;
const READ_BYTES = 4 * 1024 * 1024;

/** The name of the one segment. */
const SEGMENT = 'file';

/** The pieces of a snapshot's file, before they are compressed. */
export async function* packSnapshot(index: SnapshotIndex, folder: SnapshotFolder): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const plan = new FilePlan(index);
  const head = await encodeIndex(plan.index);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, head.length, true);
  yield length;
  yield head;
  for (const { segment, offset, bytes } of plan.reads) {
    for (let at = 0; at < bytes; at += READ_BYTES) {
      yield await folder.read(index.head.segments[segment]!.name, offset + at, Math.min(READ_BYTES, bytes - at));
    }
  }
}

/** Where the parts of a snapshot go in a file: one after the other. */
class FilePlan {
  /** What is to be read, in order. */
  readonly reads: { segment: number; offset: number; bytes: number }[] = [];
  readonly index: SnapshotIndex;
  #end = 0;

  constructor({ head, memory, disk }: SnapshotIndex) {
    const tables = { memory: this.#table(memory), disk: this.#table(disk) };
    const parts = Object.fromEntries(Object.entries(head.parts).map(([name, extent]) => [name, this.#extent(extent)]));
    const modules = head.modules.map(module => ({ ...module, code: this.#extent(module.code) }));
    this.index = { head: { ...head, parts, modules, segments: [{ name: SEGMENT, bytes: this.#end }] }, ...tables };
  }

  #table(words: Uint32Array): Uint32Array {
    // Segment 0 means "none" in a table.
    const entries = PageTable.unpack(words, number => number + 1).entries();
    return PageTable.pack(
      entries.map((entry): PageEntry => ({ ...entry, segment: 0, offset: this.#place(entry.segment - 1, entry.offset, PAGE_BYTES) })),
    );
  }

  #extent([segment, offset, bytes, ...hash]: Extent): Extent {
    return [0, this.#place(segment, offset, bytes), bytes, ...hash];
  }

  #place(segment: number, offset: number, bytes: number): number {
    const start = this.#end;
    const last = this.reads.at(-1);
    if (last?.segment === segment && last.offset + last.bytes === offset) last.bytes += bytes;
    else this.reads.push({ segment, offset, bytes });
    this.#end += bytes;
    return start;
  }
}

/** Reads a file of a snapshot: the index, then the bytes of its segment. */
export class SnapshotFileReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The table of contents. Rejects with `snapshot-damaged`. */
  async index(): Promise<SnapshotIndex> {
    const length = new DataView((await this.#take(LENGTH_BYTES)).buffer).getUint32(0, true);
    if (length > MAX_INDEX_BYTES) throw notASnapshot();
    const index = await decodeIndex(await this.#take(length));
    if (index === undefined || index.head.segments.length !== 1 || index.head.segments[0]!.bytes > MAX_BYTES) throw notASnapshot();
    return index;
  }

  /** So many bytes, in pieces. Rejects with `snapshot-damaged` where there are fewer, or more after them. */
  async *content(bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = bytes;
    while (left > 0) {
      const piece = this.#rest.length > 0 ? this.#rest : await this.#next();
      if (piece === undefined || piece.length > left) throw notASnapshot();
      this.#rest = new Uint8Array(0);
      left -= piece.length;
      yield piece;
    }
    if (this.#rest.length > 0 || (await this.#next()) !== undefined) throw notASnapshot();
  }

  async #take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const taken = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const piece = this.#rest.length > 0 ? this.#rest : await this.#next();
      if (piece === undefined) throw notASnapshot();
      const part = piece.subarray(0, count - at);
      taken.set(part, at);
      at += part.length;
      this.#rest = piece.subarray(part.length);
    }
    return taken;
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#pieces.next();
      return done === true ? undefined : value;
    } catch (error) {
      throw notASnapshot(error);
    }
  }
}

function notASnapshot(cause?: unknown): SandboxError {
  return new SandboxError('snapshot-damaged', 'This file is not a snapshot of Drydock, or it is damaged.', { cause });
}
