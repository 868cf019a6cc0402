import type { LoadPiece } from '../base/piece-reader.ts';

/** Kept in memory, in pieces: of what is installed together much lies in the same one. */
const KEPT = 6;

/** Remembers the pieces that were loaded last: a piece has many tarballs, and npm asks for a dozen of them at once. */
export class RecentPieces {
  readonly #recent = new Map<string, Promise<Uint8Array>>();
  readonly #load: LoadPiece;

  constructor(load: LoadPiece) {
    this.#load = load;
  }

  readonly load: LoadPiece = (sha256, bytes) => {
    const known = this.#recent.get(sha256);
    this.#recent.delete(sha256);
    const piece = known ?? this.#load(sha256, bytes);
    this.#recent.set(sha256, piece);
    // A failure is not kept: the next request tries again.
    if (known === undefined) piece.catch(() => this.#recent.delete(sha256));
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= KEPT) break;
      this.#recent.delete(oldest);
    }
    return piece;
  };
}
