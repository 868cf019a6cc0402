import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ArchiveCatalog } from '../../../src/core/archive/archive-catalog.ts';
import { readArchivePool } from '../../../src/core/archive/debian-archive.ts';
import { addDebs, checkAddedDebs, readAddedDebs, removeDeb } from '../../../src/node/additions/added-debs.ts';
import { loadFrom, readIndex, type AptSuite } from '../../../src/node/additions/apt-suites.ts';
import { compareVersions } from '../../../src/core/archive/debian-version.ts';
import { extendArchive } from '../../../src/node/additions/with-debs.ts';
import { readAr } from '../../../src/node/builder/archive/ar.ts';
import { packagesFile, releaseFiles } from '../../../src/node/builder/archive/archive-index.ts';
import { sha256Hex } from '../../../src/node/builder/archive/repack-deb.ts';
import { storePieces } from '../../../src/node/builder/blobs.ts';
import { debOf } from '../../support/own-packages.ts';

const control = (fields: Readonly<Record<string, string>>) => new Map(Object.entries(fields));
const suite = (version: string, codename: string, libc: string): AptSuite => ({
  version,
  codename,
  archive: [control({ Package: 'tree', Version: '2.2.1-1' }), control({ Package: 'exim4', Version: '4', Provides: 'mail-transport-agent' })],
  image: [control({ Package: 'libc6', Version: libc, Provides: 'libc6-i686 (= 2)' })],
});
const SUITES = [suite('13', 'trixie', '2.41-12'), suite('12', 'bookworm', '2.36-9'), suite('11', 'bullseye', '2.31-13')];

let place = '';
let folder = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'drydock-debs-'));
  folder = join(place, 'debs');
});

async function write(fields: Readonly<Record<string, string>>, name = `${fields['Package']}.deb`): Promise<string> {
  writeFileSync(join(place, name), await debOf(fields));
  return join(place, name);
}
const hello = (more: Readonly<Record<string, string>> = {}) => ({ Package: 'hello', Version: '1:1.0-1', ...more });
const add = (file: string, of = '13') => addDebs([file], of, async () => SUITES, folder);

test.each([
  ['1.0', '1.0-0', 0],
  ['1.0', '1.0~rc1', 1],
  ['1.10', '1.9', 1],
  ['1:0.1', '9.9', 1],
  ['2.41-12+deb13u5', '2.41-12', 1],
  ['1.0a', '1.0+b', -1],
  ['1.0.~', '1.0.', -1],
  ['0.0.20240101123456789012', '0.0.20240101123456789013', -1],
  ['1.2-3-4', '1.2-3-5', -1],
])('versions: %s against %s', (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order);
  expect(Math.sign(compareVersions(b, a))).toBe(order === 0 ? 0 : -order);
});

describe('a package is added', () => {
  test('for a suite, listed and taken out again', async () => {
    const file = await write(hello({ Depends: 'libc6 (>= 2.36), mail-transport-agent | nothing, tree, libc6-i686 (>= 1)' }));
    expect(await add(file)).toMatchObject([{ name: 'hello', version: '1:1.0-1', filename: 'hello_1.0-1_all.deb', suite: '13', notes: [] }]);
    await add(file, 'bookworm');
    expect((await readAddedDebs(folder)).map(deb => `${deb.suite} ${deb.filename}`)).toEqual(['12 hello_1.0-1_all.deb', '13 hello_1.0-1_all.deb']);
    expect(await removeDeb('hello_1.0-1_all.deb', '12', folder)).toEqual(['12']);
    expect(await removeDeb('hello_1.0-1_all.deb', undefined, folder)).toEqual(['13']);
    expect(await removeDeb('hello_1.0-1_all.deb', undefined, folder)).toEqual([]);
  });

  test('with another that it needs, in the same command', async () => {
    const [one, other] = [await write(hello({ Depends: 'greeting (= 2)' })), await write({ Package: 'greeting', Version: '2' })];
    await addDebs([one, other], '13', async () => SUITES, folder);
    const added = await readAddedDebs(folder);
    expect(() => checkAddedDebs(added, SUITES)).not.toThrow();
    await removeDeb('greeting_2_all.deb', undefined, folder);
    const rest = await readAddedDebs(folder);
    expect(() => checkAddedDebs(rest, SUITES)).toThrow(/hello_1\.0-1_all\.deb, which was added to the site: hello 1:1\.0-1 needs greeting \(= 2\)/);
  });

  test('older than what the archive has, with a word on how to get it', async () => {
    const [added] = await add(await write({ Package: 'tree', Version: '1.0' }));
    expect(added!.notes).toEqual([expect.stringContaining('apt-get install tree=1.0 takes this one')]);
  });
});

describe('is refused with what to do', () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['another machine', hello({ Architecture: 'amd64' }), /hello\.deb was not added: It is for amd64, .* apt-get download hello:i386/],
    ['no version', { Package: 'hello' }, /was not added: .*[Vv]ersion/],
    [
      'a dependency that is not there',
      hello({ Depends: 'tree, nothing (>= 2)' }),
      /hello 1:1\.0-1 needs nothing \(>= 2\), which neither .* Debian 13 \(trixie\) has/,
    ],
    ['what the archive has', { Package: 'tree', Version: '2.2.1-1' }, /Debian 13 \(trixie\) has tree 2\.2\.1-1 already/],
  ])('%s', async (_, fields, message) => {
    await expect(add(await write(fields))).rejects.toThrow(message);
    expect(await readAddedDebs(folder)).toEqual([]);
  });

  test('a suite that it does not fit, with the one that it fits', async () => {
    const file = await write(hello({ 'Pre-Depends': 'libc6 (>= 2.34)', Depends: 'libc6 (<< 2.40)' }));
    await expect(add(file, '11')).rejects.toThrow(/needs libc6 \(>= 2\.34\), which .*It fits Debian 12 \(bookworm\): --suite 12\./);
    await expect(add(file, '10')).rejects.toThrow('There is no suite 10: --suite takes 13, 12, 11.');
  });

  test('damaged files', async () => {
    const whole = await debOf(hello());
    const bad = (bytes: Uint8Array) => {
      writeFileSync(join(place, 'bad.deb'), bytes);
      return add(join(place, 'bad.deb'));
    };
    await expect(bad(Buffer.from('hello'))).rejects.toThrow(/bad\.deb was not added: .*no \.deb/);
    await expect(bad(whole.subarray(0, whole.length - 40))).rejects.toThrow(/bad\.deb was not added: .*damaged/);
    const changed = Buffer.from(whole);
    changed.fill(0, whole.length - 60, whole.length - 20);
    await expect(bad(changed)).rejects.toThrow(/bad\.deb was not added: It is damaged/);
    await expect(add(join(place, 'gone.deb'))).rejects.toThrow('gone.deb was not added: There is no such file.');
  });

  test('what was added already', async () => {
    const file = await write(hello());
    await add(file);
    await expect(add(file)).rejects.toThrow(
      'hello 1:1.0-1 was added to Debian 13 (trixie) already. To put this one in its place: npm run hub -- remove hello_1.0-1_all.deb and add it again.',
    );
  });
});

test('the archive has what was added: index, signature and pool fit each other', async () => {
  const [base, target] = [join(place, 'base'), join(place, 'target')];
  const entry = { control: SUITES[0]!.archive[0]!, filename: 'pool/trixie/tree.deb', bytes: 3, sha256: 'a'.repeat(64) };
  const text = packagesFile([entry]);
  const content = await storePieces(Buffer.from(text), base);
  const make = async (codename: string, version: string, alias: string) => ({
    ...{ codename, version, packages: 1 },
    releases: releaseFiles({ codename, version, alias }, text),
    index: { path: `debian/dists/${codename}/main/binary-i386/Packages`, sha256: sha256Hex(Buffer.from(text)), content },
    pool: await storePieces(Buffer.from(JSON.stringify([{ path: 'debian/pool/trixie/tree.deb', sha256: entry.sha256, content }])), base),
  });
  const suites = [await make('trixie', '13', 'stable'), await make('bookworm', '12', 'oldstable'), await make('bullseye', '11', 'oldoldstable')];
  const catalog: ArchiveCatalog = { format: 1, modified: new Date(0).toUTCString(), suites };
  const file = await write(hello());
  await add(file);
  await add(file, '11');

  const extended = await extendArchive(catalog, await readAddedDebs(folder), loadFrom(base), target);

  expect(extended.modified).not.toBe(catalog.modified);
  expect(extended.suites[1]).toEqual(suites[1]);
  const load = loadFrom(target);
  for (const [at, member] of [
    [0, 'data.tar.zst'],
    [2, 'data.tar.gz'],
  ] as const) {
    const one = extended.suites[at]!;
    const index = await readIndex(one, load);
    expect(index.startsWith(`${text}\nPackage: hello\n`)).toBe(true);
    expect(one.packages).toBe(2);
    const release = one.releases[`debian/dists/${one.codename}/InRelease`]!;
    expect(release).toContain(` ${sha256Hex(Buffer.from(index))} ${Buffer.byteLength(index)} main/binary-i386/Packages\n`);
    expect(release).toMatch(at === 0 ? /^Suite: stable$/m : /^Suite: oldoldstable$/m);
    const [path, sum] = [/^Filename: (pool\/.*\/added\/.*)$/m.exec(index)![1]!, /^SHA256: (.*)$/m.exec(index.slice(text.length))![1]];
    const pool = await readArchivePool(one.pool, load);
    expect([...pool.keys()]).toEqual(['debian/pool/trixie/tree.deb', `debian/${path}`]);
    const { content: stored, sha256 } = pool.get(`debian/${path}`)!;
    const deb = Buffer.from(await load(stored.pieces[0]!.sha256, stored.bytes));
    expect([sha256Hex(deb), sha256]).toEqual([sum, sum]);
    expect(readAr(deb).map(({ name }) => name)).toContain(member);
  }
});
