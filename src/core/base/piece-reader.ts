import { loadAhead } from './load-ahead.ts';
import type { Pieces } from './pieces.ts';

/** Gives the unpacked bytes of a piece, checked. Rejects with a SandboxError when it cannot be had. */
export type LoadPiece = (sha256: string, unpackedBytes: number) => Promise<Uint8Array>;

/** Pieces in memory at a time: the one in use and the next. */
const AT_A_TIME = 2;

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
  if (start >= end) return;
  const first = Math.floor(start / pieceBytes);
  const wanted = pieces.slice(first, Math.ceil(end / pieceBytes)).map(({ sha256 }, index) => ({ sha256, at: (first + index) * pieceBytes }));
  let at = first * pieceBytes;
  for await (const piece of loadAhead(wanted, AT_A_TIME, one => load(one.sha256, Math.min(pieceBytes, bytes - one.at)))) {
    yield piece.subarray(Math.max(0, start - at), end - at);
    at += pieceBytes;
  }
}
