import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ARCHIVE_CATALOG_FORMAT, type ArchiveCatalog } from '../../../src/core/archive/archive-catalog.ts';
import { HUB_CATALOG_FORMAT } from '../../../src/core/hub/hub-catalog.ts';
import { VM_FORMAT } from '../../../src/core/lab/vm-manifest.ts';
import { blobsOf, checkOfflineCatalog } from '../../../src/core/offline/offline-catalog.ts';
import { checkRelease } from '../../../src/core/offline/release.ts';
import { NPM_FORMAT } from '../../../src/core/npm/npm-catalog.ts';
import { PACKAGE_CATALOG_FORMAT } from '../../../src/core/packages/package-catalog.ts';
import { MANIFEST_FORMAT } from '../../../src/core/sandbox/load/manifest.ts';
import { writeRelease } from '../../../src/node/builder/release.ts';

const hash = (digit: string): string => digit.repeat(64);
const piece = (digit: string) => ({ bytes: 1, pieceBytes: 1, pieces: [{ sha256: hash(digit), bytes: 7 }] });

const machine = {
  format: MANIFEST_FORMAT,
  state: { index: piece('1'), devices: piece('2'), code: piece('3'), pages: piece('4') },
  disk: { bytes: 4, chunkBytes: 1, chunks: `${hash('5')} -2 ${hash('6')}` },
};
const layer = { digest: 'sha256:x', content: piece('7') };
const image = (repository: string, tags: readonly string[]) => ({ repository, tags, description: '', config: '{}', layers: [layer] });

let site: string;
const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(site, path)), { recursive: true });
  await writeFile(join(site, path), text);
};
const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(site, path), 'utf8'));

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'drydock-release-'));
  await write('index.html', '<!doctype html>\n<html>\n  <head>\n    <title>Drydock</title>\n  </head>\n</html>\n');
  await write('service-worker.js', '');
  await write('config.json', '{}');
  await write('assets/main-x.js', 'main');
  await write('lessons/index.json', '[]');
  await write('machine/bzImage', 'kernel');
  await write('machine/machine.json', JSON.stringify(machine));
  await write(
    'machine/hub.json',
    JSON.stringify({ format: HUB_CATALOG_FORMAT, images: [image('library/redis', ['latest']), image('library/debian', ['13-slim'])] }),
  );
  await write('machine/archive.json', JSON.stringify({ format: ARCHIVE_CATALOG_FORMAT, modified: '', suites: [] } satisfies ArchiveCatalog));
  await write(
    'machine/packages.json',
    JSON.stringify({ format: PACKAGE_CATALOG_FORMAT, projects: [{ name: 'flask', files: [{ content: piece('8') }] }] }),
  );
  await write('machine/npm.json', JSON.stringify({ format: NPM_FORMAT, list: piece('b'), tarballs: piece('c') }));
  await write('machine/vm.json', JSON.stringify({ format: VM_FORMAT, kernel: piece('9'), root: piece('a') }));
  for (const digit of '123456789abc') await write(`machine/blobs/${hash(digit)}.zst`, `blob ${digit}`);
});
afterEach(() => rm(site, { recursive: true, force: true }));

test('every file is listed with its purpose, but for blobs and what is apart', async () => {
  const { files, id } = await writeRelease(site, []);
  expect(files.map(({ path, purpose }) => [path, purpose])).toEqual([
    ['assets/main-x.js', 'page'],
    ['index.html', 'page'],
    ['lessons/index.json', 'course'],
    ['machine/archive.json', 'page'],
    ['machine/bzImage', 'disk'],
    ['machine/hub.json', 'page'],
    ['machine/machine.json', 'page'],
    ['machine/npm.json', 'page'],
    ['machine/packages.json', 'page'],
    ['machine/vm.json', 'page'],
    ['offline.json', 'page'],
  ]);
  expect(checkRelease(await readJson('release.json')).id).toBe(id);
  expect(await readFile(join(site, 'index.html'), 'utf8')).toContain(`<head>\n    <meta name="drydock-release" content="${id}" />`);
});

test('the same files are the same release, others are another one', async () => {
  const first = await writeRelease(site, []);
  expect(await writeRelease(site, [])).toEqual(first);
  await write('config.json', '{"previewSite":"https://b.example/"}');
  expect((await writeRelease(site, [])).id).toBe(first.id);
  await write('lessons/index.json', '[1]');
  expect((await writeRelease(site, [])).id).not.toBe(first.id);
});

test('each part lists its blobs with their sizes; the machine’s start has what it reads first', async () => {
  await writeRelease(site, [hash('6')]);
  const catalog = checkOfflineCatalog(await readJson('offline.json'));
  const parts = Object.fromEntries(
    catalog.parts.map(part => [
      part.id,
      blobsOf(catalog, part)
        .map(({ sha256 }) => sha256[0])
        .join(''),
    ]),
  );
  expect(parts).toEqual({ start: '12346', disk: '56', packages: '8', npm: 'bc', lab: '9a', 'image:redis': '7', 'image:debian:13-slim': '7' });
  expect(new Set(catalog.blobs.map(([, bytes]) => bytes))).toEqual(new Set(['blob 1'.length]));
});

test('a blob that is missing is an error', async () => {
  await rm(join(site, `machine/blobs/${hash('8')}.zst`));
  await expect(writeRelease(site, [])).rejects.toThrow(/ENOENT/);
});
