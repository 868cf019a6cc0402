import { expect, test } from 'vitest';
import { checkRelease, fileAddress, RELEASE_FORMAT, releaseAddress, releaseOf } from '../../../src/core/offline/release.ts';

const ID = '0123456789abcdef';
const FILE = { path: 'index.html', bytes: 5, sha256: 'a'.repeat(64), purpose: 'page' };

test('the address of a file names the release that the base names', () => {
  const base = releaseAddress('https://a.example/dock/', ID);
  expect(releaseOf(base)).toBe(ID);
  expect(fileAddress(base, 'lessons/index.json')).toBe(`https://a.example/dock/lessons/index.json?release=${ID}`);
});

test('without a release nothing is added', () => {
  const base = releaseAddress('https://a.example/dock/', null);
  expect(base).toBe('https://a.example/dock/');
  expect(fileAddress(base, 'machine/v86.wasm')).toBe('https://a.example/dock/machine/v86.wasm');
  expect(releaseAddress(base, 'no id"><script>')).toBe(base);
});

test('a list of files is checked', () => {
  const release = { format: RELEASE_FORMAT, id: ID, files: [FILE] };
  expect(checkRelease(release)).toEqual(release);
  for (const wrong of [null, [], { ...release, format: 99 }, { ...release, id: 'x' }, { ...release, files: [{ ...FILE, sha256: 'short' }] }]) {
    expect(() => checkRelease(wrong)).toThrow(/another version than the page. Reload the page/);
  }
});
