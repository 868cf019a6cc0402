/** A piece of something, stored as blobs/<sha256>.zst: the hash is of the compressed bytes, which zstd's own checksum ties to the content. */
export interface Blob {
  readonly sha256: string;
  /** As stored. */
  readonly bytes: number;
}

/**
 * Bytes compressed as a whole (one zstd frame) and then cut. What is alike is so stored once however far apart it lies, but the
 * pieces are of use only one after the other.
 */
export interface PieceStream {
  /** Unpacked. */
  readonly bytes: number;
  readonly pieces: readonly Blob[];
}

/** Bytes cut into pieces of the same size; the last may be shorter. */
export interface Pieces {
  readonly bytes: number;
  readonly pieceBytes: number;
  readonly pieces: readonly Blob[];
}
