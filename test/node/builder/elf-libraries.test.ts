import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropNeeded, moveSearchPath, neededLibraries } from '../../../src/node/builder/packages/elf-libraries.ts';

let folder: string;
let library: Buffer;

/** A library that needs two others and has a search path. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-elf-'));
  const make = (name: string, source: string, ...more: string[]) => {
    writeFileSync(join(folder, `${name}.c`), source);
    execFileSync('gcc', ['-m32', '-shared', '-nostdlib', '-o', join(folder, `lib${name}.so`), join(folder, `${name}.c`), ...more]);
  };
  make('one', 'int one(void) { return 1; }', '-Wl,-soname,libone.so.1');
  make('two', 'int two(void) { return 2; }', '-Wl,-soname,libtwo.so.2');
  const needs = ['-L', folder, '-lone', '-ltwo', '-Wl,-rpath,external/lib'];
  make('top', 'int one(void); int two(void); int top(void) { return one() + two(); }', ...needs);
  library = readFileSync(join(folder, 'libtop.so'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the linker's own tool reads. */
function readelf(elf: Buffer): string {
  const file = join(folder, 'changed.so');
  writeFileSync(file, elf);
  return execFileSync('readelf', ['-dW', file], { encoding: 'utf8' });
}

test('a library that is needed no longer is not asked for', () => {
  expect(neededLibraries(library)).toEqual(['libone.so.1', 'libtwo.so.2']);
  const changed = dropNeeded(library, /^libone\./);
  expect(neededLibraries(changed)).toEqual(['libtwo.so.2']);
  expect(readelf(changed)).toMatch(/NEEDED.*libtwo\.so\.2/);
  expect(readelf(changed)).not.toMatch(/NEEDED.*libone/);
  expect(() => dropNeeded(library, /^libthree/)).toThrow('needs nothing like');
});

test('a search path takes the place of another', () => {
  expect(readelf(moveSearchPath(library, '$ORIGIN'))).toMatch(/R(UN)?PATH.*\[\$ORIGIN\]/);
  expect(() => moveSearchPath(library, '$ORIGIN/a/longer/one')).toThrow('no search path');
  expect(() => moveSearchPath(readFileSync(join(folder, 'libone.so')), '$ORIGIN')).toThrow('no search path');
});
