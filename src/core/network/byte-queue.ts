/** What the owner of a queue hears of its reader. */
export interface ByteQueueEvents {
  /** The reader stopped before the end. */
  onAbandoned(): void;
  /** The reader has dealt with so many bytes: it asks for what comes after them. */
  onConsumed(byteCount: number): void;
}

/** Bytes that arrive before they are wanted. Read once, by one reader. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  readonly #events: ByteQueueEvents;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  #isTaken = false;

  constructor(events: ByteQueueEvents) {
    this.#events = events;
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
          yield bytes;
          this.#events.onConsumed(bytes.length);
        } else if (this.#end === undefined) await new Promise<void>(resolve => (this.#wake = resolve));
        else if ('error' in this.#end) throw this.#end.error;
        else return;
      }
    } finally {
      if (this.#end === undefined) this.#events.onAbandoned();
    }
  }
}
