import { SandboxError } from '../base/errors.ts';
import type { CompiledModule } from '../machine/machine.ts';
import type { MemoryLayout } from '../machine/memory-image.ts';
import { hashBytes, hashPage, PAGE_BYTES } from './page-hash.ts';
import { PageTable, type PageEntry } from './page-table.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';
import type { Extent, SnapshotIndex } from './snapshot-index.ts';

/** The most that is read at once, in bytes. */
const READ_BYTES = 8 * 1024 * 1024;
/** So much that is not wanted is read along rather than asking once more, in bytes. */
const GAP_BYTES = 256 * 1024;

/** Reads a saved machine. What is not as it was stored rejects with `snapshot-damaged`. */
export class SavedSnapshot {
  readonly #memory: readonly PageEntry[];
  readonly #disk: readonly PageEntry[];

  constructor(
    readonly index: SnapshotIndex,
    private readonly folder: SnapshotFolder,
  ) {
    // Segment 0 means "none" in a table.
    this.#memory = PageTable.unpack(index.memory, number => number + 1).entries();
    this.#disk = PageTable.unpack(index.disk, number => number + 1).entries();
  }

  /** Bytes of memory and disk that there are to be read. */
  get bytes(): number {
    return (this.#memory.length + this.#disk.length) * PAGE_BYTES;
  }

  /** The memory's pages in the order in which `memory` gives them. */
  get layout(): MemoryLayout {
    const runs: number[] = [];
    for (const { page } of this.#memory) {
      const last = runs.length - 2;
      if (last >= 0 && runs[last]! + runs[last + 1]! === page) runs[last + 1]!++;
      else runs.push(page, 1);
    }
    return { bytes: this.index.head.memoryBytes, runs };
  }

  async part(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const extent = this.index.head.parts[name];
    if (extent === undefined) throw damaged();
    return this.#read(extent);
  }

  async modules(): Promise<CompiledModule[]> {
    const { modules } = this.index.head;
    const codes = new Map<number, Uint8Array<ArrayBuffer>>();
    const pieces = modules.map(({ slot, code }) => ({ slot, extent: code, segment: code[0], offset: code[1], bytes: code[2] }));
    pieces.sort((one, other) => one.segment - other.segment || one.offset - other.offset);
    for await (const { pieces: read, contentOf } of this.#windows(pieces)) {
      for (const piece of read) codes.set(piece.slot, checked(contentOf(piece).slice(), piece.extent));
    }
    return modules.map(({ slot, address }) => ({ slot, address, code: codes.get(slot)! }));
  }

  /** The kept pages of the memory, whole ones, many at a time. */
  async *memory(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    for await (const { bytes } of this.#pages(this.#memory)) yield bytes;
  }

  /** The disk's written blocks. */
  async *blocks(): AsyncGenerator<[index: number, block: Uint8Array], void, undefined> {
    for await (const { entries, bytes } of this.#pages(this.#disk)) {
      for (const [at, { page }] of entries.entries()) yield [page, bytes.slice(at * PAGE_BYTES, (at + 1) * PAGE_BYTES)];
    }
  }

  async *#pages(entries: readonly PageEntry[]): AsyncGenerator<{ entries: readonly PageEntry[]; bytes: Uint8Array<ArrayBuffer> }, void, undefined> {
    const pieces = entries.map(entry => ({ entry, segment: entry.segment - 1, offset: entry.offset, bytes: PAGE_BYTES }));
    for await (const { pieces: read, contentOf } of this.#windows(pieces)) {
      const bytes = new Uint8Array(read.length * PAGE_BYTES);
      for (const [at, piece] of read.entries()) {
        const content = contentOf(piece);
        const [one, two] = hashPage(content);
        if (one !== piece.entry.hash[0] || two !== piece.entry.hash[1]) throw damaged();
        bytes.set(content, at * PAGE_BYTES);
      }
      yield { entries: read.map(({ entry }) => entry), bytes };
    }
  }

  /** Reads pieces in the order of their segments and offsets, many at a time: what lies close together costs one read. */
  async *#windows<T extends Piece>(sorted: readonly T[]): AsyncGenerator<{ pieces: readonly T[]; contentOf(piece: T): Uint8Array }, void, undefined> {
    for (const pieces of windowsOf(sorted)) {
      const [{ segment, offset }, last] = [pieces[0]!, pieces.at(-1)!];
      const bytes = await this.#bytes(segment, offset, last.offset + last.bytes - offset);
      yield { pieces, contentOf: piece => bytes.subarray(piece.offset - offset, piece.offset - offset + piece.bytes) };
    }
  }

  async #read(extent: Extent): Promise<Uint8Array<ArrayBuffer>> {
    const [segment, offset, length] = extent;
    return checked(await this.#bytes(segment, offset, length), extent);
  }

  async #bytes(segment: number, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const name = this.index.head.segments[segment]?.name;
    if (name === undefined) throw damaged();
    try {
      return await this.folder.read(name, offset, length);
    } catch (error) {
      throw damaged(error);
    }
  }
}

/** Somewhere in a segment. */
interface Piece {
  readonly segment: number;
  /** In bytes, like `bytes`. */
  readonly offset: number;
  readonly bytes: number;
}

/** Groups of pieces of one segment with little between them. */
function* windowsOf<T extends Piece>(sorted: readonly T[]): Generator<T[], void, undefined> {
  let window: T[] = [];
  for (const piece of sorted) {
    const [first, last] = [window[0], window.at(-1)];
    const isNear =
      first?.segment === piece.segment &&
      piece.offset - last!.offset - last!.bytes <= GAP_BYTES &&
      piece.offset + piece.bytes - first.offset <= READ_BYTES;
    if (first !== undefined && !isNear) {
      yield window;
      window = [];
    }
    window.push(piece);
  }
  if (window.length > 0) yield window;
}

function checked(bytes: Uint8Array<ArrayBuffer>, [, , , one, two]: Extent): Uint8Array<ArrayBuffer> {
  const hash = hashBytes(bytes);
  if (hash[0] !== one || hash[1] !== two) throw damaged();
  return bytes;
}

function damaged(cause?: unknown): SandboxError {
  return new SandboxError('snapshot-damaged', 'The saved machine is damaged: a part of it is missing or has changed since it was stored.', { cause });
}
