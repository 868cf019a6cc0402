/** The unit in which memory and disk are compared and stored, in bytes. */
export const PAGE_BYTES = 4096;
const PAGE_WORDS = PAGE_BYTES / 4;

/** Odd numbers with about as many ones as zeros: what makes a multiplication mix. */
const [FIRST, SECOND] = [0x9e3779b1, 0x85ebca6b];

/** The pages of bytes as 32-bit words. The bytes must begin where a word may. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

/** Is there nothing but zeros in a page? `page` counts from the beginning of the words. */
export function isZeroPage(words: Uint32Array, page: number): boolean {
  const start = page * PAGE_WORDS;
  for (let at = start; at < start + PAGE_WORDS; at++) if (words[at] !== 0) return false;
  return true;
}

/**
 * Puts the 64-bit hash of a page into `result`, as two words. It tells whether a page has changed and whether it was stored whole, not
 * whether somebody has forged it. Each word is mixed into both halves and then turned, so that a change of high bits reaches the low ones.
 */
export function hashPage(words: Uint32Array, page: number, result: Uint32Array): void {
  const start = page * PAGE_WORDS;
  let [one, two] = [FIRST | 0, SECOND | 0];
  for (let at = start; at < start + PAGE_WORDS; at++) {
    const word = words[at]!;
    one = Math.imul(one ^ word, FIRST);
    one = (one << 13) | (one >>> 19);
    two = Math.imul(two + word, SECOND);
    two = (two << 17) | (two >>> 15);
  }
  result[0] = one;
  result[1] = two;
}

/** The same for bytes of any number. */
export function hashBytes(bytes: Uint8Array): [number, number] {
  const pages = Math.ceil(bytes.length / PAGE_BYTES);
  const padded = new Uint8Array(Math.max(1, pages) * PAGE_BYTES);
  padded.set(bytes);
  const words = wordsOf(padded);
  const sum = new Uint32Array([bytes.length, 0]);
  const hash = new Uint32Array(2);
  for (let page = 0; page < pages; page++) {
    hashPage(words, page, hash);
    sum[0] = Math.imul(sum[0]! ^ hash[0]!, FIRST) + page;
    sum[1] = Math.imul(sum[1]! ^ hash[1]!, SECOND) + page;
  }
  return [sum[0]!, sum[1]!];
}
