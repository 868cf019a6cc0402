import { describe, expect, test } from 'vitest';
import type { BlockSource } from '../../../src/core/machine/block-source.ts';
import { CopyOnWriteDisk, WRITTEN_BLOCK_BYTES } from '../../../src/core/machine/copy-on-write-disk.ts';

const CHUNK = 16 * 1024;
const SIZE = 4 * CHUNK;
const original = Uint8Array.from({ length: SIZE }, (_, index) => (index * 7 + (index >> 9)) & 255);

function sourceOf(reads: number[] = []): BlockSource {
  return {
    size: SIZE,
    chunkBytes: CHUNK,
    readChunk: index => {
      reads.push(index);
      return Promise.resolve(original.slice(index * CHUNK, (index + 1) * CHUNK));
    },
  };
}

const read = (disk: CopyOnWriteDisk, start: number, length: number) => new Promise<Uint8Array>(resolve => disk.get(start, length, resolve));
const write = (disk: CopyOnWriteDisk, start: number, data: Uint8Array) => new Promise<void>(resolve => disk.set(start, data, resolve));

describe('the copy-on-write disk', () => {
  test('reads what the source has, across chunks', async () => {
    const disk = new CopyOnWriteDisk(sourceOf());
    expect(await read(disk, CHUNK - 512, 1024)).toEqual(original.subarray(CHUNK - 512, CHUNK + 512));
  });

  test('any mix of writes and reads is the same as on a plain array', async () => {
    const disk = new CopyOnWriteDisk(sourceOf());
    const model = original.slice();
    let seed = 1;
    const random = (limit: number) => (seed = (seed * 48271) % 2147483647) % limit;
    for (let step = 0; step < 300; step++) {
      const start = random(SIZE / 512) * 512;
      const length = Math.min((1 + random(40)) * 512, SIZE - start);
      if (step % 2 === 0) {
        const data = Uint8Array.from({ length }, () => random(256));
        model.set(data, start);
        await write(disk, start, data);
      } else {
        expect(await read(disk, start, length)).toEqual(model.subarray(start, start + length));
      }
    }
  });

  test('a whole block is written without reading the source first', async () => {
    const reads: number[] = [];
    await write(new CopyOnWriteDisk(sourceOf(reads)), WRITTEN_BLOCK_BYTES, new Uint8Array(WRITTEN_BLOCK_BYTES));
    expect(reads).toEqual([]);
  });

  test('another disk goes on from the written blocks', async () => {
    const disk = new CopyOnWriteDisk(sourceOf());
    await write(disk, 8192, new Uint8Array(512).fill(9));
    expect([...disk.written].map(([index, block]) => [index, block.length])).toEqual([[2, WRITTEN_BLOCK_BYTES]]);
    const restored = new CopyOnWriteDisk(sourceOf());
    restored.restore(disk.written);
    expect(await read(restored, 8192, 1024)).toEqual(await read(disk, 8192, 1024));
  });

  test('tells when nothing is under way', async () => {
    let answer: () => void = () => undefined;
    const source = sourceOf();
    const slow: BlockSource = { ...source, readChunk: index => new Promise(resolve => (answer = () => resolve(source.readChunk(index)))) };
    const disk = new CopyOnWriteDisk(slow);
    expect(await disk.idle(1)).toBe(true);
    const reading = read(disk, 0, 512);
    expect(await disk.idle(20)).toBe(false);
    answer();
    await reading;
    expect(await disk.idle(1000)).toBe(true);
  });

  test('taken blocks are gone from the disk: the source has them now', async () => {
    const disk = new CopyOnWriteDisk(sourceOf());
    await write(disk, 0, new Uint8Array(512).fill(9));
    expect([...disk.takeWritten().keys()]).toEqual([0]);
    expect(await read(disk, 0, 512)).toEqual(original.subarray(0, 512));
  });
});
