import type { Pieces } from './pieces.ts';

/** Gives the unpacked bytes of a piece, checked. Rejects with a SandboxError when it cannot be had. */
export type LoadPiece = (sha256: string, unpackedBytes: number) => Promise<Uint8Array>;

/**
 * What is stored in pieces, from one offset up to (not with) another, piece by piece. The next piece is loaded while one is used,
 * so two of them are in memory at a time. Throws what `load` rejects with.
 */
export async function* readPieces(
  { bytes, pieceBytes, pieces }: Pieces,
  load: LoadPiece,
  start = 0,
  end = bytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  const loadAt = (index: number): Promise<Uint8Array> => {
    const piece = load(pieces[index]!.sha256, Math.min(pieceBytes, bytes - index * pieceBytes));
    // One that nobody comes to ask for, because the reader left, must not count as unhandled.
    piece.catch(() => undefined);
    return piece;
  };
  if (start >= end) return;
  const last = Math.ceil(end / pieceBytes) - 1;
  let index = Math.floor(start / pieceBytes);
  let next: Promise<Uint8Array> | undefined = loadAt(index);
  while (next !== undefined) {
    const piece = await next;
    next = index < last ? loadAt(index + 1) : undefined;
    yield piece.subarray(Math.max(0, start - index * pieceBytes), end - index * pieceBytes);
    index++;
  }
}
