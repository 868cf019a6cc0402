import { WRITTEN_BLOCK_BYTES } from './copy-on-write-disk.ts';

/** Where in the first block the superblock begins. */
const SUPERBLOCK = 1024;
const DESCRIPTOR_BYTES = 32;
const MAGIC = 0xef53;
/** Log2 of the block size in KiB. */
const BLOCK_SIZE_4K = 2;

/** Features as their bits in the superblock (Linux: Documentation/filesystems/ext4/super.rst). */
const HAS_JOURNAL = 0x4;
/** Names with types, extents, groups that share a place for their bitmaps: none of them changes what a bitmap means. */
const HARMLESS_INCOMPATIBLE = 0x2 | 0x40 | 0x200;
/** Bitmaps that are not written at first, and bitmaps of clusters instead of blocks. */
const LAZY_GROUPS = 0x10;
const CLUSTERS = 0x200;

/** Where an ext4 file system has its bitmaps of used blocks. */
export interface Ext4Layout {
  readonly blockCount: number;
  readonly blocksPerGroup: number;
  /** For each group of blocks, the block in which its bitmap is. */
  readonly bitmaps: readonly number[];
}

/**
 * Reads the layout from the first two blocks of a disk. Undefined if there is no ext4, or one whose bitmaps do not simply say which blocks are free: with a journal,
 * blocks larger or smaller than 4 KB, 64-bit block numbers, clusters, more groups than one block describes.
 */
export function readExt4Layout(first: Uint8Array, second: Uint8Array): Ext4Layout | undefined {
  const view = new DataView(first.buffer, first.byteOffset + SUPERBLOCK, 256);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const [blockCount, blocksPerGroup] = [u32(4), u32(32)];
  const isSimple =
    view.getUint16(56, true) === MAGIC &&
    u32(20) === 0 &&
    u32(24) === BLOCK_SIZE_4K &&
    (u32(92) & HAS_JOURNAL) === 0 &&
    (u32(96) & ~HARMLESS_INCOMPATIBLE) === 0 &&
    (u32(100) & (LAZY_GROUPS | CLUSTERS)) === 0;
  const groups = Math.ceil(blockCount / blocksPerGroup);
  if (!isSimple || groups * DESCRIPTOR_BYTES > WRITTEN_BLOCK_BYTES) return undefined;
  const descriptors = new DataView(second.buffer, second.byteOffset, WRITTEN_BLOCK_BYTES);
  return { blockCount, blocksPerGroup, bitmaps: Array.from({ length: groups }, (_, group) => descriptors.getUint32(group * DESCRIPTOR_BYTES, true)) };
}

/** Tells of a block whether the bitmaps say that it is free; `bitmapOf` gives the content of a block with a bitmap. What is not known is not free. */
export function isFreeBlock(layout: Ext4Layout, bitmapOf: (block: number) => Uint8Array | undefined, block: number): boolean {
  if (block >= layout.blockCount) return false;
  const bit = block % layout.blocksPerGroup;
  const bitmap = bitmapOf(layout.bitmaps[Math.floor(block / layout.blocksPerGroup)]!);
  return bitmap !== undefined && (bitmap[bit >> 3]! & (1 << (bit & 7))) === 0;
}
