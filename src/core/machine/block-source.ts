/** Where a disk's content comes from: content-addressed chunks over HTTP in a worker, a file in Node. */
export interface BlockSource {
  /** In bytes. */
  readonly size: number;
  /** Bytes that are read as one: a read within one chunk is one request. */
  readonly chunkBytes: number;
  /** Gives a whole chunk. Rejects with `download-failed` or `download-damaged` when it is not to be had. */
  readChunk(index: number): Promise<Uint8Array>;
}
