import { gathered, onePiece } from '../base/bytes.ts';

/** Keeps what was fetched, so that it is there without a network too. */
export interface KeptFiles {
  /** What is kept under a name, in pieces; undefined where nothing is. */
  open(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Keeps the pieces once all have come; rejects, and keeps nothing, where they break off or there is no room. */
  keep(name: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  /** How many bytes all of it takes. */
  usedBytes(): Promise<number>;
  /** Forgets all. */
  clear(): Promise<void>;
}

/** Keeps files for as long as this process lives. */
export class MemoryKeptFiles implements KeptFiles {
  readonly #files = new Map<string, Uint8Array>();

  open(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const bytes = this.#files.get(name);
    return Promise.resolve(bytes && onePiece(bytes));
  }

  async keep(name: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    this.#files.set(name, await gathered(pieces));
  }

  usedBytes(): Promise<number> {
    return Promise.resolve([...this.#files.values()].reduce((sum, { length }) => sum + length, 0));
  }

  clear(): Promise<void> {
    this.#files.clear();
    return Promise.resolve();
  }
}
