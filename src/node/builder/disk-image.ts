import { copyFile, open } from 'node:fs/promises';
import { runProgram } from './run.ts';

const BLOCK_BYTES = 4096;

/** Copies a sparse disk image and writes changed blocks into the copy. */
export async function copyWithBlocks(from: string, to: string, blocks: ReadonlyMap<number, Uint8Array>): Promise<void> {
  await runProgram('cp', ['--sparse=always', from, to]).catch(() => copyFile(from, to));
  const file = await open(to, 'r+');
  try {
    for (const [index, block] of blocks) await file.write(block, 0, BLOCK_BYTES, index * BLOCK_BYTES);
  } finally {
    await file.close();
  }
}
