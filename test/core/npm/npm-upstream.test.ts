import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NPM_FORMAT, type NpmPackage } from '../../../src/core/npm/npm-catalog.ts';
import { NpmRegistry, type NpmTrouble } from '../../../src/core/npm/npm-registry.ts';
import { NpmUpstream } from '../../../src/core/npm/npm-upstream.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { MemoryKeptFiles } from '../../../src/core/upstream/kept-files.ts';
import { UpstreamClient } from '../../../src/core/upstream/upstream-client.ts';
import { createWeb } from '../../../src/core/upstream/web.ts';
import { OutsideServer } from '../../support/outside-server.ts';
import { MadeSite } from '../hub/made-pieces.ts';
import { get as getWith, type FakeClient } from '../network/fake-client.ts';

const site = new MadeSite();
const tarball = Buffer.alloc(50_000, 'left pad ');
const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
const packages: NpmPackage[] = [
  {
    name: 'express',
    isChosen: true,
    latest: '5.1.0',
    versions: [{ version: '5.1.0', manifest: {}, integrity: 'sha512-own', tarball: { start: 0, bytes: 10 } }],
  },
];
const catalog = {
  format: NPM_FORMAT,
  list: site.store(Buffer.from(JSON.stringify({ packages, binaries: [] })), 4096),
  tarballs: site.store(Buffer.alloc(10), 4096),
};

let server: OutsideServer;
let registry: NpmRegistry;
let troubles: NpmTrouble[];
const get = (path: string) => getWith(registry.handle, path, ['Accept: application/vnd.npm.install-v1+json']);
const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const jsonOf = (client: FakeClient) => JSON.parse(Buffer.from(client.body).toString()) as Record<string, unknown>;

function unchunked(body: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  for (let rest = Buffer.from(body); rest.length > 0;) {
    const end = rest.indexOf('\r\n');
    const bytes = Number.parseInt(rest.subarray(0, end).toString(), 16);
    parts.push(rest.subarray(end + 2, end + 2 + bytes));
    rest = rest.subarray(end + 4 + bytes);
  }
  return Buffer.concat(parts);
}

function servePackage(name: string, versions: Record<string, object>, tags: Record<string, string>): void {
  const all = Object.entries(versions).map(([version, more]) => [
    version,
    { name, version, scripts: { test: 'x' }, dist: { tarball: `${server.address}${name}/-/${version}.tgz`, integrity, signatures: [] }, ...more },
  ]);
  server.answers.set(`/${name}`, { type: 'application/json', body: JSON.stringify({ name, 'dist-tags': tags, versions: Object.fromEntries(all) }) });
  for (const version of Object.keys(versions)) server.answers.set(`/${name}/-/${version}.tgz`, { body: tarball });
}

beforeEach(async () => {
  server = await OutsideServer.start();
  const loader = new BlobLoader(site);
  registry = new NpmRegistry(
    () => Promise.resolve(catalog),
    (sha256, bytes) => loader.load(sha256, bytes),
  );
  troubles = [];
  registry.onTrouble(trouble => troubles.push(trouble));
  const client = new UpstreamClient(
    createWeb((address, options) => fetch(address, options)),
    new MemoryKeptFiles(),
    500,
  );
  registry.outside = { upstream: new NpmUpstream(client, server.address, new AbortController().signal) };
});
afterEach(() => server.stop());

test('what the own registry lacks comes from outside, with its tags, and without what nobody reads', async () => {
  servePackage('@ada/pad', { '1.0.0': { dependencies: { ms: '^2.0.0' } }, '2.0.0-beta.1': {} }, { latest: '1.0.0', next: '2.0.0-beta.1' });
  const answer = jsonOf(await get('/@ada%2fpad'));
  expect(answer).toMatchObject({ name: '@ada/pad', 'dist-tags': { latest: '1.0.0', next: '2.0.0-beta.1' } });
  expect((answer['versions'] as Record<string, object>)['1.0.0']).toEqual({
    name: '@ada/pad',
    version: '1.0.0',
    dependencies: { ms: '^2.0.0' },
    dist: { tarball: 'https://registry.npmjs.org/@ada/pad/-/pad-1.0.0.tgz', integrity },
  });
  // Its length is not known before: it comes in chunks.
  expect(unchunked((await get('/@ada/pad/-/pad-1.0.0.tgz')).body)).toEqual(tarball);
  expect(troubles).toEqual([]);
});

test('versions outside stand beside the own ones', async () => {
  servePackage('express', { '4.0.0': {}, '5.1.0': {}, '5.2.0': {} }, { latest: '5.2.0' });
  const { versions, ...more } = jsonOf(await get('/express')) as { versions: Record<string, { dist: { integrity: string } }> };
  expect(more).toMatchObject({ 'dist-tags': { latest: '5.2.0' } });
  expect(Object.entries(versions).map(([version, { dist }]) => [version, dist.integrity])).toEqual([
    ['4.0.0', integrity],
    ['5.1.0', 'sha512-own'],
    ['5.2.0', integrity],
  ]);
});

test('what cannot be had says why', async () => {
  expect(jsonOf(await get('/nothing'))['error']).toMatch(new RegExp(`^Neither this sandbox nor ${server.host} has the npm package nothing\\.`));
  servePackage(
    'broken',
    { '1.0.0': { dist: { tarball: `${server.address}broken/-/1.0.0.tgz`, integrity: `sha512-${'A'.repeat(86)}==` } } },
    { latest: '1.0.0' },
  );
  server.answers.set('/broken/-/1.0.0.tgz', { body: 'short' });
  const broken = await get('/broken/-/broken-1.0.0.tgz');
  expect([statusOf(broken), jsonOf(broken)['error']]).toEqual([403, expect.stringContaining('is not what it should be: its sha512 is different')]);
  await server.stop();
  expect(Object.keys(jsonOf(await get('/express'))['versions'] as object)).toEqual(['5.1.0']);
  expect(troubles.at(-1)?.message).toMatch(
    /express was looked for outside, without success: .* cannot be reached\. The sandbox's own registry answers alone\./,
  );
  registry.outside = { offered: 'registry.npmjs.org' };
  expect(jsonOf(await get('/nothing'))['error']).toContain('and its network is off: switch it on');
});
