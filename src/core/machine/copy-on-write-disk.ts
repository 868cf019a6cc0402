import type { BlockSource } from './block-source.ts';
import type { V86Disk } from './v86-types.ts';

/** Written blocks are kept in pieces of this size: ext4's block size, so a write seldom has to read first. */
export const WRITTEN_BLOCK_BYTES = 4096;

/** How often to look whether an operation has ended. */
const IDLE_MILLISECONDS = 5;

/**
 * The machine's hard disk: reads come from a BlockSource, writes stay in memory, above it. The written blocks are saved apart from
 * v86's own state of its devices.
 */
export class CopyOnWriteDisk implements V86Disk {
  readonly byteLength: number;
  onload?: (event: object) => void;
  #written = new Map<number, Uint8Array>();
  #bootSector: Uint8Array | undefined;
  #underWay = 0;
  #touched: Set<number> | undefined;
  readonly #source: BlockSource;

  constructor(source: BlockSource) {
    this.#source = source;
    this.byteLength = source.size;
  }

  /** Gives the blocks that differ from the source, by index, and forgets them: the caller puts them into the source. */
  takeWritten(): ReadonlyMap<number, Uint8Array> {
    const written = this.#written;
    this.#written = new Map();
    return written;
  }

  /** The blocks that differ from the source, by index, as they are now. A block never changes: a write puts another one in its place. */
  get written(): ReadonlyMap<number, Uint8Array> {
    return this.#written;
  }

  /** Gives a set that receives the index of each block that is written, until the end of the watch or the beginning of another one. */
  watchWrites(): { readonly touched: ReadonlySet<number>; end(): void } {
    const touched = new Set<number>();
    this.#touched = touched;
    const end = (): void => {
      if (this.#touched === touched) this.#touched = undefined;
    };
    return { touched, end };
  }

  /** A block as it is now. What is missing is waited for as long as the source waits for it; where that rejects, so does this. */
  async peek(index: number): Promise<Uint8Array> {
    const { chunkBytes } = this.#source;
    const start = index * WRITTEN_BLOCK_BYTES;
    const chunk = await this.#source.readChunk(Math.floor(start / chunkBytes));
    return this.#written.get(index) ?? chunk.subarray(start % chunkBytes, (start % chunkBytes) + WRITTEN_BLOCK_BYTES);
  }

  /** Forgets what was written to blocks: they are as in the source again. */
  drop(indices: Iterable<number>): void {
    for (const index of indices) this.#written.delete(index);
  }

  /** Puts back blocks that were written in another machine's life. They are kept, not copied. */
  restore(blocks: Iterable<readonly [index: number, block: Uint8Array]>): void {
    this.#written = new Map(blocks);
  }

  /** Resolves when no access is under way, to whether that came in time. v86 forgets accesses that are under way when its state is saved. */
  async idle(milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    while (this.#underWay > 0 && performance.now() < end) await new Promise<void>(resolve => setTimeout(resolve, IDLE_MILLISECONDS));
    return this.#underWay === 0;
  }

  load(): void {
    this.onload?.({});
  }

  get(start: number, length: number, done: (data: Uint8Array) => void): void {
    void this.#count(this.#read(start, length), done);
  }

  set(start: number, data: Uint8Array, done: () => void): void {
    void this.#count(this.#write(start, data), done);
  }

  /** v86 asks for the first sector before a boot, and wants it at once later, to learn the disk's geometry. */
  get_and_cache(start: number, length: number, done: (data: Uint8Array) => void): void {
    this.get(start, length, data => {
      this.#bootSector = data;
      done(data);
    });
  }

  get_from_cache(): Uint8Array | undefined {
    return this.#bootSector;
  }

  get_buffer(done: () => void): void {
    done();
  }

  get_state(): unknown[] {
    return [];
  }

  set_state(): void {
    // See `restore`.
  }

  async #count<T>(operation: Promise<T>, done: (result: T) => void): Promise<void> {
    this.#underWay++;
    const result = await operation;
    this.#underWay--;
    done(result);
  }

  async #read(start: number, length: number): Promise<Uint8Array> {
    const result = new Uint8Array(length);
    for (let at = start; at < start + length;) {
      const index = Math.floor(at / WRITTEN_BLOCK_BYTES);
      const end = Math.min(start + length, (index + 1) * WRITTEN_BLOCK_BYTES);
      const block = this.#written.get(index);
      const offset = at - index * WRITTEN_BLOCK_BYTES;
      if (block) {
        result.set(block.subarray(offset, offset + end - at), at - start);
        at = end;
      } else {
        at = await this.#readSource(result, start, at, start + length);
      }
    }
    return result;
  }

  /** Copies from the chunk that holds `at`, up to the chunk's end, `end` or the next written block; gives where it stopped. */
  async #readSource(result: Uint8Array, start: number, at: number, end: number): Promise<number> {
    const { chunkBytes } = this.#source;
    const index = Math.floor(at / chunkBytes);
    let stop = Math.min(end, (index + 1) * chunkBytes);
    for (let block = Math.ceil((at + 1) / WRITTEN_BLOCK_BYTES); block * WRITTEN_BLOCK_BYTES < stop; block++) {
      if (this.#written.has(block)) stop = block * WRITTEN_BLOCK_BYTES;
    }
    const chunk = await this.#source.readChunk(index);
    const offset = at - index * chunkBytes;
    result.set(chunk.subarray(offset, offset + stop - at), at - start);
    return stop;
  }

  async #write(start: number, data: Uint8Array): Promise<void> {
    for (let at = start; at < start + data.length;) {
      const index = Math.floor(at / WRITTEN_BLOCK_BYTES);
      const offset = at - index * WRITTEN_BLOCK_BYTES;
      const end = Math.min(start + data.length, (index + 1) * WRITTEN_BLOCK_BYTES);
      const piece = data.subarray(at - start, end - start);
      const isWhole = piece.length === WRITTEN_BLOCK_BYTES;
      if (!isWhole && !this.#written.has(index)) {
        const read = await this.#read(index * WRITTEN_BLOCK_BYTES, WRITTEN_BLOCK_BYTES);
        // Meanwhile another write may have put one there.
        if (!this.#written.has(index)) this.#written.set(index, read);
      }
      // A new block each time: who has seen the one before knows by this that it has changed.
      const block = isWhole ? new Uint8Array(WRITTEN_BLOCK_BYTES) : this.#written.get(index)!.slice();
      block.set(piece, offset);
      this.#written.set(index, block);
      this.#touched?.add(index);
      at = end;
    }
  }
}
