import type { CompiledModule } from '../machine/machine.ts';
import { hashBytes, PAGE_BYTES, PageHasher } from './page-hash.ts';
import { PageTable } from './page-table.ts';
import type { SegmentWriter } from './segment-writer.ts';
import type { Segments } from './segments.ts';
import type { Extent, IndexHead, SnapshotIndex } from './snapshot-index.ts';

/** Of what a machine is made of, that which is large. */
export interface LargeContent {
  readonly memory: WebAssembly.Memory;
  /** The disk's written blocks, PAGE_BYTES each, by index. A block never changes: another one takes its place. */
  readonly blocks: ReadonlyMap<number, Uint8Array>;
}

/** What a machine is made of, to be saved. */
export interface SnapshotContent extends LargeContent {
  readonly ramStart: number;
  readonly modules: readonly CompiledModule[];
  /** What else there is, by name. */
  readonly parts: Readonly<Record<string, Uint8Array>>;
}

/** What is superfluous in the segments may be this part of what is in use; where it is more, the ones with the least in use are emptied with the next save. */
const MOST_SUPERFLUOUS = 0.35;
/** Pages that are looked at in one go. */
const PAGES_PER_STEP = 256;
/** So many segments are kept at most; the ones with the fewest bytes in use are emptied. */
const MOST_SEGMENTS = 24;

/** A machine over its saves: what was kept where, so that only what has changed is stored again. */
export class Lineage {
  #memory = new PageTable();
  #disk = new PageTable();
  #hasher: PageHasher | undefined;
  /** The disk's blocks as they were last stored. */
  readonly #blocks = new Map<number, Uint8Array>();
  #modules = new Map<number, { readonly module: CompiledModule; readonly code: Extent }>();
  #parts: Record<string, Extent> = {};
  #memoryBytes = 0;
  #ramStart = 0;

  constructor(private readonly segments: Segments) {}

  /** Goes on from what an index says; `modules` are what a machine was given of it. */
  static of({ head, memory, disk }: SnapshotIndex, segments: Segments, modules: readonly CompiledModule[]): Lineage {
    const lineage = new Lineage(segments);
    const numbers = head.segments.map(({ name, bytes }) => segments.add(name, bytes));
    const here = ([segment, ...rest]: Extent): Extent => [numbers[segment]!, ...rest];
    lineage.#memory = PageTable.unpack(memory, number => numbers[number]!);
    lineage.#disk = PageTable.unpack(disk, number => numbers[number]!);
    lineage.#parts = Object.fromEntries(Object.entries(head.parts).map(([name, extent]) => [name, here(extent)]));
    head.modules.forEach(({ slot, code }, index) => lineage.#modules.set(slot, { module: modules[index]!, code: here(code) }));
    lineage.#memoryBytes = head.memoryBytes;
    lineage.#ramStart = head.ramStart;
    return lineage;
  }

  /**
   * Stores what has changed of what is large, and what lies in segments that are to be emptied, a little at each step. Between two steps the machine may go on:
   * what it changes then is found by the next `put`.
   */
  *putLarge({ memory, blocks }: LargeContent, writer: SegmentWriter, emptying: ReadonlySet<number>): Generator<void, void, undefined> {
    const hasher = this.#hasherOf(memory);
    const pages = memory.buffer.byteLength / PAGE_BYTES;
    for (let page = 0; page < pages; page += PAGES_PER_STEP) {
      this.#memory.putMemory(hasher, page, Math.min(page + PAGES_PER_STEP, pages), writer, emptying);
      yield;
    }
    let looked = 0;
    for (const [index, block] of blocks) {
      if (++looked % PAGES_PER_STEP === 0) yield;
      if (this.#blocks.get(index) === block && this.#disk.has(index, emptying)) continue;
      this.#disk.put(index, block, writer, emptying);
      this.#blocks.set(index, block);
    }
    // What the guest has deleted.
    for (const index of this.#disk.dropAllBut(blocks)) this.#blocks.delete(index);
  }

  /** Stores all that has changed, and what lies in segments that are to be emptied. At once: nothing else runs meanwhile. */
  put(content: SnapshotContent, writer: SegmentWriter, emptying: ReadonlySet<number>): void {
    for (const step of this.putLarge(content, writer, emptying)) void step;
    for (const [name, bytes] of Object.entries(content.parts)) this.#parts[name] = keep(bytes, this.#parts[name], writer, emptying);
    this.#putModules(content.modules, writer, emptying);
    this.#memoryBytes = content.memory.buffer.byteLength;
    this.#ramStart = content.ramStart;
    writer.flush();
  }

  #hasherOf(memory: WebAssembly.Memory): PageHasher {
    if (this.#hasher?.memory !== memory) this.#hasher = new PageHasher(memory);
    return this.#hasher;
  }

  #putModules(modules: readonly CompiledModule[], writer: SegmentWriter, emptying: ReadonlySet<number>): void {
    const before = this.#modules;
    this.#modules = new Map();
    for (const module of modules) {
      const known = before.get(module.slot);
      const isSame = known?.module.code === module.code && !emptying.has(known.code[0]);
      this.#modules.set(module.slot, { module, code: isSame ? known.code : keep(module.code, undefined, writer, emptying) });
    }
  }

  /** The table of contents. */
  index(facts: Pick<IndexHead, 'machine' | 'savedAt'> & { readonly name?: string }): SnapshotIndex {
    const used = [...this.#use().keys()];
    const numberOf = (segment: number): number => used.indexOf(segment);
    const there = ([segment, ...rest]: Extent): Extent => [numberOf(segment), ...rest];
    return {
      head: {
        ...facts,
        memoryBytes: this.#memoryBytes,
        ramStart: this.#ramStart,
        segments: used.map(segment => ({ name: this.segments.nameOf(segment), bytes: this.segments.sizeOf(segment) })),
        parts: Object.fromEntries(Object.entries(this.#parts).map(([name, extent]) => [name, there(extent)])),
        modules: [...this.#modules.values()].map(({ module: { slot, address }, code }) => ({ slot, address, code: there(code) })),
      },
      memory: this.#memory.pack(numberOf),
      disk: this.#disk.pack(numberOf),
    };
  }

  /** Segments to be emptied, so that all together do not take more room than they are worth; those in `shared` cannot be given up. */
  wasteful(shared: ReadonlySet<string>): Set<number> {
    const own = [...this.#use()]
      .filter(([segment]) => !shared.has(this.segments.nameOf(segment)))
      .map(([segment, used]) => ({ segment, used, size: this.segments.sizeOf(segment) }))
      .sort((one, other) => one.used / one.size - other.used / other.size);
    const inUse = own.reduce((sum, { used }) => sum + used, 0);
    let superfluous = own.reduce((sum, { used, size }) => sum + size - used, 0);
    const wasteful = new Set<number>();
    for (const { segment, used, size } of own) {
      if (superfluous <= MOST_SUPERFLUOUS * inUse) break;
      wasteful.add(segment);
      superfluous -= size - used;
    }
    const rest = own.filter(({ segment }) => !wasteful.has(segment)).sort((one, other) => one.used - other.used);
    for (const { segment } of rest.slice(0, Math.max(0, rest.length - MOST_SEGMENTS))) wasteful.add(segment);
    return wasteful;
  }

  /** Bytes in use by segment. */
  #use(): Map<number, number> {
    const use = new Map<number, number>();
    const add = (segment: number, bytes: number): void => void use.set(segment, (use.get(segment) ?? 0) + bytes);
    for (const table of [this.#memory, this.#disk]) for (const { segment } of table.entries()) add(segment, PAGE_BYTES);
    for (const [segment, , bytes] of Object.values(this.#parts)) add(segment, bytes);
    for (const { code } of this.#modules.values()) add(code[0], code[2]);
    return use;
  }
}

function keep(bytes: Uint8Array, known: Extent | undefined, writer: SegmentWriter, emptying: ReadonlySet<number>): Extent {
  const [one, two] = hashBytes(bytes);
  if (known !== undefined && known[2] === bytes.length && known[3] === one && known[4] === two && !emptying.has(known[0])) return known;
  return [writer.segment, writer.write(bytes), bytes.length, one, two];
}
