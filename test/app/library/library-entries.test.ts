import { expect, test } from 'vitest';
import { byName, libraryEntries, matches } from '../../../src/app/library/library-entries.ts';
import type { HubImageSummary } from '../../../src/core/protocol/sandbox.ts';

const layer = (digest: string, bytes: number) => ({ digest, bytes, wireBytes: bytes / 2, sharedWith: [] });
const image = (name: string, ...layers: readonly ReturnType<typeof layer>[]): HubImageSummary => ({
  name,
  tags: ['8', 'latest'],
  description: 'A store of keys and values.',
  isOfficial: true,
  bytes: 0,
  wireBytes: 0,
  layers,
});
const redis = image('redis', layer('d', 70), layer('r', 10));

test('layers of other images need not be downloaded again', () => {
  const [entry] = libraryEntries([redis], ['debian:13-slim'], [{ layers: ['d', 'p'] }]);
  expect(entry).toEqual({ image: redis, isHere: false, missingWireBytes: 5, sharedBytes: 70 });
});

test('the same layer on others does not count', () => {
  expect(libraryEntries([redis], [], [{ layers: ['x', 'd'] }])[0]).toMatchObject({ missingWireBytes: 40, sharedBytes: 0 });
});

test('an image is here under any of its names', () => {
  expect(libraryEntries([redis], ['redis:latest'], [{ layers: ['d', 'r'] }])[0]).toMatchObject({ isHere: true, missingWireBytes: 0 });
  expect(libraryEntries([redis], ['redis:7', 'my/redis:8'], [])[0]?.isHere).toBe(false);
});

test('a search is for words, anywhere', () => {
  for (const search of ['', 'red', 'redis:8', 'REDIS', 'keys values', ' keys  store ']) expect(matches(redis, search), search).toBe(true);
  for (const search of ['redis:9', 'keys table']) expect(matches(redis, search), search).toBe(false);
});

test('images of one name stand together, in the order of names', () => {
  const [one, two, three] = [image('python', layer('a', 1)), image('redis'), image('python', layer('b', 2))];
  const entries = libraryEntries([one!, two!, three!], [], []);
  expect(byName(entries).map(group => group.map(entry => entry.image))).toEqual([[one, three], [two]]);
  expect(byName([])).toEqual([]);
});
