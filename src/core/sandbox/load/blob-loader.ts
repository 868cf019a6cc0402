import { ZSTDDecoder } from 'zstddec/stream';
import { attempt } from '../../base/attempts.ts';
import { messageOf, SandboxError } from '../../base/errors.ts';
import { sha256Of } from '../../base/sha256.ts';
import type { ArtifactHost } from './artifact-host.ts';

const ATTEMPTS = 4;

function* takeFrom(pieces: Uint8Array[]): Generator<Uint8Array, void, undefined> {
  for (let piece = pieces.shift(); piece; piece = pieces.shift()) yield piece;
}

/** What the decoder gives; it gives nothing, again and again, where it can make nothing of its input. */
function* untilStuck(unpacked: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  let empty = 0;
  for (const part of unpacked) {
    empty = part.length === 0 ? empty + 1 : 0;
    if (empty > 1) throw new Error('it is not a zstd stream');
    yield part;
  }
}

/** Loads blobs: reads, checks, tries again a few times, unpacks. */
export class BlobLoader {
  readonly #decoder = new ZSTDDecoder();
  readonly #ready: Promise<void>;

  constructor(private readonly host: ArtifactHost) {
    this.#ready = this.#decoder.init() as unknown as Promise<void>;
  }

  /**
   * The unpacked bytes of a blob. Rejects with `download-failed` or `download-damaged`, naming the blob, after several attempts.
   * `owner` says in the message what it is a part of.
   */
  async load(sha256: string, unpackedBytes: number, owner = 'the machine'): Promise<Uint8Array> {
    const packed = await this.loadPacked(sha256, owner);
    await this.#ready;
    return this.#decoder.decode(packed, unpackedBytes);
  }

  /**
   * Unpacks a stream whose pieces come in order; it keeps only what the next piece needs. Rejects as the pieces do, and
   * with `download-damaged` if they are not a whole stream.
   */
  async *unpack(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    await this.#ready;
    const waiting: Uint8Array[] = [];
    const unpacked = untilStuck(this.#decoder.decodeStreaming(takeFrom(waiting)));
    try {
      for await (const piece of pieces) {
        waiting.push(piece);
        // The decoder takes a piece when it has unpacked all before it, and gives something for each: so it never finds none.
        while (waiting.length > 0) yield unpacked.next().value as Uint8Array;
      }
      yield* unpacked;
    } catch (error) {
      if (error instanceof SandboxError) throw error;
      throw new SandboxError('download-damaged', `The machine could not be unpacked: ${messageOf(error)}.`, { cause: error });
    }
  }

  /** The bytes of a blob as they are stored. Rejects as `load` does. */
  loadPacked(sha256: string, owner = 'the machine'): Promise<Uint8Array> {
    return attempt(ATTEMPTS, isAgain => this.#readChecked(sha256, owner, isAgain));
  }

  async #readChecked(sha256: string, owner: string, isAgain: boolean): Promise<Uint8Array> {
    const part = `A part of ${owner} (${sha256.slice(0, 12)})`;
    let bytes: Uint8Array;
    try {
      bytes = await this.host.readBlob(sha256, isAgain);
    } catch (error) {
      throw new SandboxError('download-failed', `${part} could not be downloaded: ${messageOf(error)}.`, { cause: error });
    }
    if ((await sha256Of(bytes)) === sha256) return bytes;
    throw new SandboxError('download-damaged', `${part} arrived damaged ${ATTEMPTS} times.`);
  }
}
