import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { CarriedEntry, CarriedFiles } from '../../../src/core/share/carried-files.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const file = (content: string | Uint8Array, executable = false): CarriedEntry => ({
  kind: 'file',
  content: typeof content === 'string' ? bytes(content) : content,
  executable,
});
export const folder: CarriedEntry = { kind: 'folder' };

const binary = Uint8Array.from({ length: 3000 }, (_, index) => (index * 31 + (index >> 3)) % 256);

/** One of everything that a workspace can have. */
export const everything: CarriedFiles = new Map([
  ['Dockerfile', file('FROM busybox\n')],
  ['run.sh', file('#!/bin/sh\necho hi\n', true)],
  ['empty', file('')],
  ['empty folder', folder],
  ['picture.bin', file(binary)],
  ['Grüße', folder],
  ['Grüße/日本 🐳.txt', file('\ufeffwith a mark\r\n')],
  ['deep', folder],
  ...deepFolders(),
]);

function deepFolders(): [string, CarriedEntry][] {
  const names = ['a'.repeat(60), 'b'.repeat(60), 'c'.repeat(60)];
  const paths = names.map((_, index) => ['deep', ...names.slice(0, index + 1)].join('/'));
  const last = paths.at(-1) ?? '';
  return [...paths.map((path): [string, CarriedEntry] => [path, folder]), [`${last}/a long name.txt`, file('deep')]];
}

/** The same, for `toEqual`, whatever the order. */
export function sorted(files: CarriedFiles): readonly unknown[] {
  return [...files]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, entry]) => (entry.kind === 'folder' ? [path, 'folder'] : [path, Buffer.from(entry.content).toString('latin1'), entry.executable]));
}

/** A folder on the disk for the system's own programs. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'drydock-share-'));
}

export function writeAll(root: string, files: CarriedFiles): void {
  for (const [path, entry] of files) {
    const target = join(root, path);
    mkdirSync(entry.kind === 'folder' ? target : dirname(target), { recursive: true });
    if (entry.kind === 'folder') continue;
    writeFileSync(target, entry.content);
    chmodSync(target, entry.executable ? 0o755 : 0o644);
  }
}

export function readAll(root: string): CarriedFiles {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return new Map(
    entries.map((entry): [string, CarriedEntry] => {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) return [relative(root, path), folder];
      return [relative(root, path), file(new Uint8Array(readFileSync(path)), (statSync(path).mode & 0o111) !== 0)];
    }),
  );
}

/** Runs a program of the system in a folder; its output. */
export function run(directory: string, program: string, ...parameters: string[]): string {
  return execFileSync(program, parameters, { cwd: directory, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
}
