const SMALLEST_CAPACITY = 256;

/**
 * The bytes of one file. The buffer grows by doubling, so that a log written line by line does not copy itself with every line.
 * Beyond `size` the buffer is always zero: growing a file shows zeroes, as Linux promises.
 */
export class FileContent {
  #buffer = new Uint8Array(0);
  #size = 0;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  /** A view of up to `count` bytes from `offset`; shorter at the end of the file. Copy it before anything is written. */
  view(offset: number, count: number): Uint8Array {
    const start = Math.min(offset, this.#size);
    return this.#buffer.subarray(start, Math.min(start + count, this.#size));
  }

  /** A copy of everything. */
  copy(): Uint8Array {
    return this.#buffer.slice(0, this.#size);
  }

  /** Writes at `offset`, which may lie beyond the end: the gap is zero. */
  write(offset: number, bytes: Uint8Array): void {
    this.resize(Math.max(this.#size, offset + bytes.length));
    this.#buffer.set(bytes, offset);
  }

  /** Cuts or lengthens to `size` bytes. */
  resize(size: number): void {
    if (size > this.#buffer.length) this.#move(Math.max(size, this.#buffer.length * 2, SMALLEST_CAPACITY), this.#size);
    else if (size < this.#size) this.#shrink(size);
    this.#size = size;
  }

  /** Replaces everything by a copy of `bytes`. */
  replace(bytes: Uint8Array): void {
    this.#buffer = new Uint8Array(bytes);
    this.#size = bytes.length;
  }

  #shrink(size: number): void {
    if (size < this.#buffer.length / 4) this.#move(size, size);
    else this.#buffer.fill(0, size, this.#size);
  }

  #move(capacity: number, kept: number): void {
    const buffer = new Uint8Array(capacity);
    buffer.set(this.#buffer.subarray(0, kept));
    this.#buffer = buffer;
  }
}
