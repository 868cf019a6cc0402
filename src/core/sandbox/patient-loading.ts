import { messageOf, SandboxError } from '../base/errors.ts';
import type { Notice } from '../protocol/sandbox.ts';
import type { ArtifactHost, ArtifactName } from './artifact-host.ts';
import type { BlobLoader } from './blob-loader.ts';
import type { Loading } from './machine-loader.ts';

/** Reads what the site serves, and tries what fails again for as long as the learner wants: after each failure he is told, and decides when. */
export class PatientLoading implements Loading {
  #waiting: (() => void)[] = [];

  /** `onBytes` hears of bytes of files; those of blobs are the loader's to count. */
  constructor(
    private readonly host: ArtifactHost,
    private readonly loader: BlobLoader,
    private readonly tell: (notice: Notice) => void,
    private readonly onBytes: (count: number) => void,
  ) {}

  readFile(name: ArtifactName): Promise<ArrayBuffer> {
    return this.try(() => this.host.readFile(name, this.onBytes));
  }

  load(sha256: string, bytes: number): Promise<Uint8Array> {
    return this.try(() => this.loader.load(sha256, bytes));
  }

  loadPacked(sha256: string): Promise<Uint8Array> {
    return this.try(() => this.loader.loadPacked(sha256));
  }

  unpack(pieces: AsyncIterable<Uint8Array>): ReturnType<Loading['unpack']> {
    return this.loader.unpack(pieces);
  }

  /** Does `work` until it succeeds. */
  async try<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof SandboxError && error.code === 'snapshot-mismatch') throw error;
        await this.ask(error);
      }
    }
  }

  /** Tells of a failure; resolves when the learner wants to try again. */
  async ask(error: unknown): Promise<void> {
    const code = error instanceof SandboxError ? error.code : 'download-failed';
    const message = `${messageOf(error)} The machine waits for it. Check your connection, then try again.`;
    this.tell({ code, message, canRetry: true });
    await new Promise<void>(resolve => this.#waiting.push(resolve));
    this.tell({ code, message, canRetry: true, resolved: true });
  }

  /** The learner wants to. */
  retry(): void {
    this.#waiting.splice(0).forEach(go => go());
  }
}
