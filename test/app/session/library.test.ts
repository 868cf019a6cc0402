import { expect, test } from 'vitest';
import { Library } from '../../../src/app/session/machine/library.ts';
import type { HubImageSummary } from '../../../src/core/protocol/sandbox.ts';

const redis: HubImageSummary = { name: 'redis', tags: ['8', 'latest'], description: '', isOfficial: true, bytes: 1, wireBytes: 1, layers: [] };

test('is asked for once, however many want it', async () => {
  let asked = 0;
  const library = new Library(() => Promise.resolve((asked++, [redis])));
  await Promise.all([library.load(), library.load()]);
  await library.load();
  expect(asked).toBe(1);
  expect(library.references.value).toEqual(['redis:8', 'redis:latest']);
});

test('a failure is told and may be tried again', async () => {
  let isThere = false;
  const library = new Library(() => (isThere ? Promise.resolve([redis]) : Promise.reject(new Error('The site does not answer.'))));
  await library.load();
  expect(library.problem.value).toBe('The site does not answer.');
  expect(library.images.value).toBeUndefined();
  isThere = true;
  const again = library.load();
  expect(library.problem.value).toBeUndefined();
  await again;
  expect(library.images.value).toEqual([redis]);
});
