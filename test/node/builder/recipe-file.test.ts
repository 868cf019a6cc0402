import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLock } from '../../../src/node/builder/debian-lock.ts';
import { configOf } from '../../../src/node/builder/images/image-recipe.ts';
import { containersFolder, inOrder, OWN_FILES, parseRecipe, readRecipes } from '../../../src/node/builder/images/recipe-file.ts';

const SMALLEST = { repository: 'library/x', tags: ['latest'], description: 'An image.', comment: 'ADD x /', config: { Cmd: ['x'] } };

function parse(change: object) {
  return parseRecipe(JSON.stringify({ ...SMALLEST, ...change }), 'x/image.json');
}

describe('a recipe', () => {
  test('needs little', () => {
    expect(parse({})).toMatchObject({ ...SMALLEST, packages: [], pruned: [], users: [], links: {} });
  });

  test.each([
    [{ repository: 'x' }, /repository/],
    [{ tags: [] }, /tags/],
    [{ tags: ['a b'] }, /tags\.0/],
    [{ pruned: ['/etc'] }, /pruned\.0: .*without a slash/],
    [{ pruned: ['../etc'] }, /pruned\.0: must not leave the image/],
    [{ prunedFiles: [{ in: 'usr', match: '(' }] }, /prunedFiles\.0\.match: is no regular expression/],
    [{ config: { ExposedPorts: { '80': {} } } }, /ExposedPorts/],
    [{ config: { Env: ['A'] } }, /Env\.0: is NAME=value/],
    [{ folders: { data: { owner: 'redis' } } }, /folders\.data\.owner: is USER:GROUP in numbers/],
    [{ entrypoint: ['x'] }, /entrypoint/],
  ])('with %j is refused in words', (change, fault) => {
    expect(() => parse(change)).toThrow(fault);
    expect(() => parse(change)).toThrow('x/image.json');
  });

  test('that is no JSON is refused with its name', () => {
    expect(() => parseRecipe('{', 'x/image.json')).toThrow(/x\/image\.json is no JSON/);
  });
});

describe('the order of images', () => {
  const on: Record<string, string> = { c: 'b', b: 'a' };

  test('has what an image stands on before it', () => {
    expect(inOrder(['c', 'a', 'b'], name => on[name])).toEqual(['a', 'b', 'c']);
  });

  test('is refused where a recipe is missing, or images stand on each other', () => {
    expect(() => inOrder(['c', 'b'], name => on[name])).toThrow('the image b stands on a, of which there is no recipe');
    expect(() => inOrder(['a', 'b'], name => ({ a: 'b', b: 'a' })[name])).toThrow(/stand on each other: a on b on a/);
  });
});

describe('the project’s own recipes', () => {
  test('name package sets that the lock has, and other recipes that are there', async () => {
    const [lock, recipes] = [await readLock(), await readRecipes()];
    expect(recipes.size).toBeGreaterThan(10);
    for (const [name, recipe] of recipes) {
      for (const { set, names = [] } of recipe.packages) {
        expect(Object.keys(lock.sets), name).toContain(set);
        expect(lock.sets[set]!.packages, name).toEqual(expect.arrayContaining(names));
      }
      if (recipe.like !== undefined) expect([...recipes.keys()], name).toContain(recipe.like);
    }
  });

  test('have the programs and scripts that they name, in their own folder or that of the recipe that they are like', async () => {
    for (const [name, { programs, tinyPrograms, guestData, like }] of await readRecipes()) {
      const folders = [name, ...(like === undefined ? [] : [like])].map(one => join(containersFolder, one));
      const files = [...Object.keys(programs), ...Object.keys(tinyPrograms), ...(guestData === undefined ? [] : [guestData.script])];
      for (const file of files) expect(folders.filter(folder => existsSync(join(folder, file))).length, `${name}: ${file}`).toBe(1);
    }
  });

  test('give no tag of a repository twice', async () => {
    const tags = [...(await readRecipes()).values()].flatMap(({ repository, tags: own }) => own.map(tag => `${repository}:${tag}`));
    expect(tags).toEqual([...new Set(tags)]);
  });

  test('have scripts that can be executed', async () => {
    for (const name of (await readRecipes()).keys()) {
      const folder = join(containersFolder, name, OWN_FILES);
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
        const file = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !(await readFile(file, 'utf8')).startsWith('#!')) continue;
        expect((await stat(file)).mode & 0o111, file).not.toBe(0);
      }
    }
  });
});

test('an image’s PATH is its own where it has one, and of a variable that is there twice the last counts', () => {
  const env = (Env: string[]) => (JSON.parse(configOf({ layers: [], config: { Env } }, [])) as { config: { Env: string[] } }).config.Env;
  expect(env(['A=1', 'PATH=/x', 'A=2=3'])).toEqual(['PATH=/x', 'A=2=3']);
  expect(env([])).toEqual([expect.stringMatching(/^PATH=.*\/usr\/bin/)]);
});
