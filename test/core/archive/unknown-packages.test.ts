import { expect, test } from 'vitest';
import { UnknownPackages } from '../../../src/core/archive/unknown-packages.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('names are found in whole lines, in one piece and cut anywhere', () => {
  const shown = 'Reading package lists...\r\nE: Unable to locate package libstdc++-99\r\nE: Unable to locate package foo.bar:amd64\r\n# ';
  expect(new UnknownPackages().take(bytes(shown))).toEqual(['libstdc++-99', 'foo.bar:amd64']);
  for (let cut = 1; cut < shown.length; cut++) {
    const found = new UnknownPackages();
    expect([...found.take(bytes(shown.slice(0, cut))), ...found.take(bytes(shown.slice(cut)))]).toEqual(['libstdc++-99', 'foo.bar:amd64']);
  }
});

test('what apt of Debian 13 says in colour, and what it says of a name that another package names', () => {
  expect(new UnknownPackages().take(bytes('\x1b[31mError: \x1b[0mUnable to locate package rig\r\n'))).toEqual(['rig']);
  expect(new UnknownPackages().take(bytes("E: Package 'awk' has no installation candidate\n"))).toEqual(['awk']);
});

test('an unfinished line waits, another text gives nothing, a very long line does not stay', () => {
  const found = new UnknownPackages();
  expect(found.take(bytes('E: Unable to locate package cur'))).toEqual([]);
  expect(found.take(bytes('l\n'))).toEqual(['curl']);
  expect(found.take(bytes('Unable to locate package\nE: Unable to locate package \n'))).toEqual([]);
  expect(found.take(new Uint8Array(100_000).fill(120))).toEqual([]);
  expect(found.take(bytes('\nE: Unable to locate package x\n'))).toEqual(['x']);
});
