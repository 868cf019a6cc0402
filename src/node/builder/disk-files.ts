import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run.ts';

/** ext4's block size in our images, in bytes. */
export const BLOCK_BYTES = 4096;

/** Consecutive blocks, both ends included. */
export interface BlockRange {
  readonly first: number;
  readonly last: number;
}

/** A file of a disk image. */
interface DiskFile {
  readonly bytes: number;
  readonly ranges: readonly BlockRange[];
}

/** debugfs takes lines of limited length. */
const BLOCKS_PER_LINE = 400;

/** Where files lie, by their paths; throws where one is not there. `work` is a folder for what debugfs is to do. */
export async function filesAt(image: string, paths: readonly string[], work: string): Promise<readonly BlockRange[]> {
  const files = await readFiles(image, paths, work);
  if (files.length !== paths.length) throw new Error(`some of these are not on the disk: ${paths.join(' ')}`);
  return files.flatMap(({ ranges }) => ranges);
}

/** Where the files lie to which the given blocks belong, those of at most `maxBytes`. */
export async function smallFilesAt(image: string, blocks: readonly number[], maxBytes: number, work: string): Promise<readonly BlockRange[]> {
  const inodes = await inodesAt(image, blocks, work);
  const files = await readFiles(
    image,
    inodes.map(inode => `<${inode}>`),
    work,
  );
  return files.filter(({ bytes }) => bytes <= maxBytes).flatMap(({ ranges }) => ranges);
}

/** Where the file system keeps its own account: superblocks, bitmaps, tables of inodes. */
export async function accountsOf(image: string): Promise<readonly BlockRange[]> {
  const lines: string[] = [];
  await runProgram('dumpe2fs', [image], { onLine: line => lines.push(line) });
  const found = [...lines.join('\n').matchAll(/\b(?:superblock|descriptors|bitmap|table) at (\d+)(?:-(\d+))?/g)];
  if (found.length === 0) throw new Error(`dumpe2fs tells of no tables in ${image}`);
  return found.map(([, first, last]) => ({ first: Number(first), last: Number(last ?? first) }));
}

async function inodesAt(image: string, blocks: readonly number[], work: string): Promise<readonly number[]> {
  const lines: string[] = [];
  for (let at = 0; at < blocks.length; at += BLOCKS_PER_LINE) lines.push(`icheck ${blocks.slice(at, at + BLOCKS_PER_LINE).join(' ')}`);
  const text = await debugfs(image, lines, work);
  // A block that belongs to no file has words in the place of the number.
  const found = [...text.matchAll(/^\d+\t(\d+)$/gm)].map(([, inode]) => Number(inode));
  return [...new Set(found)];
}

/** `names` as debugfs takes them: a path, or an inode in angle brackets. */
async function readFiles(image: string, names: readonly string[], work: string): Promise<readonly DiskFile[]> {
  const text = await debugfs(
    image,
    names.map(name => `stat ${name}`),
    work,
  );
  return text
    .split(/^Inode: /m)
    .slice(1)
    .map(parseFile);
}

function parseFile(text: string): DiskFile {
  const extents = text.split('EXTENTS:')[1] ?? '';
  const ranges = [...extents.matchAll(/\([^)]*\)(?:\[u\])?:(\d+)(?:-(\d+))?/g)].map(([, first, last]) => ({
    first: Number(first),
    last: Number(last ?? first),
  }));
  return { bytes: Number(/\bSize: (\d+)/.exec(text)?.[1] ?? 0), ranges };
}

/** Reads an image, which is not changed. */
async function debugfs(image: string, lines: readonly string[], work: string): Promise<string> {
  const commands = join(work, 'debugfs.txt');
  await writeFile(commands, `${lines.join('\n')}\n`);
  const output: string[] = [];
  await runProgram('debugfs', ['-f', commands, image], { onLine: line => output.push(line) });
  return output.join('\n');
}
