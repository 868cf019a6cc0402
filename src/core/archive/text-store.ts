/** Texts are kept in blocks of this size, or of their own where they are larger. In bytes. */
const BLOCK_BYTES = 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Place {
  readonly block: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Very many short texts by name, as UTF-8: as strings in a map they take more than twice as much memory. */
export class TextStore {
  readonly #places = new Map<string, Place>();
  #block = new Uint8Array();
  #used = 0;

  get size(): number {
    return this.#places.size;
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  get(name: string): string | undefined {
    const place = this.#places.get(name);
    return place && decoder.decode(place.block.subarray(place.start, place.end));
  }

  /** Replaces the text that the name had. */
  set(name: string, text: string): void {
    const bytes = encoder.encode(text);
    if (this.#used + bytes.length > this.#block.length) [this.#block, this.#used] = [new Uint8Array(Math.max(BLOCK_BYTES, bytes.length)), 0];
    this.#block.set(bytes, this.#used);
    const start = this.#used;
    this.#used += bytes.length;
    this.#places.set(detached(name), { block: this.#block, start, end: this.#used });
  }
}

/** The same text in memory of its own: what is cut from a text keeps all of it alive. */
export function detached(text: string): string {
  return decoder.decode(encoder.encode(text));
}
