import type { BlockSource } from '../../machine/block-source.ts';
import type { Loading } from './machine-loader.ts';
import { expandChunks, type DiskIndex } from './manifest.ts';

/** Unpacked chunks kept for the reads that follow, in bytes. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** The machine's disk as the site serves it: chunks loaded when they are first read, by a loading that deals with what does not arrive. */
export class ChunkSource implements BlockSource {
  readonly size: number;
  readonly chunkBytes: number;
  readonly #chunks: readonly string[];
  readonly #zero: Uint8Array;
  readonly #kept = new Map<number, Promise<Uint8Array>>();

  constructor(
    index: DiskIndex,
    private readonly loading: Pick<Loading, 'load'>,
  ) {
    this.size = index.bytes;
    this.chunkBytes = index.chunkBytes;
    this.#chunks = expandChunks(index);
    this.#zero = new Uint8Array(index.chunkBytes);
  }

  readChunk(index: number): Promise<Uint8Array> {
    const sha256 = this.#chunks[index];
    if (sha256 === undefined || sha256 === '') return Promise.resolve(this.#zero);
    const kept = this.#kept.get(index) ?? this.loading.load(sha256, this.chunkBytes);
    // Taken out and put in again, a chunk is the newest; the oldest goes when there are too many.
    this.#kept.delete(index);
    this.#kept.set(index, kept);
    if (this.#kept.size * this.chunkBytes > KEPT_BYTES) this.#kept.delete(this.#kept.keys().next().value!);
    kept.catch(() => this.#kept.delete(index));
    return kept;
  }
}
