import { ZSTDDecoder } from 'zstddec';
import { messageOf, SandboxError } from '../base/errors.ts';
import { sha256Of } from '../base/sha256.ts';
import type { ArtifactHost } from './artifact-host.ts';

const ATTEMPTS = 4;
const FIRST_PAUSE_MILLISECONDS = 250;

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
    const packed = await this.#readChecked(sha256, owner);
    await this.#ready;
    return this.#decoder.decode(packed, unpackedBytes);
  }

  async #readChecked(sha256: string, owner: string): Promise<Uint8Array> {
    let failure: SandboxError | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise<void>(resolve => setTimeout(resolve, FIRST_PAUSE_MILLISECONDS * 2 ** attempt));
      try {
        const bytes = await this.host.readBlob(sha256, failure !== undefined);
        if ((await sha256Of(bytes)) === sha256) return bytes;
        failure = new SandboxError('download-damaged', `A part of ${owner} (${sha256.slice(0, 12)}) arrived damaged ${attempt + 1} times.`);
      } catch (error) {
        failure = new SandboxError('download-failed', `A part of ${owner} (${sha256.slice(0, 12)}) could not be downloaded: ${messageOf(error)}.`, {
          cause: error,
        });
      }
    }
    throw failure!;
  }
}
