import type { FileWriter } from './snapshot-folder.ts';

/** Written at once: a system call for each page would take longer than the copying. In bytes. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/** Gathers what is written to a segment file. */
export class SegmentWriter {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #written = 0;

  constructor(
    /** The segment's number. */
    readonly segment: number,
    private readonly file: FileWriter,
  ) {}

  /** In bytes. */
  get bytes(): number {
    return this.#written + this.#buffered;
  }

  /** Gives where in the segment the bytes begin. */
  write(bytes: Uint8Array): number {
    const start = this.bytes;
    if (bytes.length > BUFFER_BYTES - this.#buffered) this.flush();
    if (bytes.length > BUFFER_BYTES) {
      this.file.write(bytes);
      this.#written += bytes.length;
    } else {
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
    }
    return start;
  }

  /** Hands over what was gathered. */
  flush(): void {
    if (this.#buffered > 0) this.file.write(this.#buffer.subarray(0, this.#buffered));
    this.#written += this.#buffered;
    this.#buffered = 0;
  }
}
