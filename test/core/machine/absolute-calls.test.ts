import { expect, test } from 'vitest';
import { makeAbsolute, makeRelative, seemsCode } from '../../../src/core/machine/absolute-calls.ts';
import { codeAddresses, layoutOf, packCode, packPages, pagesOf, unpackCode, unpackPages } from '../../../src/core/machine/memory-image.ts';

const PAGE = 4096;

/** Bytes as by chance, the same in each run; with many calls among them when `isCode`. */
function page(seed: number, isCode: boolean): Uint8Array {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16;
  const bytes = Uint8Array.from({ length: PAGE }, () => next() % 256);
  if (isCode) for (let at = 3; at < PAGE; at += 7 + (next() % 9)) bytes[at] = 0xe8 + (next() % 2);
  return bytes;
}

test.each([0, 4096, 4096 * 16_383])('a page gets its bytes back, whatever they are: at %d', address => {
  for (let seed = 1; seed <= 50; seed++) {
    const bytes = page(seed, true);
    makeAbsolute(bytes, address);
    expect(bytes).not.toEqual(page(seed, true));
    makeRelative(bytes, address);
    expect(bytes).toEqual(page(seed, true));
  }
});

test('calls of one function from two pages become the same bytes', () => {
  const call = (from: number, to: number): Uint8Array => {
    const bytes = new Uint8Array(PAGE);
    bytes[100] = 0xe8;
    new DataView(bytes.buffer).setInt32(101, to - (from + 105), true);
    makeAbsolute(bytes, from);
    return bytes;
  };
  expect(call(0x20_000, 0x91_234)).toEqual(call(0xa1_000, 0x91_234));
});

test('a page with near calls seems to be code, one of text does not', () => {
  const code = new Uint8Array(PAGE);
  for (let at = 0; at < 200; at += 10) code[at] = 0xe8;
  expect(seemsCode(code)).toBe(true);
  expect(seemsCode(new TextEncoder().encode('words '.repeat(700)).subarray(0, PAGE))).toBe(false);
});

test('a memory packed with its code comes back from pieces of any size', () => {
  const code = (seed: number): Uint8Array => {
    const bytes = page(seed, true);
    for (let at = 0; at < 400; at += 10) bytes.set([0xe8, 1, 2, 0, 0], at);
    return bytes;
  };
  const memory = new Uint8Array(8 * PAGE);
  const contents = [page(1, false), code(2), code(3), page(4, false), code(5)];
  contents.forEach((content, index) => memory.set(content, [1, 2, 3, 5, 7][index]! * PAGE));
  const plain = layoutOf(memory);
  const packed = packPages(memory, plain);
  const layout = packCode(packed, plain, (_, number) => number + 20_000);
  expect(layout.absolute).toEqual([1, 2, 20_002 % 16_384, 1, 1, 20_007 % 16_384]);
  const pages = pagesOf(layout);
  for (const size of [1000, PAGE, 3 * PAGE + 1, packed.length]) {
    const restored = new Uint8Array(8 * PAGE);
    for (let at = 0; at < packed.length; at += size) {
      const piece = packed.subarray(at, at + size);
      unpackPages(restored, pages, at, piece);
      unpackCode(restored, pages, codeAddresses(layout, pages.length), at, piece.length);
    }
    expect(restored).toEqual(memory);
  }
});
