import { describe, expect, test } from 'vitest';
import { hashBytes, hashPage, PAGE_BYTES, PageHasher } from '../../../src/core/snapshots/page-hash.ts';

const random = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.random() * 256);

describe('the hash of a page', () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const bytes = new Uint8Array(memory.buffer);
  const hasher = new PageHasher(memory);
  const look = (page: number): string => (hasher.look(page) ? `${hasher.one} ${hasher.two}` : 'zeros');

  test('is the same wherever the page lies', () => {
    const page = random(PAGE_BYTES);
    bytes.set(page, 3 * PAGE_BYTES);
    bytes.set(page, 31 * PAGE_BYTES);
    expect(look(31)).toBe(look(3));
    expect(hashPage(page).join(' ')).toBe(look(3));
  });

  test('tells a page of zeros, also among others', () => {
    bytes.fill(255, 4 * PAGE_BYTES, 7 * PAGE_BYTES);
    bytes.fill(0, 5 * PAGE_BYTES, 6 * PAGE_BYTES);
    expect(look(5)).toBe('zeros');
    expect([hasher.one, hasher.two]).toEqual([0, 0]);
    expect(hashPage(new Uint8Array(PAGE_BYTES))).toEqual([0, 0]);
  });

  test('is another one for a change of any bit', () => {
    bytes.set(random(PAGE_BYTES), 0);
    const seen = new Set([look(0)]);
    for (let bit = 0; bit < PAGE_BYTES * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      seen.add(look(0));
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(seen.size).toBe(1 + PAGE_BYTES * 8);
    // One bit in a page of zeros is the change that has least to be told by.
    bytes.fill(0, 0, PAGE_BYTES);
    const single = new Set<string>();
    for (let bit = 0; bit < PAGE_BYTES * 8; bit++) {
      bytes[bit >> 3] = 1 << (bit & 7);
      single.add(look(0));
      bytes[bit >> 3] = 0;
    }
    expect(single.size).toBe(PAGE_BYTES * 8);
  });

  test('is another one when words change places', () => {
    const words = new Uint32Array(memory.buffer, 0, PAGE_BYTES / 4).map((_, index) => index);
    new Uint32Array(memory.buffer).set(words);
    const before = look(0);
    for (const [one, other] of [
      [0, 1],
      [0, 4],
      [5, 1023],
      [3, 7],
    ] as const) {
      const swapped = words.slice();
      [swapped[one], swapped[other]] = [words[other]!, words[one]!];
      new Uint32Array(memory.buffer).set(swapped);
      expect(look(0)).not.toBe(before);
    }
  });

  test('half of its bits turn when one bit of the page does', () => {
    bytes.set(random(PAGE_BYTES), 0);
    hasher.look(0);
    const before = [hasher.one, hasher.two];
    const turned = Array.from({ length: 1000 }, (_, count) => {
      const bit = (count * 7919) % (PAGE_BYTES * 8);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      hasher.look(0);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return [hasher.one, hasher.two].map((word, index) => bitsOf((word ^ before[index]!) >>> 0));
    });
    for (const index of [0, 1]) {
      const mean = turned.reduce((sum, counts) => sum + counts[index]!, 0) / turned.length;
      expect(mean).toBeGreaterThan(13);
      expect(mean).toBeLessThan(19);
    }
  });
});

function bitsOf(word: number): number {
  return [...word.toString(2)].filter(digit => digit === '1').length;
}

test('the hash of bytes knows their length and every one of them', () => {
  const bytes = random(3 * 1024 * 1024 + 5);
  const before = hashBytes(bytes);
  expect(hashBytes(bytes)).toEqual(before);
  for (const at of [0, 4095, 4096, 2_000_000, bytes.length - 1]) {
    bytes[at]! ^= 1;
    expect(hashBytes(bytes)).not.toEqual(before);
    bytes[at]! ^= 1;
  }
  const lengths = [0, 1, 4, 4095, 4096, 4097, 8192].map(length => hashBytes(new Uint8Array(length)).join(' '));
  expect(new Set(lengths).size).toBe(lengths.length);
});
