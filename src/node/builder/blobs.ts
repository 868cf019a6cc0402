import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Blob, Pieces, PieceStream } from '../../core/base/pieces.ts';
import { packChunks, type DiskIndex, type SavedState, type StateIndex } from '../../core/sandbox/load/manifest.ts';
import type { MachineImage } from './machine-image.ts';
import { runProgram } from './run.ts';

/** A disk chunk: small enough to be fetched in passing, large enough to compress. In bytes. */
const CHUNK_BYTES = 128 * 1024;
/** A piece of the state: several are fetched and unpacked side by side. In bytes. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** A piece of a stream: as compressed, so that the bar moves, and more than any block of zstd. In bytes. */
const STREAM_PIECE_BYTES = 1024 * 1024;
/** zstd's levels: the state is downloaded whole by everyone, of the disk only what is read. */
const STATE_LEVEL = '-19';
const DISK_LEVEL = '-15';
/** How far back the stream of pages may refer, 32 MB: the tab needs that much memory to unpack it. Half costs 3 % more bytes, double saves 3 %. */
const STREAM_OPTIONS = ['-q', '--ultra', '-22', '--long=25'];
const FILES_PER_CALL = 10;

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Gathers pieces, has zstd compress them all at once, and names each after the hash of its compressed bytes. */
class BlobWriter {
  readonly #folder: string;
  readonly #pending = new Set<string>();

  constructor(
    folder: string,
    private readonly level: string,
  ) {
    this.#folder = join(folder, 'blobs');
  }

  /** Takes a piece; gives what `finish` calls it. Equal pieces are stored once. */
  async add(bytes: Uint8Array): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    // With the level: another writer may have the same bytes at the same time.
    const name = `${hashOf(bytes)}${this.level}.raw`;
    if (!this.#pending.has(name)) await writeFile(join(this.#folder, name), bytes);
    this.#pending.add(name);
    return name;
  }

  async finish(): Promise<Map<string, Blob>> {
    const names = [...this.#pending];
    const blobs = new Map<string, Blob>();
    const groups = Array.from({ length: Math.ceil(names.length / FILES_PER_CALL) }, (_, index) =>
      names.slice(index * FILES_PER_CALL, (index + 1) * FILES_PER_CALL),
    );
    const work = async () => {
      for (let group = groups.shift(); group; group = groups.shift()) {
        await runProgram('zstd', ['-q', '--rm', this.level, ...group], { directory: this.#folder });
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    for (const name of names) {
      const compressed = await readFile(join(this.#folder, `${name}.zst`));
      const sha256 = hashOf(compressed);
      await rename(join(this.#folder, `${name}.zst`), join(this.#folder, `${sha256}.zst`));
      blobs.set(name, { sha256, bytes: compressed.length });
    }
    return blobs;
  }
}

/** Stores a saved machine below `folder`/blobs. */
export async function storeState({ devices, layout, ramStart, pages, modules }: MachineImage, folder: string): Promise<SavedState> {
  const index: StateIndex = { layout, ramStart, modules: modules.map(({ slot, address, code }) => [slot, address, code.length]) };
  return {
    index: await storePieces(Buffer.from(JSON.stringify(index)), folder),
    devices: await storePieces(new Uint8Array(devices), folder),
    code: await storePieces(Buffer.concat(modules.map(({ code }) => code)), folder),
    pages: await storeStream(pages, folder),
  };
}

async function storeStream(bytes: Uint8Array, folder: string): Promise<PieceStream> {
  const file = join(folder, 'stream');
  await writeFile(file, bytes);
  await runProgram('zstd', [...STREAM_OPTIONS, '--rm', file, '-o', `${file}.zst`]);
  const packed = await readFile(`${file}.zst`);
  await rm(`${file}.zst`);
  await mkdir(join(folder, 'blobs'), { recursive: true });
  const pieces: Blob[] = [];
  for (let at = 0; at < packed.length; at += STREAM_PIECE_BYTES) {
    const piece = packed.subarray(at, at + STREAM_PIECE_BYTES);
    const sha256 = hashOf(piece);
    await writeFile(join(folder, 'blobs', `${sha256}.zst`), piece);
    pieces.push({ sha256, bytes: piece.length });
  }
  return { bytes: bytes.length, pieces };
}

/** How pieces are made: their size and zstd's level, where they are not the usual ones. */
export interface PieceOptions {
  readonly pieceBytes?: number;
  readonly level?: string;
}

/** Stores bytes that are read from their beginning to their end, as pieces below `folder`/blobs. */
export async function storePieces(
  bytes: Uint8Array,
  folder: string,
  { pieceBytes = PIECE_BYTES, level = STATE_LEVEL }: PieceOptions = {},
): Promise<Pieces> {
  const writer = new BlobWriter(folder, level);
  const names: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) names.push(await writer.add(bytes.subarray(at, at + pieceBytes)));
  const blobs = await writer.finish();
  return { bytes: bytes.length, pieceBytes, pieces: names.map(name => blobs.get(name)!) };
}

/** Stores a disk image below `folder`/blobs, and removes the image. */
export async function storeDisk(image: string, folder: string): Promise<DiskIndex> {
  const writer = new BlobWriter(folder, DISK_LEVEL);
  const file = await open(image, 'r');
  const { size } = await file.stat();
  const names: string[] = [];
  const chunk = new Uint8Array(CHUNK_BYTES);
  try {
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      await file.read(chunk, 0, CHUNK_BYTES, at);
      names.push(chunk.every(byte => byte === 0) ? '' : await writer.add(chunk));
    }
  } finally {
    await file.close();
  }
  const blobs = await writer.finish();
  await rm(image);
  return { bytes: size, chunkBytes: CHUNK_BYTES, chunks: packChunks(names.map(name => blobs.get(name)?.sha256 ?? '')) };
}
