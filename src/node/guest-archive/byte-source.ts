import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Where the bytes of an archive come from. */
export interface ByteSource {
  /** A path or an address, for messages. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Gives the bytes from `from` up to `to`, less that one; rejects with a `GuestArchiveError`. */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
  /** Gives back what it holds. */
  close(): Promise<void>;
}

/** An archive on the disk. */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  return {
    name: path,
    size,
    // The end of a stream's range is the last byte in it.
    read: (from, to) => (to > from ? createReadStream(path, { start: from, end: to - 1, highWaterMark: 1 << 20 }) : nothing()),
    close: () => Promise.resolve(),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
