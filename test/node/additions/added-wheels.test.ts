import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { addWheel, checkWheelNames, readAddedWheels, removeWheel } from '../../../src/node/additions/added-wheels.ts';
import { fitsRequirement } from '../../../src/node/additions/requires-python.ts';
import { sitePythons } from '../../../src/node/additions/site-pythons.ts';
import { parseWheelName, pythonsFor } from '../../../src/node/additions/wheel-tags.ts';
import { extendIndex } from '../../../src/node/additions/with-wheels.ts';
import { readLock } from '../../../src/node/builder/debian-lock.ts';
import { wheelOf, type WheelParts } from '../../support/own-packages.ts';

const PYTHONS = [
  { version: '3.13', full: '3.13.5', glibcMinor: 41 },
  { version: '3.11', full: '3.11.2', glibcMinor: 36 },
  { version: '3.9', full: '3.9.2', glibcMinor: 31 },
];
let place = '';
let folder = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'drydock-wheels-'));
  folder = join(place, 'wheels');
});

function write(name: string, bytes: Uint8Array): string {
  writeFileSync(join(place, name), bytes);
  return join(place, name);
}
const add = (name: string, bytes: Uint8Array) => addWheel(write(name, bytes), PYTHONS, folder);
const metadata = (more: string): WheelParts => ({ metadata: `Metadata-Version: 2.1\nName: hello\nVersion: 1.0\n${more}` });

test('the Pythons of the site are those of the lock file', async () => {
  expect(sitePythons(await readLock())).toMatchObject([
    { version: '3.13', full: expect.stringMatching(/^3\.13\.\d+$/), glibcMinor: 41 },
    { version: '3.11', glibcMinor: 36 },
    { version: '3.9', full: expect.stringMatching(/^3\.9\.\d+$/), glibcMinor: 31 },
  ]);
});

test.each([
  ['py3-none-any', ['3.13', '3.11', '3.9']],
  ['py2.py3-none-any', ['3.13', '3.11', '3.9']],
  ['py310-none-any', ['3.13', '3.11']],
  ['cp313-cp313-manylinux_2_17_i686', ['3.13']],
  ['cp311-cp311-manylinux1_i686', ['3.11']],
  ['cp39-cp39-linux_i686', ['3.9']],
  ['cp39-none-any', ['3.9']],
  ['cp37-abi3-manylinux_2_5_i686.manylinux1_i686', ['3.13', '3.11', '3.9']],
  ['cp310-abi3-manylinux_2_34_i686', ['3.13', '3.11']],
  ['cp313-cp313t-linux_i686', []],
  ['cp312-cp312-linux_i686', []],
  ['py2-none-any', []],
  ['cp313-cp313-manylinux_2_17_x86_64', []],
  ['cp313-cp313-musllinux_1_2_i686', []],
  ['cp313-cp313-manylinux_2_42_i686', []],
])('a wheel that ends in %s is for Python %j', (tags, versions) => {
  expect(pythonsFor(parseWheelName(`hello-1.0-${tags}.whl`)!, PYTHONS).map(({ version }) => version)).toEqual(versions);
});

test.each([
  ['>=3.8', true],
  ['>=3.8,<4', true],
  ['~=3.9', true],
  ['~=3.12.0', false],
  ['==3.13.*', true],
  ['!=3.13.*', false],
  ['!=3.13.4, >3.12', true],
  ['<3.13', false],
  ['<=3.13', false],
  ['>3.13.5', false],
  ['===3.13.5', true],
])('Requires-Python %s of 3.13.5: %s', (requirement, isRight) => {
  expect(fitsRequirement('3.13.5', requirement)).toBe(isRight);
});

describe('a wheel is added', () => {
  test('listed and taken out again', async () => {
    await add('hello-1.0-1-py3-none-any.whl', wheelOf('hello', '1.0', metadata('Requires-Dist: Flask>=2\nRequires-Dist: x; extra == "y"\n')));
    await add('hello-1.1-py3-none-any.whl', wheelOf('hello', '1.1'));
    const [first] = await readAddedWheels(PYTHONS, folder);
    expect(first).toMatchObject({ project: 'hello', version: '1.0', pythons: ['3.13', '3.11', '3.9'], needs: ['flask'], requiresPython: undefined });
    expect(await removeWheel('hello-1.0-1-py3-none-any.whl', folder)).toBe(true);
    expect(await removeWheel('hello-1.0-1-py3-none-any.whl', folder)).toBe(false);
    expect((await readAddedWheels(PYTHONS, folder)).map(({ filename }) => filename)).toEqual(['hello-1.1-py3-none-any.whl']);
  });

  test('for the Pythons that it wants', async () => {
    const bytes = wheelOf('hello', '1.0', metadata('Requires-Python: >=3.10\n'));
    expect(await add('hello-1.0-py3-none-any.whl', bytes)).toMatchObject({ pythons: ['3.13', '3.11'], requiresPython: '>=3.10' });
  });

  test('to the package index, beside what that has', async () => {
    const content = { bytes: 1, pieceBytes: 1, pieces: [] };
    const own = { name: 'hello', files: [{ filename: 'hello-0.9-cp313-none-any.whl', sha256: 'a', source: 'python3-hello', content }] };
    const index = { format: 1, projects: [own, { name: 'zope', files: [] }] };
    const wheels = [await add('hello-1.0-py3-none-any.whl', wheelOf('hello', '1.0')), await add('abc-2-py3-none-any.whl', wheelOf('abc', '2'))];
    const { projects } = await extendIndex(index, wheels, place);
    expect(projects.map(({ name, files }) => [name, files.map(({ filename }) => filename)])).toEqual([
      ['abc', ['abc-2-py3-none-any.whl']],
      ['hello', ['hello-0.9-cp313-none-any.whl', 'hello-1.0-py3-none-any.whl']],
      ['zope', []],
    ]);
    const piece = projects[0]!.files[0]!.content.pieces[0]!;
    expect(existsSync(join(place, 'blobs', `${piece.sha256}.zst`))).toBe(true);
  });

  test('but not what the index has for each Python that it is for', async () => {
    const content = { bytes: 1, pieceBytes: 1, pieces: [] };
    const file = (tag: string) => ({ filename: `hello-1.0-${tag}-none-any.whl`, sha256: 'a', source: '', content });
    const wheel = await add('hello-1.0-py3-none-any.whl', wheelOf('hello', '1.0'));
    const has = (...tags: string[]) => checkWheelNames([{ name: 'hello', files: tags.map(file) }], [wheel], PYTHONS);
    expect(() => has('cp313', 'cp311')).not.toThrow();
    expect(() => has('cp313', 'cp311', 'cp39')).toThrow('has hello 1.0 for Python 3.13, 3.11, 3.9 by itself');
  });
});

describe('is refused with what to do', () => {
  const good = wheelOf('hello', '1.0');
  const damaged = Buffer.from(good);
  damaged[40] = damaged[40]! ^ 0xff;
  test.each<[string, string, Uint8Array, RegExp]>([
    ['a name that is none', 'hello.whl', good, /for example hello-1\.0-py3-none-any\.whl/],
    [
      'another machine',
      'hello-1.0-cp313-cp313-manylinux_2_17_x86_64.whl',
      good,
      /is for manylinux_2_17_x86_64, and this machine is a 32-bit PC.*manylinux2014_i686/,
    ],
    ['another Python', 'hello-1.0-cp312-cp312-linux_i686.whl', good, /is for cp312-cp312, and the site's Pythons are 3\.13, 3\.11, 3\.9/],
    ['a newer C library', 'hello-1.0-cp313-cp313-manylinux_2_99_i686.whl', good, /newest GNU C library of the site's images is 2\.41/],
    ['what is no zip', 'hello-1.0-py3-none-any.whl', Buffer.from('hello'), /not a zip archive, or it is damaged/],
    ['half of it', 'hello-1.0-py3-none-any.whl', good.subarray(0, 300), /not a zip archive, or it is damaged/],
    ['a changed byte', 'hello-1.0-py3-none-any.whl', damaged, /it is damaged/],
    ['no RECORD', 'hello-1.0-py3-none-any.whl', wheelOf('hello', '1.0', { record: undefined }), /has no RECORD/],
    ['no METADATA', 'hello-1.0-py3-none-any.whl', wheelOf('hello', '1.0', { metadata: undefined }), /has no METADATA/],
    ['another format', 'hello-1.0-py3-none-any.whl', wheelOf('hello', '1.0', { wheel: 'Wheel-Version: 2.0\n' }), /format is 2\.0/],
    ['another version', 'hello-1.1-py3-none-any.whl', good, /METADATA says hello 1\.0, and its file name says something else/],
    [
      'a Python that is not here',
      'hello-1.0-py3-none-any.whl',
      wheelOf('hello', '1.0', metadata('Requires-Python: <3.9\n')),
      /needs Python <3\.9, and the site has 3\.13\.5/,
    ],
  ])('%s', async (_, name, bytes, message) => {
    await expect(add(name, bytes)).rejects.toThrow(message);
    expect(await readAddedWheels(PYTHONS, folder)).toEqual([]);
  });

  test('what was added already', async () => {
    await add('hello-1.0-py3-none-any.whl', wheelOf('hello', '1.0'));
    await expect(add('hello-1.0-cp313-none-any.whl', wheelOf('hello', '1.0'))).rejects.toThrow(
      'hello 1.0 was added already, as hello-1.0-py3-none-any.whl. To put this one in its place: npm run hub -- remove hello-1.0-py3-none-any.whl',
    );
  });

  test('a file that is not there', async () => {
    await expect(addWheel(join(place, 'gone-1.0-py3-none-any.whl'), PYTHONS, folder)).rejects.toThrow('There is no such file.');
  });
});
