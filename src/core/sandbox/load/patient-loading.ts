import { messageOf, SandboxError, type ErrorCode } from '../../base/errors.ts';
import type { Notice } from '../../protocol/sandbox.ts';
import type { ArtifactHost, ArtifactName } from './artifact-host.ts';
import type { BlobLoader } from './blob-loader.ts';
import type { Loading } from './machine-loader.ts';

/** The pause before a missing piece is tried again; each pause is twice the one before. The loader's own attempts come on top. */
const FIRST_PAUSE_MILLISECONDS = 2000;
const LONGEST_PAUSE_MILLISECONDS = 30_000;

const GOES_ON = 'The machine is waiting for it and tries again by itself: at once when the network comes back, otherwise about every half minute.';

/**
 * Reads what the site serves, and tries what fails again for as long as it is missing, after growing pauses and whenever somebody says that it may
 * work now. A notice of missing pieces is shown once for each kind of failure, and withdrawn when all pieces of that kind have come.
 */
export class PatientLoading implements Loading {
  /** Why it is not here, for each piece of work that waits. */
  readonly #missing = new Map<symbol, SandboxError>();
  readonly #told = new Map<ErrorCode, Notice>();
  #waiting: (() => void)[] = [];
  #underWay = 0;
  #pause = FIRST_PAUSE_MILLISECONDS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** `onBytes` hears of bytes of files; those of blobs are the loader's to count. */
  constructor(
    private readonly host: ArtifactHost,
    private readonly loader: BlobLoader,
    private readonly tell: (notice: Notice) => void,
    private readonly onBytes: (count: number) => void,
  ) {}

  /** True while something is on its way, or missing. */
  get isLoading(): boolean {
    return this.#underWay > 0;
  }

  /** True while something could not be had. */
  get isMissing(): boolean {
    return this.#missing.size > 0;
  }

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
    const name = Symbol('work');
    this.#underWay++;
    try {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (error instanceof SandboxError && error.code === 'snapshot-mismatch') throw error;
          this.#miss(name, error);
          await this.#untilAgain();
        }
      }
    } finally {
      this.#underWay--;
      this.#missing.delete(name);
      this.#withdraw();
    }
  }

  /** Tries again now: the network may be back. Notices go, and come again where it does not help. */
  retry(): void {
    this.#pause = FIRST_PAUSE_MILLISECONDS;
    for (const code of [...this.#told.keys()]) this.#resolve(code);
    this.#goOn();
  }

  /** Tries no more: what waits, waits for ever. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #miss(name: symbol, error: unknown): void {
    const failure = error instanceof SandboxError ? error : new SandboxError('download-failed', messageOf(error), { cause: error });
    this.#missing.set(name, failure);
    this.#withdraw();
    if (this.#told.has(failure.code)) return;
    const notice = { code: failure.code, message: `${failure.message} ${GOES_ON}`, canRetry: true };
    this.#told.set(failure.code, notice);
    this.tell(notice);
  }

  /** Resolves at the next attempt, which everything that waits makes together. */
  #untilAgain(): Promise<void> {
    if (this.#timer === undefined && !this.#isClosed) {
      this.#timer = setTimeout(() => this.#goOn(), this.#pause);
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MILLISECONDS);
    }
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  #goOn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Withdraws what is no longer true. */
  #withdraw(): void {
    const codes = new Set([...this.#missing.values()].map(({ code }) => code));
    for (const code of [...this.#told.keys()]) if (!codes.has(code)) this.#resolve(code);
    if (codes.size === 0) this.#pause = FIRST_PAUSE_MILLISECONDS;
  }

  #resolve(code: ErrorCode): void {
    const notice = this.#told.get(code);
    this.#told.delete(code);
    if (notice !== undefined) this.tell({ ...notice, resolved: true });
  }
}
