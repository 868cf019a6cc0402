import { expect, test } from 'vitest';
import { forEachGap, layoutOf, packPages, packedBytes, pagesOf, reorderPages, unpackPages } from '../../../src/core/machine/memory-image.ts';

const PAGE = 4096;

/** Eight pages, of which 1, 2, 5 and 7 hold something. */
function sample(): Uint8Array {
  const memory = new Uint8Array(8 * PAGE);
  for (const [page, byte] of [
    [1, 0],
    [2, PAGE - 1],
    [5, 7],
    [7, 100],
  ] as const) {
    memory[page * PAGE + byte] = page;
  }
  return memory;
}

test('pages of zeros are left out, the others stand together', () => {
  const layout = layoutOf(sample());
  expect(layout).toEqual({ bytes: 8 * PAGE, runs: [1, 2, 5, 1, 7, 1] });
  expect(packedBytes(layout)).toBe(4 * PAGE);
});

test('what was packed comes back from pieces of any size, in any order', () => {
  const memory = sample();
  const layout = layoutOf(memory);
  const packed = packPages(memory, layout);
  for (const size of [1000, PAGE, 3 * PAGE, packed.length]) {
    const starts = Array.from({ length: Math.ceil(packed.length / size) }, (_, index) => index * size);
    const target = new Uint8Array(memory.length);
    for (const start of starts.reverse()) unpackPages(target, pagesOf(layout), start, packed.subarray(start, start + size));
    expect(target).toEqual(memory);
  }
});

test('the gaps are what no page covers', () => {
  const gaps: number[][] = [];
  forEachGap(layoutOf(sample()), (start, end) => gaps.push([start / PAGE, end / PAGE]));
  expect(gaps).toEqual([
    [0, 1],
    [3, 5],
    [6, 7],
  ]);
  gaps.length = 0;
  forEachGap(layoutOf(new Uint8Array(2 * PAGE)), (start, end) => gaps.push([start, end]));
  expect(gaps).toEqual([[0, 2 * PAGE]]);
});

test('pages in another order come back to where they were', () => {
  const memory = sample();
  const layout = layoutOf(memory);
  const reordered = reorderPages(packPages(memory, layout), layout, page => (page === 2 ? 9 : -page));
  expect(reordered.layout).toEqual({ bytes: 8 * PAGE, runs: [7, 1, 5, 1, 1, 2] });
  const target = new Uint8Array(memory.length);
  unpackPages(target, pagesOf(reordered.layout), 0, reordered.pages);
  expect(target).toEqual(memory);
  const gaps: number[][] = [];
  forEachGap(reordered.layout, (start, end) => gaps.push([start / PAGE, end / PAGE]));
  expect(gaps).toEqual([
    [0, 1],
    [3, 5],
    [6, 7],
  ]);
});
