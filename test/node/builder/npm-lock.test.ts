import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imagesFolder } from '../../../src/node/builder/folders.ts';
import { readNpmLock } from '../../../src/node/builder/npm/npm-lock.ts';
import { olderFirst } from '../../../src/node/builder/npm/versions.ts';

test('versions are ordered as semver says', () => {
  const ordered = ['0.9.9', '1.0.0-alpha.2', '1.0.0-alpha.10', '1.0.0-beta', '1.0.0', '1.2.0', '1.10.0', '10.0.0'];
  expect([...ordered].reverse().sort(olderFirst)).toEqual(ordered);
});

test('the lock has what tutorials install, each with the hash that was published', async () => {
  const { packages, tools } = await readNpmLock();
  expect(tools['npm']?.integrity).toMatch(/^sha512-/);
  for (const name of ['express', 'nodemon', 'cors', 'dotenv', 'mysql2', 'pg', 'mongoose', 'redis', 'jest', 'typescript'])
    expect(packages[name]?.isChosen, name).toBe(true);
  expect(new Set(Object.keys(packages['express']!.versions).map(version => version.split('.')[0]))).toEqual(new Set(['4', '5']));
  for (const [name, { latest, versions }] of Object.entries(packages)) {
    expect(Object.keys(versions), name).toContain(latest);
    for (const [version, { integrity }] of Object.entries(versions)) expect(integrity, `${name} ${version}`).toMatch(/^sha512-[\w+/]{86}==$/);
  }
});

test('versions that the lock files of others name are in the lock, and none of them is taken where nobody asks for it', async () => {
  const { packages } = await readNpmLock();
  const { exact } = JSON.parse(await readFile(join(imagesFolder, 'npm/packages.json'), 'utf8')) as { exact: Record<string, string[]> };
  const wanted = Object.values(exact).flat();
  expect(wanted).toContain('sqlite3@5.1.2');
  for (const one of wanted) {
    const at = one.lastIndexOf('@');
    expect(Object.keys(packages[one.slice(0, at)]?.versions ?? {}), one).toContain(one.slice(at + 1));
  }
  expect(packages['express']!.latest).toMatch(/^5\./);
  expect(packages['sqlite3']!.latest).toBe('5.1.7');
});

/** The package that a dependency is of: `npm:string-width@^4.2.0` is an alias. */
function neededOf([name, range]: readonly [string, string]): string {
  return range.startsWith('npm:') ? range.slice('npm:'.length, range.lastIndexOf('@')) : name;
}

test('what one package needs of another is in the lock', async () => {
  const { packages } = await readNpmLock();
  const needed = Object.entries(packages).flatMap(([name, { versions }]) =>
    Object.values(versions)
      .filter(({ isElsewhere }) => isElsewhere !== true)
      .flatMap(({ dependencies = {} }) => Object.entries(dependencies).map(one => [name, neededOf(one)] as const)),
  );
  expect(needed.length).toBeGreaterThan(1000);
  expect(needed.filter(([, need]) => packages[need] === undefined)).toEqual([]);
});
