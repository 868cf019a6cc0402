import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run.ts';

/** Gives a folder the blobs of another: links where the file system allows them, since thousands of files never change. */
export async function linkBlobs(from: string, to: string): Promise<void> {
  const blobs = join(from, 'blobs');
  await runProgram('cp', ['-rlf', blobs, to]).catch(() => cp(blobs, join(to, 'blobs'), { recursive: true }));
}
