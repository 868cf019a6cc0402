/** Where a disk's content comes from: content-addressed chunks over HTTP in a worker, a file in Node. */
export interface BlockSource {
  /** In bytes. */
  readonly size: number;
  /** Bytes that are read as one: a read within one chunk is one request. */
  readonly chunkBytes: number;
  /**
   * Gives a whole chunk, however long that takes: the guest's disk has no way to say that a read has failed. A rejection reaches nobody but the host's handler
   * of uncaught errors.
   */
  readChunk(index: number): Promise<Uint8Array>;
}
