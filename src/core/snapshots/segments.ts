/** The segment files by number. Numbers count from 1 and are good for this program's life; the names are for good. */
export class Segments {
  readonly #names: string[] = [];
  readonly #bytes: number[] = [];

  /** Gives the number of a segment, a new one where it was not known. */
  add(name: string, bytes: number): number {
    const known = this.#names.indexOf(name);
    if (known >= 0) return known + 1;
    this.#names.push(name);
    this.#bytes.push(bytes);
    return this.#names.length;
  }

  /** Says how large a segment that was just written has become. */
  setBytes(segment: number, bytes: number): void {
    this.#bytes[segment - 1] = bytes;
  }

  nameOf(segment: number): string {
    return this.#names[segment - 1]!;
  }

  /** In bytes. */
  sizeOf(segment: number): number {
    return this.#bytes[segment - 1]!;
  }
}
