/**
 * Bytes that arrive before they are wanted. Read once, by one reader; `onTaken` is called with the size of each piece it takes, and a
 * reader that stops early calls `onAbandoned`.
 */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  readonly #onAbandoned: () => void;
  readonly #onTaken: (byteCount: number) => void;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  #isTaken = false;

  constructor(onAbandoned: () => void, onTaken: (byteCount: number) => void) {
    this.#onAbandoned = onAbandoned;
    this.#onTaken = onTaken;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#wake?.();
  }

  /** Nothing more comes. */
  end(): void {
    this.#end ??= {};
    this.#wake?.();
  }

  /** Nothing more comes, because of an error: the reader gets it after what arrived before. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isTaken) throw new Error('this body has been read already');
    this.#isTaken = true;
    try {
      for (;;) {
        const bytes = this.#chunks.shift();
        if (bytes !== undefined) {
          this.#onTaken(bytes.length);
          yield bytes;
        } else if (this.#end === undefined) await new Promise<void>(resolve => (this.#wake = resolve));
        else if ('error' in this.#end) throw this.#end.error;
        else return;
      }
    } finally {
      if (this.#end === undefined) this.#onAbandoned();
    }
  }
}
