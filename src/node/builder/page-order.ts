import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { packCode, reorderPages } from '../../core/machine/memory-image.ts';
import type { MachineImage } from './machine-image.ts';

const BLOCK_BYTES = 4096;
const READ_BYTES = 1024 * BLOCK_BYTES;

/**
 * Puts the pages of a saved machine in the order in which the disk has them: the guest's page cache lies anywhere in its memory, and
 * compresses better file after file. Pages that are not on the disk follow, as they were. Those of code get absolute calls, by where they lie on the disk, else in memory.
 */
export async function orderLikeDisk(image: MachineImage, disk: string): Promise<MachineImage> {
  const blocks = await blockNumbers(disk);
  const rank = (_: number, content: Uint8Array) => blocks.get(hashOf(content)) ?? Number.MAX_SAFE_INTEGER;
  const { pages, layout } = reorderPages(image.pages, image.layout, rank);
  return { ...image, pages, layout: packCode(pages, layout, (content, page) => blocks.get(hashOf(content)) ?? page) };
}

/** The first block of a disk image with each content, by hash. */
async function blockNumbers(disk: string): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  const file = await open(disk, 'r');
  try {
    const bytes = new Uint8Array(READ_BYTES);
    for (let start = 0; ; start += READ_BYTES) {
      const { bytesRead } = await file.read(bytes, 0, READ_BYTES, start);
      if (bytesRead === 0) return numbers;
      for (let at = 0; at < bytesRead; at += BLOCK_BYTES) {
        const hash = hashOf(bytes.subarray(at, at + BLOCK_BYTES));
        if (!numbers.has(hash)) numbers.set(hash, (start + at) / BLOCK_BYTES);
      }
    }
  } finally {
    await file.close();
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
