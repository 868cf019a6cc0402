import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type { ByteSource } from './byte-source.ts';
import { GET_IT_AGAIN, GuestArchiveError } from './guest-archive-error.ts';
import type { ArchivedContent } from './guest-manifest.ts';

/** What stands so close behind each other is read in one go. In bytes. */
const SMALL_GAP_BYTES = 64 * 1024;

/** A content that is to be put into a file. */
export interface WantedContent {
  readonly content: ArchivedContent;
  /** In the archive. */
  readonly offset: number;
  /** The file it becomes, which is not there yet. */
  readonly target: string;
}

/** Where the bytes of a content go: into its file, or through zstd first. */
interface Sink {
  readonly stream: Writable;
  /** Resolves once the file is whole. */
  end(): Promise<void>;
}

function fileSink(target: string): Sink {
  const stream = createWriteStream(target);
  const done = finished(stream);
  done.catch(() => undefined);
  return {
    stream,
    end() {
      stream.end();
      return done;
    },
  };
}

/** zstd leaves holes in the file where there are only zeros: a disk of 3 GB takes a tenth of that. */
function unpackingSink(target: string): Sink {
  const child = spawn('zstd', ['-d', '-q', '-f', '--sparse', '--long=27', '-o', target], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', error => reject(new Error(`zstd cannot be started (${error.message}): install it, for example with "apt-get install zstd".`)));
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(`zstd failed (exit code ${code}): ${said.trim()}`))));
  });
  done.catch(() => undefined);
  // Its own error is told by how zstd ends.
  child.stdin.on('error', () => undefined);
  return {
    stream: child.stdin,
    end() {
      child.stdin.end();
      return done;
    },
  };
}

/** Reads contents, in the archive's order, checks each by its SHA-256 and writes it to its file. `onBytes` is told how many bytes have come. */
export async function extract(source: ByteSource, wanted: readonly WantedContent[], onBytes: (count: number) => void): Promise<void> {
  const ordered = [...wanted].sort((a, b) => a.offset - b.offset);
  for (let first = 0; first < ordered.length;) {
    let last = first;
    while (last + 1 < ordered.length && ordered[last + 1]!.offset - endOf(ordered[last]!) < SMALL_GAP_BYTES) last += 1;
    await extractRun(source, ordered.slice(first, last + 1), onBytes);
    first = last + 1;
  }
}

function endOf({ offset, content }: WantedContent): number {
  return offset + content.bytes;
}

/** Contents that stand behind each other. */
async function extractRun(source: ByteSource, run: readonly WantedContent[], onBytes: (count: number) => void): Promise<void> {
  const pieces = new PieceReader(source.read(run[0]!.offset, endOf(run.at(-1)!)));
  try {
    let at = run[0]!.offset;
    for (const one of run) {
      await pieces.take(one.offset - at, () => undefined);
      await extractOne(source, pieces, one, onBytes);
      at = endOf(one);
    }
  } finally {
    await pieces.close();
  }
}

async function extractOne(
  source: ByteSource,
  pieces: PieceReader,
  { content, target }: WantedContent,
  onBytes: (count: number) => void,
): Promise<void> {
  const hash = createHash('sha256');
  const sink = content.isPacked ? unpackingSink(target) : fileSink(target);
  let arrived = 0;
  try {
    await pieces.take(content.bytes, async piece => {
      hash.update(piece);
      arrived += piece.length;
      onBytes(piece.length);
      if (!sink.stream.write(piece)) await roomIn(sink.stream);
    });
  } finally {
    const ended = sink.end();
    // What is damaged may be no zstd at all: the sum says so better.
    if (arrived < content.bytes || hash.copy().digest('hex') !== content.sha256) await ended.catch(() => undefined);
    else await ended;
  }
  if (arrived < content.bytes) throw new GuestArchiveError(`${source.name} is cut off.`, GET_IT_AGAIN);
  const sha256 = hash.digest('hex');
  if (sha256 !== content.sha256)
    throw new GuestArchiveError(`${source.name} is damaged: a file in it has the SHA-256 ${sha256} instead of ${content.sha256}.`, GET_IT_AGAIN);
}

/** Resolves when a stream takes more, or has ended by itself. */
function roomIn(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    if (stream.destroyed) return resolve();
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** Hands out a stream of bytes in the lengths that are asked for. */
class PieceReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Gives the next `length` bytes in pieces; fewer where the stream ends. */
  async take(length: number, use: (piece: Uint8Array) => void | Promise<void>): Promise<void> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#pieces.next();
        if (done === true) return;
        this.#rest = value as Uint8Array;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      await use(piece);
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
