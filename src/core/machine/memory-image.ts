import { ADDRESS_PAGES, makeAbsolute, makeRelative, seemsCode } from './absolute-calls.ts';

/** Unit in which memory is looked at: the pages of the guest and of the engine's own data. In bytes. */
const PAGE_BYTES = 4096;

/** Which pages of a memory hold anything but zeros. */
export interface MemoryLayout {
  /** Size of the memory, in bytes. */
  readonly bytes: number;
  /** The pages in the order in which they are packed, as runs of neighbours: first page, count, first page, count and so on. */
  readonly runs: readonly number[];
  /**
   * The packed pages whose calls are absolute, where there are any: how many others lie before them, how many they are, the address of
   * the first one in pages; and so on.
   */
  readonly absolute?: readonly number[];
}

/** Finds the pages of a memory that are not all zeros. */
export function layoutOf(memory: Uint8Array): MemoryLayout {
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length / 8);
  const perPage = PAGE_BYTES / 8;
  const runs: number[] = [];
  for (let page = 0; page < memory.length / PAGE_BYTES; page++) {
    if (!isZero(words, page * perPage, perPage)) addPage(runs, page);
  }
  return { bytes: memory.length, runs };
}

function isZero(words: BigUint64Array, start: number, count: number): boolean {
  for (let index = start; index < start + count; index++) if (words[index] !== 0n) return false;
  return true;
}

/** The pages of a layout, one after the other. */
export function packPages(memory: Uint8Array, layout: MemoryLayout): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(packedBytes(layout));
  let at = 0;
  forEachRun(layout, (start, length) => {
    packed.set(memory.subarray(start, start + length), at);
    at += length;
  });
  return packed;
}

/** Size of what `packPages` gives. */
export function packedBytes(layout: MemoryLayout): number {
  let bytes = 0;
  forEachRun(layout, (_, length) => (bytes += length));
  return bytes;
}

/** The number of each page in the order in which they are packed. */
export function pagesOf({ runs }: MemoryLayout): Uint32Array {
  const pages: number[] = [];
  for (let index = 0; index < runs.length; index += 2) for (let count = 0; count < runs[index + 1]!; count++) pages.push(runs[index]! + count);
  return Uint32Array.from(pages);
}

/** Changes packed pages of code so that they compress better; `address` gives for a packed page where its code lies, in pages. */
export function packCode(pages: Uint8Array, layout: MemoryLayout, address: (content: Uint8Array, page: number) => number): MemoryLayout {
  const absolute: number[] = [];
  let [past, next] = [0, -1];
  pagesOf(layout).forEach((page, index) => {
    const content = pages.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES);
    if (!seemsCode(content)) return;
    const place = address(content, page) % ADDRESS_PAGES;
    makeAbsolute(content, place * PAGE_BYTES);
    if (index === past && place === next) absolute[absolute.length - 2]!++;
    else absolute.push(index - past, 1, place);
    [past, next] = [index + 1, place + 1];
  });
  return { ...layout, absolute };
}

/** For each packed page the address that `packCode` had for it, in pages; -1 for one that it left as it was. */
export function codeAddresses({ absolute = [] }: MemoryLayout, pageCount: number): Int32Array {
  const addresses = new Int32Array(pageCount).fill(-1);
  let at = 0;
  for (let index = 0; index < absolute.length; index += 3) {
    at += absolute[index]!;
    for (let count = 0; count < absolute[index + 1]!; count++) addresses[at++] = absolute[index + 2]! + count;
  }
  return addresses;
}

/** Undoes `packCode` in the pages that were completed by a piece of so many bytes from `offset` on, where they lie in memory. */
export function unpackCode(memory: Uint8Array, pages: Uint32Array, addresses: Int32Array, offset: number, length: number): void {
  const end = Math.floor((offset + length) / PAGE_BYTES);
  for (let index = Math.floor(offset / PAGE_BYTES); index < end; index++) {
    const start = pages[index]! * PAGE_BYTES;
    if (addresses[index]! >= 0) makeRelative(memory.subarray(start, start + PAGE_BYTES), addresses[index]! * PAGE_BYTES);
  }
}

/** Puts a piece of what `packPages` gave, beginning at `offset` there, to where it was in memory. `pages` are the layout's. */
export function unpackPages(memory: Uint8Array, pages: Uint32Array, offset: number, piece: Uint8Array): void {
  for (let at = 0; at < piece.length;) {
    const place = offset + at;
    const inPage = place % PAGE_BYTES;
    const end = Math.min(at + PAGE_BYTES - inPage, piece.length);
    memory.set(piece.subarray(at, end), pages[(place - inPage) / PAGE_BYTES]! * PAGE_BYTES + inPage);
    at = end;
  }
}

function forEachRun({ runs }: MemoryLayout, visit: (start: number, length: number) => void): void {
  for (let index = 0; index < runs.length; index += 2) visit(runs[index]! * PAGE_BYTES, runs[index + 1]! * PAGE_BYTES);
}

/** Visits what a layout leaves out, by first and past-the-last byte. */
export function forEachGap(layout: MemoryLayout, visit: (start: number, end: number) => void): void {
  let at = 0;
  for (const [start, length] of sortedRuns(layout)) {
    if (at < start) visit(at, start);
    at = start + length;
  }
  if (at < layout.bytes) visit(at, layout.bytes);
}

function sortedRuns(layout: MemoryLayout): [start: number, length: number][] {
  const runs: [number, number][] = [];
  forEachRun(layout, (start, length) => runs.push([start, length]));
  return runs.sort(([one], [other]) => one - other);
}

/** The same pages packed in another order: `rank` gives each page's place by its number and content, lower first; finite. */
export function reorderPages(
  packed: Uint8Array,
  layout: MemoryLayout,
  rank: (page: number, content: Uint8Array) => number,
): { pages: Uint8Array<ArrayBuffer>; layout: MemoryLayout } {
  const ranked: { page: number; content: Uint8Array; rank: number }[] = [];
  let at = 0;
  forEachRun(layout, (start, length) => {
    for (let offset = 0; offset < length; offset += PAGE_BYTES, at += PAGE_BYTES) {
      const [page, content] = [(start + offset) / PAGE_BYTES, packed.subarray(at, at + PAGE_BYTES)];
      ranked.push({ page, content, rank: rank(page, content) });
    }
  });
  ranked.sort((one, other) => one.rank - other.rank || one.page - other.page);
  const pages = new Uint8Array(packed.length);
  const runs: number[] = [];
  ranked.forEach(({ page, content }, index) => {
    pages.set(content, index * PAGE_BYTES);
    addPage(runs, page);
  });
  return { pages, layout: { bytes: layout.bytes, runs } };
}

function addPage(runs: number[], page: number): void {
  const last = runs.length - 2;
  if (last >= 0 && runs[last]! + runs[last + 1]! === page) runs[last + 1]!++;
  else runs.push(page, 1);
}
