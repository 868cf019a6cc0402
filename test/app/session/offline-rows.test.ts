import { expect, test } from 'vitest';
import { amountOf, contentOf, offlineRows } from '../../../src/app/session/offline/offline-rows.ts';
import { opensOffline } from '../../../src/app/session/offline/offline.ts';
import type { OfflineCatalog } from '../../../src/core/offline/offline-catalog.ts';
import type { Release } from '../../../src/core/offline/release.ts';

const release: Release = {
  format: 1,
  id: '0123456789abcdef',
  files: [
    { path: 'index.html', bytes: 10, sha256: 'p', purpose: 'page' },
    { path: 'lessons/index.json', bytes: 20, sha256: 'l', purpose: 'course' },
    { path: 'machine/bzImage', bytes: 40, sha256: 'k', purpose: 'disk' },
  ],
};
const catalog: OfflineCatalog = {
  format: 1,
  blobs: [
    ['s1', 100],
    ['shared', 200],
    ['d1', 400],
  ],
  parts: [
    { kind: 'start', id: 'start', name: 'machine', blobs: [0] },
    { kind: 'disk', id: 'disk', name: 'disk', blobs: [2, 1] },
    { kind: 'image', id: 'image:redis', name: 'redis', blobs: [1] },
  ],
};
const nothing = { files: new Set<string>(), blobs: new Set<string>() };

test('rows come in the order of need, with what is kept of each', () => {
  const rows = offlineRows(release, catalog, { files: new Set(['p', 'k']), blobs: new Set(['shared']) });
  expect(rows.map(({ id, bytes, keptBytes }) => [id, bytes, keptBytes])).toEqual([
    ['page', 10, 10],
    ['course', 20, 0],
    ['start', 100, 0],
    ['disk', 640, 240],
    ['image:redis', 200, 200],
  ]);
});

test('what two rows have in common is fetched and counted once', () => {
  const content = contentOf(release, catalog, new Set(['disk', 'image:redis']));
  expect(content.files.map(({ path }) => path)).toEqual(['machine/bzImage']);
  expect(content.blobs.map(({ sha256 }) => sha256)).toEqual(['d1', 'shared']);
  expect(amountOf(content, nothing)).toEqual({ bytes: 640, keptBytes: 0 });
  expect(amountOf(content, { files: new Set(['k']), blobs: new Set(['d1']) })).toEqual({ bytes: 640, keptBytes: 440 });
});

test('the page opens without a network once page, lessons and the saved machine are kept', () => {
  expect(opensOffline(offlineRows(release, catalog, { files: new Set(['p', 'l']), blobs: new Set(['s1']) }))).toBe(true);
  expect(opensOffline(offlineRows(release, catalog, { files: new Set(['p', 'l']), blobs: new Set() }))).toBe(false);
});
