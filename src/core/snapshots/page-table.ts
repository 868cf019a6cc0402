import { hashPage, PAGE_BYTES, type PageHash, type PageHasher } from './page-hash.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** Where a page is kept, and what is in it. */
export interface PageEntry {
  readonly page: number;
  /** The number of a segment; 0 is none. */
  readonly segment: number;
  /** In bytes. */
  readonly offset: number;
  readonly hash: PageHash;
}

/** Words of an entry as it is stored: page, segment, offset, two of the hash. */
const ENTRY_WORDS = 5;

/** Bytes of the pages that a packed table keeps. */
export function bytesOfPacked(table: Uint32Array): number {
  return (table.length / ENTRY_WORDS) * PAGE_BYTES;
}

/** Which pages of a memory or a disk are kept where. Pages that are not kept are zero (memory) or never written (disk). */
export class PageTable {
  #segments = new Uint32Array(0);
  #offsets = new Uint32Array(0);
  #hashes = new Uint32Array(0);

  /** Stores a page, unless it is kept as it is. A page whose segment is to be emptied is stored again. */
  put(page: number, content: Uint8Array, writer: SegmentWriter, emptying: ReadonlySet<number>): void {
    const [one, two] = hashPage(content);
    this.#reserve(page);
    if (!this.#isKept(page, one, two, emptying)) this.#store(page, content, one, two, writer);
  }

  /** Whether a page is kept where it need not be stored again, whatever is in it. */
  has(page: number, emptying: ReadonlySet<number>): boolean {
    const segment = this.#segments[page] ?? 0;
    return segment !== 0 && !emptying.has(segment);
  }

  /** Stores what has changed of some pages of a memory: from `first` up to `end`, without it. What is zero is not kept. */
  putMemory(hasher: PageHasher, first: number, end: number, writer: SegmentWriter, emptying: ReadonlySet<number>): void {
    const memory = new Uint8Array(hasher.memory.buffer);
    this.#reserve(end - 1);
    for (let page = first; page < end; page++) {
      if (!hasher.look(page)) this.#segments[page] = 0;
      else if (!this.#isKept(page, hasher.one, hasher.two, emptying)) {
        this.#store(page, memory.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES), hasher.one, hasher.two, writer);
      }
    }
  }

  /** Keeps no page that is not among these; gives the ones that it did. */
  dropAllBut(wanted: { has(page: number): boolean }): number[] {
    const dropped: number[] = [];
    this.#segments.forEach((segment, page) => {
      if (segment !== 0 && !wanted.has(page)) dropped.push(page);
    });
    for (const page of dropped) this.#segments[page] = 0;
    return dropped;
  }

  #isKept(page: number, one: number, two: number, emptying: ReadonlySet<number>): boolean {
    return this.has(page, emptying) && this.#hashes[2 * page] === one && this.#hashes[2 * page + 1] === two;
  }

  #store(page: number, content: Uint8Array, one: number, two: number, writer: SegmentWriter): void {
    this.#offsets[page] = writer.write(content);
    this.#segments[page] = writer.segment;
    this.#hashes[2 * page] = one;
    this.#hashes[2 * page + 1] = two;
  }

  /** The kept pages in the order in which they lie in their segments. */
  entries(): PageEntry[] {
    const entries: PageEntry[] = [];
    for (let page = 0; page < this.#segments.length; page++) {
      const segment = this.#segments[page]!;
      const hash = [this.#hashes[2 * page]!, this.#hashes[2 * page + 1]!] as const;
      if (segment !== 0) entries.push({ page, segment, offset: this.#offsets[page]!, hash });
    }
    return entries.sort((one, other) => one.segment - other.segment || one.offset - other.offset);
  }

  /** Entries as words. */
  static pack(entries: readonly PageEntry[]): Uint32Array<ArrayBuffer> {
    const words = new Uint32Array(entries.length * ENTRY_WORDS);
    entries.forEach(({ page, segment, offset, hash }, index) => words.set([page, segment, offset, ...hash], index * ENTRY_WORDS));
    return words;
  }

  /** The table as words; `numberOf` gives the number that a segment has in what is written. */
  pack(numberOf: (segment: number) => number): Uint32Array<ArrayBuffer> {
    return PageTable.pack(this.entries().map(entry => ({ ...entry, segment: numberOf(entry.segment) })));
  }

  /** The inverse of `pack`. */
  static unpack(words: Uint32Array, segmentOf: (number: number) => number): PageTable {
    const table = new PageTable();
    for (let at = 0; at < words.length; at += ENTRY_WORDS) {
      const [page, number, offset, one, two] = words.subarray(at, at + ENTRY_WORDS) as unknown as [number, number, number, number, number];
      table.#reserve(page);
      table.#segments[page] = segmentOf(number);
      table.#offsets[page] = offset;
      table.#hashes.set([one, two], 2 * page);
    }
    return table;
  }

  #reserve(page: number): void {
    if (page < this.#segments.length) return;
    const size = Math.max(page + 1, this.#segments.length * 2);
    const grown = (old: Uint32Array, length: number): Uint32Array<ArrayBuffer> => {
      const array = new Uint32Array(length);
      array.set(old);
      return array;
    };
    this.#segments = grown(this.#segments, size);
    this.#offsets = grown(this.#offsets, size);
    this.#hashes = grown(this.#hashes, 2 * size);
  }
}
