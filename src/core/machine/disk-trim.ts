import type { CopyOnWriteDisk } from './copy-on-write-disk.ts';
import { isFreeBlock, readExt4Layout, type Ext4Layout } from './ext4-layout.ts';

/**
 * Begins to give back the written blocks that the guest's file system does not use any more: v86's disk has no TRIM command, so without this every block that was ever
 * written would be kept for good. What was begun is ended by the returned function, which gives the number of blocks, and before which the guest must have done a `sync`.
 *
 * A block is given back if the bitmap on the disk has it free and nothing was written to it since the beginning. The bitmaps are at least as new as the beginning, since the sync
 * has written them; so the file that took the block later has not written to it yet, and the block's earlier content means nothing to it.
 */
export function beginTrim(disk: CopyOnWriteDisk): () => Promise<number> {
  const { touched, end } = disk.watchWrites();
  return async () => {
    try {
      const layout = readExt4Layout(await disk.peek(0), await disk.peek(1));
      const free = layout === undefined ? [] : freeBlocks(disk.written, layout).filter(block => !touched.has(block));
      disk.drop(free);
      return free.length;
    } finally {
      end();
    }
  };
}

function freeBlocks(written: ReadonlyMap<number, Uint8Array>, layout: Ext4Layout): number[] {
  // A group whose bitmap was never written is as it was made: nothing of it was given free.
  return [...written.keys()].filter(block => isFreeBlock(layout, bitmap => written.get(bitmap), block));
}
