import { describe, expect, test } from 'vitest';
import { CopyOnWriteDisk, WRITTEN_BLOCK_BYTES } from '../../../src/core/machine/copy-on-write-disk.ts';
import { beginTrim } from '../../../src/core/machine/disk-trim.ts';
import { readExt4Layout } from '../../../src/core/machine/ext4-layout.ts';

const BLOCKS = 64;
const BITMAP = 2;

/** The first blocks of a small ext4: superblock, one descriptor, a bitmap in which only they are used. */
function smallFileSystem(change: (superblock: DataView) => void = () => undefined): Uint8Array {
  const image = new Uint8Array(BLOCKS * WRITTEN_BLOCK_BYTES);
  const superblock = new DataView(image.buffer, 1024);
  superblock.setUint32(4, BLOCKS, true);
  superblock.setUint32(24, 2, true);
  superblock.setUint32(32, 32_768, true);
  superblock.setUint16(56, 0xef53, true);
  superblock.setUint32(96, 0x242, true);
  change(superblock);
  new DataView(image.buffer, WRITTEN_BLOCK_BYTES).setUint32(0, BITMAP, true);
  image[BITMAP * WRITTEN_BLOCK_BYTES] = 0b111;
  return image;
}

class SmallDisk {
  readonly disk: CopyOnWriteDisk;

  constructor(readonly image = smallFileSystem()) {
    const readChunk = (): Promise<Uint8Array> => Promise.resolve(image);
    this.disk = new CopyOnWriteDisk({ size: image.length, chunkBytes: image.length, readChunk });
  }

  write(block: number, fill: number): Promise<void> {
    return new Promise(resolve => this.disk.set(block * WRITTEN_BLOCK_BYTES, new Uint8Array(WRITTEN_BLOCK_BYTES).fill(fill), resolve));
  }

  /** Writes the bitmap as the guest does: these blocks are used, and the first three. */
  async use(...blocks: number[]): Promise<void> {
    const bitmap = this.image.slice(BITMAP * WRITTEN_BLOCK_BYTES, (BITMAP + 1) * WRITTEN_BLOCK_BYTES);
    for (const block of blocks) bitmap[block >> 3]! |= 1 << (block & 7);
    await new Promise<void>(resolve => this.disk.set(BITMAP * WRITTEN_BLOCK_BYTES, bitmap, resolve));
  }

  get written(): number[] {
    return [...this.disk.written.keys()].sort((one, other) => one - other);
  }
}

describe('what the guest has deleted', () => {
  test('is given back; what is in use stays', async () => {
    const small = new SmallDisk();
    for (const block of [10, 11, 12, 40]) await small.write(block, 7);
    await small.use(11, 40);
    expect(await beginTrim(small.disk)()).toBe(2);
    expect(small.written).toEqual([BITMAP, 11, 40]);
  });

  test('stays when it was written since the beginning: somebody may have taken it whose bitmap is not on the disk yet', async () => {
    const small = new SmallDisk();
    for (const block of [10, 11]) await small.write(block, 7);
    const end = beginTrim(small.disk);
    await small.use();
    await small.write(10, 8);
    expect(await end()).toBe(1);
    expect(small.written).toEqual([BITMAP, 10]);
  });

  test('stays where no bitmap was ever written', async () => {
    const small = new SmallDisk();
    await small.write(10, 7);
    expect(await beginTrim(small.disk)()).toBe(0);
    expect(small.written).toEqual([10]);
  });

  test.each([
    ['no ext4', (superblock: DataView) => superblock.setUint16(56, 0, true)],
    ['a journal', (superblock: DataView) => superblock.setUint32(92, 4, true)],
    ['blocks of 1 KB', (superblock: DataView) => superblock.setUint32(24, 0, true)],
    ['64-bit numbers', (superblock: DataView) => superblock.setUint32(96, 0x2c2, true)],
    ['bitmaps that are not written at first', (superblock: DataView) => superblock.setUint32(100, 0x10, true)],
  ])('stays on a disk with %s', async (_, change) => {
    const small = new SmallDisk(smallFileSystem(change));
    await small.write(10, 7);
    await small.use();
    expect(await beginTrim(small.disk)()).toBe(0);
    expect(small.written).toEqual([BITMAP, 10]);
  });

  test('the layout tells each group’s bitmap', () => {
    const image = smallFileSystem();
    const block = (index: number): Uint8Array => image.subarray(index * WRITTEN_BLOCK_BYTES, (index + 1) * WRITTEN_BLOCK_BYTES);
    expect(readExt4Layout(block(0), block(1))).toEqual({ blockCount: BLOCKS, blocksPerGroup: 32_768, bitmaps: [BITMAP] });
  });
});
