import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { checkNpmCatalog, NPM_FORMAT, type NpmBinary, type NpmCatalog, type NpmPackage } from '../../../src/core/npm/npm-catalog.ts';
import { NpmRegistry, type NpmTrouble } from '../../../src/core/npm/npm-registry.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { MadeSite, someBytes } from '../hub/made-pieces.ts';
import { get as getWith, type FakeClient } from '../network/fake-client.ts';

const site = new MadeSite();
const tarballs = someBytes(9000);
const integrityOf = (bytes: Uint8Array): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
const [express, types] = [tarballs.subarray(1000, 6000), tarballs.subarray(6000, 9000)];

const packages: NpmPackage[] = [
  {
    name: 'express',
    isChosen: true,
    latest: '5.1.0',
    versions: [
      { version: '4.21.2', manifest: {}, integrity: integrityOf(tarballs.subarray(0, 1000)), tarball: { start: 0, bytes: 1000 } },
      {
        version: '5.1.0',
        manifest: { dependencies: { accepts: '^2.0.0' }, license: 'MIT' },
        integrity: integrityOf(express),
        shasum: 'a'.repeat(40),
        tarball: { start: 1000, bytes: 5000 },
      },
    ],
  },
  {
    name: '@types/node',
    latest: '20.19.0',
    versions: [{ version: '20.19.0', manifest: {}, integrity: integrityOf(types), tarball: { start: 6000, bytes: 3000 } }],
  },
  { name: 'fsevents', latest: '2.3.3', versions: [{ version: '2.3.3', manifest: { os: ['darwin'] }, integrity: 'sha512-x' }] },
];
const binaries: NpmBinary[] = [{ path: 'sqlite3/v5.1.7/sqlite3-linux-ia32.tar.gz', start: 500, bytes: 1500 }];
const catalog: NpmCatalog = {
  format: NPM_FORMAT,
  list: site.store(Buffer.from(JSON.stringify({ packages, binaries })), 4096),
  tarballs: site.store(tarballs, 2048),
};

function madeRegistry(read: () => Promise<NpmCatalog> = () => Promise.resolve(catalog)): { registry: NpmRegistry; troubles: NpmTrouble[] } {
  const loader = new BlobLoader(site);
  const registry = new NpmRegistry(read, (sha256, bytes) => loader.load(sha256, bytes));
  const troubles: NpmTrouble[] = [];
  registry.onTrouble(trouble => troubles.push(trouble));
  return { registry, troubles };
}

const { registry } = madeRegistry();
const get = (path: string, headers: string[] = [], method?: string) => getWith(registry.handle, path, headers, method);
const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const jsonOf = (client: FakeClient) => JSON.parse(Buffer.from(client.body).toString()) as Record<string, unknown>;

test('a package, in the form that npm installs from and in the long one', async () => {
  const short = await get('/express', ['Accept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8']);
  expect(short.received).toMatch(/^Content-Type: application\/vnd\.npm\.install-v1\+json\r$/m);
  expect(jsonOf(short)).toMatchObject({
    name: 'express',
    'dist-tags': { latest: '5.1.0' },
    versions: {
      '4.21.2': { name: 'express', version: '4.21.2' },
      '5.1.0': {
        dependencies: { accepts: '^2.0.0' },
        dist: { tarball: 'https://registry.npmjs.org/express/-/express-5.1.0.tgz', integrity: integrityOf(express), shasum: 'a'.repeat(40) },
      },
    },
  });
  const long = await get('/express', ['Accept: application/json']);
  expect(long.received).toMatch(/^Content-Type: application\/json\r$/m);
  expect(jsonOf(long)).toMatchObject({ license: 'MIT', time: { '5.1.0': expect.any(String) } });
});

test('a tarball is what was published, also of a package with a scope, and from its middle', async () => {
  expect(integrityOf((await get('/express/-/express-5.1.0.tgz')).body)).toBe(integrityOf(express));
  for (const path of ['/@types/node/-/node-20.19.0.tgz', '/@types%2fnode/-/node-20.19.0.tgz'])
    expect(integrityOf((await get(path)).body)).toBe(integrityOf(types));
  const rest = await get('/express/-/express-5.1.0.tgz', ['Range: bytes=4990-']);
  expect(statusOf(rest)).toBe(206);
  expect(Buffer.from(rest.body)).toEqual(Buffer.from(express.subarray(4990)));
});

test('one version, by its number or as latest', async () => {
  expect(jsonOf(await get('/express/4.21.2'))).toMatchObject({ version: '4.21.2' });
  expect(jsonOf(await get('/express/latest'))).toMatchObject({ version: '5.1.0' });
  expect(jsonOf(await get('/@types%2fnode'))).toMatchObject({ name: '@types/node' });
});

test('what is not there is told with what is', async () => {
  const { registry: own, troubles } = madeRegistry();
  const ask = async (path: string) => {
    const client = await getWith(own.handle, path);
    return [statusOf(client), jsonOf(client)['error']];
  };
  expect(await ask('/left')).toEqual([404, 'This sandbox has no internet and no npm package left. It has 3 packages: express, and what these need.']);
  expect(await ask('/bcrypt')).toEqual([404, expect.stringContaining('bcryptjs does the same')]);
  expect(await ask('/express/-/express-4.17.1.tgz')).toEqual([
    404,
    expect.stringMatching(/has express 4\.21\.2, 5\.1\.0, not 4\.17\.1\. .* npm install/),
  ]);
  expect(await ask('/express/3')).toEqual([404, expect.stringContaining('not 3.')]);
  expect(await ask('/fsevents/-/fsevents-2.3.3.tgz')).toEqual([404, expect.stringContaining('another kind of computer')]);
  expect(troubles.map(({ isUnknown, name }) => [isUnknown, name])).toEqual([
    [true, 'left'],
    [true, 'bcrypt'],
    [true, 'express'],
    [true, 'express'],
  ]);
});

test('the compiled part of a package, and what is said where there is none', async () => {
  const { registry: own, troubles } = madeRegistry();
  const there = await getWith(own.handle, '/-/binary/sqlite3/v5.1.7/sqlite3-linux-ia32.tar.gz');
  expect(statusOf(there)).toBe(200);
  expect(Buffer.from(there.body)).toEqual(Buffer.from(tarballs.subarray(500, 2000)));
  const missing = await getWith(own.handle, '/-/binary/sqlite3/v4.0.0/sqlite3-linux-ia32.tar.gz');
  expect([statusOf(missing), jsonOf(missing)['error']]).toEqual([404, expect.stringContaining('nothing can be compiled here')]);
  expect(troubles).toEqual([expect.objectContaining({ isUnknown: true, name: 'sqlite3' })]);
  expect(statusOf(await getWith(own.handle, '/-/binary/sqlite3/v5.1.7/sqlite3-linux-ia32.tar.gz', ['Content-Length: 0'], 'PUT'))).toBe(404);
});

test('nothing is known of vulnerabilities, nothing is searched or published', async () => {
  expect(jsonOf(await get('/-/npm/v1/security/advisories/bulk', ['Content-Length: 0'], 'POST'))).toEqual({});
  expect(jsonOf(await get('/-/v1/search?text=x'))['error']).toContain('cannot be searched');
  const put = await get('/express', ['Content-Length: 0'], 'PUT');
  expect([statusOf(put), jsonOf(put)['error']]).toEqual([405, expect.stringContaining('nothing can be published')]);
  expect(jsonOf(await get('/-/ping'))).toEqual({});
});

test('a list that cannot be read is told in words, and read again at the next request', async () => {
  let attempts = 0;
  const { registry: own, troubles } = madeRegistry(() => {
    attempts++;
    return attempts === 1 ? Promise.reject(new SandboxError('download-failed', 'No list.')) : Promise.resolve(catalog);
  });
  const failed = await getWith(own.handle, '/express');
  expect([statusOf(failed), jsonOf(failed)]).toEqual([403, { error: 'No list.' }]);
  expect(troubles).toEqual([{ isUnknown: false, name: 'express', message: 'No list.' }]);
  expect(statusOf(await getWith(own.handle, '/express'))).toBe(200);
});

test('a tarball whose piece is missing is refused before its first byte', async () => {
  const gone = {
    ...catalog,
    tarballs: { ...catalog.tarballs, pieces: catalog.tarballs.pieces.map(piece => ({ ...piece, sha256: 'f'.repeat(64) })) },
  };
  const { registry: own, troubles } = madeRegistry(() => Promise.resolve(gone));
  const answer = await getWith(own.handle, '/express/-/express-5.1.0.tgz');
  expect([statusOf(answer), jsonOf(answer)['error']]).toEqual([403, expect.stringContaining('could not be handed over')]);
  expect(troubles).toEqual([expect.objectContaining({ isUnknown: false, name: 'express' })]);
});

test('a catalog of another format is refused', () => {
  expect(checkNpmCatalog(catalog)).toBe(catalog);
  expect(() => checkNpmCatalog({ ...catalog, format: 0 })).toThrow(SandboxError);
});
