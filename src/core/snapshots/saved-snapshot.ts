import { SandboxError } from '../base/errors.ts';
import type { CompiledModule } from '../machine/machine.ts';
import type { MemoryLayout } from '../machine/memory-image.ts';
import { hashBytes, hashPage, PAGE_BYTES, wordsOf } from './page-hash.ts';
import { PageTable, type PageEntry } from './page-table.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';
import type { Extent, SnapshotIndex } from './snapshot-index.ts';

/** The most that is read at once, in bytes. */
const READ_BYTES = 8 * 1024 * 1024;

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
    const modules: CompiledModule[] = [];
    for (const { slot, address, code } of this.index.head.modules) modules.push({ slot, address, code: await this.#read(code) });
    return modules;
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
    const hash = new Uint32Array(2);
    for (const run of runsOf(entries)) {
      const { segment, offset } = run[0]!;
      const bytes = await this.#bytes(segment - 1, offset, run.length * PAGE_BYTES);
      const words = wordsOf(bytes);
      for (const [at, entry] of run.entries()) {
        hashPage(words, at, hash);
        if (hash[0] !== entry.hash[0] || hash[1] !== entry.hash[1]) throw damaged();
      }
      yield { entries: run, bytes };
    }
  }

  async #read([segment, offset, length, one, two]: Extent): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#bytes(segment, offset, length);
    const hash = hashBytes(bytes);
    if (hash[0] !== one || hash[1] !== two) throw damaged();
    return bytes;
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

/** Entries that lie one after the other in one segment. */
function* runsOf(entries: readonly PageEntry[]): Generator<PageEntry[], void, undefined> {
  let run: PageEntry[] = [];
  for (const entry of entries) {
    const last = run.at(-1);
    const follows = last?.segment === entry.segment && last.offset + PAGE_BYTES === entry.offset && run.length * PAGE_BYTES < READ_BYTES;
    if (run.length > 0 && !follows) {
      yield run;
      run = [];
    }
    run.push(entry);
  }
  if (run.length > 0) yield run;
}

function damaged(cause?: unknown): SandboxError {
  return new SandboxError('snapshot-damaged', 'The saved machine is damaged: a part of it is missing or is not as it was stored.', { cause });
}
