import { fstatSync, openSync, readSync } from 'node:fs';
import type { BlockSource } from '../../core/machine/block-source.ts';

const CHUNK_BYTES = 128 * 1024;
const SECTOR_BYTES = 512;

/** A disk image in a file, read as it is needed. The file stays open for as long as the process lives. */
export class FileBlockSource implements BlockSource {
  readonly chunkBytes = CHUNK_BYTES;
  readonly size: number;
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
    this.size = Math.ceil(fstatSync(this.#file).size / SECTOR_BYTES) * SECTOR_BYTES;
  }

  readChunk(index: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(CHUNK_BYTES);
    readSync(this.#file, bytes, 0, CHUNK_BYTES, index * CHUNK_BYTES);
    return Promise.resolve(bytes);
  }
}
