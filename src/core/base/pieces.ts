/** A piece of something, stored as blobs/<sha256>.zst: the hash is of the compressed bytes, which zstd's own checksum ties to the content. */
export interface Blob {
  readonly sha256: string;
  /** As stored. */
  readonly bytes: number;
}

/** Bytes cut into pieces of the same size; the last may be shorter. */
export interface Pieces {
  readonly bytes: number;
  readonly pieceBytes: number;
  readonly pieces: readonly Blob[];
}
