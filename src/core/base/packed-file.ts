import { Decompress } from 'fzstd';
import { SandboxError } from './errors.ts';
import { counted, piecesOf, ungzipped } from './gzip.ts';

/** How a file is compressed, as its first bytes say. */
export type Packing = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

const signatures: readonly (readonly [Packing, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
];

/** How many of a file's first bytes `packingOf` looks at. */
export const PACKING_BYTES = 5;

/** How a file that begins with these bytes is compressed. */
export function packingOf(head: Uint8Array): Packing {
  return signatures.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0] ?? 'none';
}

/**
 * Unpacks a file piece by piece, whatever its size; `onBytes` is told how many of the file's own bytes have been read. Throws `docker-refused` for what
 * no browser unpacks (bzip2, xz), and where the file is damaged.
 */
export async function* unpackedPieces(file: Blob, packing: Packing, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array, void, undefined> {
  if (packing === 'bzip2' || packing === 'xz') {
    throw new SandboxError(
      'docker-refused',
      `It is compressed with ${packing}, which is not unpacked here. Compress it with gzip or zstd, or not at all.`,
    );
  }
  try {
    if (packing === 'gzip') yield* ungzipped(file, onBytes);
    else if (packing === 'zstd') yield* unzstd(counted(piecesOf(file.stream()), onBytes));
    else yield* counted(piecesOf(file.stream()), onBytes);
  } catch (error) {
    throw new SandboxError('docker-refused', 'The file is damaged, or its end is missing. Copy or download it again.', { cause: error });
  }
}

/** Unpacks pieces of zstd as they come. Throws where they are none, or end too soon. */
export async function* unzstd(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const ready: Uint8Array[] = [];
  const decompress = new Decompress(piece => ready.push(piece));
  for await (const piece of packed) {
    decompress.push(piece);
    yield* ready.splice(0);
  }
  decompress.push(new Uint8Array(), true);
  yield* ready;
}
