import { hashModule, PAGE_BYTES } from './hash-module.ts';

export { PAGE_BYTES } from './hash-module.ts';

/** 64 bits, as two words. It tells whether a page has changed and whether it was stored whole, not whether somebody has forged it. */
export type PageHash = readonly [number, number];

let compiled: WebAssembly.Module | undefined;

/** Hashes the pages of a memory where they lie. */
export class PageHasher {
  readonly #look: (address: number) => number;
  readonly #one: WebAssembly.Global;
  readonly #two: WebAssembly.Global;

  constructor(readonly memory: WebAssembly.Memory) {
    compiled ??= new WebAssembly.Module(hashModule);
    const { exports } = new WebAssembly.Instance(compiled, { e: { memory } });
    this.#look = exports['look'] as (address: number) => number;
    this.#one = exports['one'] as WebAssembly.Global;
    this.#two = exports['two'] as WebAssembly.Global;
  }

  /** Hashes a page; false where there is nothing but zeros in it, whose hash is 0, 0. */
  look(page: number): boolean {
    return this.#look(page * PAGE_BYTES) !== 0;
  }

  /** The words of the page that was last looked at. */
  get one(): number {
    return (this.#one.value as number) >>> 0;
  }

  get two(): number {
    return (this.#two.value as number) >>> 0;
  }
}

/** For bytes that lie elsewhere: they are copied here, page by page. */
class Bench {
  readonly hasher = new PageHasher(new WebAssembly.Memory({ initial: 1 }));
  readonly #page = new Uint8Array(this.hasher.memory.buffer, 0, PAGE_BYTES);

  hash(bytes: Uint8Array): PageHash {
    this.#page.set(bytes);
    if (bytes.length < PAGE_BYTES) this.#page.fill(0, bytes.length);
    this.hasher.look(0);
    return [this.hasher.one, this.hasher.two];
  }
}

let bench: Bench | undefined;

/** The hash of a page, or of less, with zeros after it. */
export function hashPage(bytes: Uint8Array): PageHash {
  return (bench ??= new Bench()).hash(bytes);
}

/** The hash of bytes of any number: that of their length and of their pages' hashes. */
export function hashBytes(bytes: Uint8Array): PageHash {
  const words = [bytes.length];
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) words.push(...hashPage(bytes.subarray(at, at + PAGE_BYTES)));
  const list = new Uint8Array(Uint32Array.from(words).buffer);
  return list.length <= PAGE_BYTES ? hashPage(list) : hashBytes(list);
}
