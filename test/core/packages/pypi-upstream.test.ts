import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PACKAGE_CATALOG_FORMAT } from '../../../src/core/packages/package-catalog.ts';
import { PackageIndex, type PackageTrouble } from '../../../src/core/packages/package-index.ts';
import { projectOfFile, PypiUpstream } from '../../../src/core/packages/pypi-upstream.ts';
import { MemoryKeptFiles } from '../../../src/core/upstream/kept-files.ts';
import { UpstreamClient } from '../../../src/core/upstream/upstream-client.ts';
import { createWeb } from '../../../src/core/upstream/web.ts';
import { OutsideServer } from '../../support/outside-server.ts';
import { sha256 } from '../hub/made-pieces.ts';
import { get as getWith, type FakeClient } from '../network/fake-client.ts';

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const PIP = 'User-Agent: pip/25.1 {"python":"3.13.5"}';
const wheel = Buffer.alloc(100_000, 'emoji ');
const own = { filename: 'flask-3.1.1-py3-none-any.whl', sha256: 'aa', source: 'x', content: { bytes: 1, pieceBytes: 1, pieces: [] } };

let server: OutsideServer;
let index: PackageIndex;
let troubles: PackageTrouble[];
const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const textOf = (client: FakeClient) => Buffer.from(client.body).toString();
const get = (path: string, ...headers: string[]) => getWith(index.handle, path, headers);

interface Listed {
  readonly filename: string;
  readonly content?: Uint8Array;
  readonly more?: Record<string, unknown>;
}
/** Puts a project on the index outside, as pypi.org lists one. */
function serveProject(name: string, files: readonly Listed[]): void {
  const listed = files.map(({ content = wheel, filename, more }) => {
    server.answers.set(`/packages/aa/${filename}`, { body: content });
    return {
      filename,
      url: `${server.address}packages/aa/${filename}`,
      hashes: { sha256: sha256(content) },
      size: content.length,
      yanked: false,
      ...more,
    };
  });
  server.answers.set(`/simple/${name}/`, { type: JSON_TYPE, body: JSON.stringify({ meta: { 'api-version': '1.1' }, name, files: listed }) });
}
async function filesOf(name: string): Promise<Record<string, unknown>[]> {
  return (JSON.parse(textOf(await get(`/simple/${name}/`, `Accept: ${JSON_TYPE}`))) as { files: Record<string, unknown>[] }).files;
}

beforeEach(async () => {
  server = await OutsideServer.start();
  index = new PackageIndex(
    () => Promise.resolve({ format: PACKAGE_CATALOG_FORMAT, projects: [{ name: 'flask', files: [own] }] }),
    () => expect.unreachable(),
  );
  troubles = [];
  index.onTrouble(trouble => troubles.push(trouble));
  const client = new UpstreamClient(
    createWeb((address, options) => fetch(address, options)),
    new MemoryKeptFiles(),
    500,
  );
  index.outside = { upstream: new PypiUpstream(client, `${server.address}simple/`, new AbortController().signal) };
});
afterEach(() => server.stop());

describe('what the own index lacks', () => {
  test('is listed with what pip needs, and handed over', async () => {
    const metadata = Buffer.from('Name: emoji\n');
    serveProject('emoji', [
      { filename: 'emoji-2.0-py3-none-any.whl', more: { 'requires-python': '>=3.9', 'core-metadata': { sha256: sha256(metadata) } } },
      { filename: 'emoji-1.9-py3-none-any.whl', more: { yanked: 'broken' } },
    ]);
    server.answers.set('/packages/aa/emoji-2.0-py3-none-any.whl.metadata', { body: metadata });
    expect(await filesOf('emoji')).toEqual([
      {
        filename: 'emoji-2.0-py3-none-any.whl',
        url: '../../packages/emoji-2.0-py3-none-any.whl',
        hashes: { sha256: sha256(wheel) },
        size: wheel.length,
        'requires-python': '>=3.9',
        'core-metadata': { sha256: sha256(metadata) },
      },
      expect.objectContaining({ filename: 'emoji-1.9-py3-none-any.whl', yanked: 'broken' }),
    ]);
    expect((await get('/packages/emoji-2.0-py3-none-any.whl')).body).toEqual(new Uint8Array(wheel));
    expect(textOf(await get('/packages/emoji-2.0-py3-none-any.whl.metadata'))).toBe('Name: emoji\n');
    expect(textOf(await get('/simple/emoji/'))).toContain('data-requires-python="&gt;=3.9"');
    expect(troubles).toEqual([]);
  });

  test('is left out where this machine cannot use it, or would have to compile it', async () => {
    serveProject('fast', [
      { filename: 'fast-3.0-cp313-cp313-manylinux_2_28_x86_64.whl' },
      { filename: 'fast-3.0.tar.gz' },
      { filename: 'fast-2.0-cp313-cp313-manylinux_2_17_i686.manylinux2014_i686.whl' },
      { filename: 'fast-1.0.tar.gz' },
      { filename: 'fast-0.9-cp313-cp313-win32.whl' },
      { filename: 'fast-0.8-cp313-cp313-musllinux_1_1_i686.whl' },
    ]);
    expect((await filesOf('fast')).map(({ filename }) => filename)).toEqual([
      'fast-2.0-cp313-cp313-manylinux_2_17_i686.manylinux2014_i686.whl',
      'fast-1.0.tar.gz',
    ]);
    serveProject('torch', [{ filename: 'torch-2.0-cp313-cp313-manylinux_2_28_x86_64.whl' }]);
    expect((await get('/simple/torch/', PIP)).received).toContain(
      `hint="127.0.0.1:${server.host.split(':')[1]} has torch only for machines other than this 32-bit PC. It has: flask."`,
    );
  });

  test('stands beside what the own index has, whose files go before the same ones outside', async () => {
    serveProject('flask', [{ filename: 'flask-3.1.2-py3-none-any.whl' }, { filename: 'flask-3.1.1-py3-none-any.whl' }]);
    expect((await filesOf('flask')).map(({ filename, hashes }) => [filename, hashes])).toEqual([
      ['flask-3.1.1-py3-none-any.whl', { sha256: 'aa' }],
      ['flask-3.1.2-py3-none-any.whl', { sha256: sha256(wheel) }],
    ]);
  });
});

describe('what cannot be had says why', () => {
  test('in neither place', async () => {
    expect((await get('/simple/nothing/', PIP)).received).toContain(
      `hint="Neither this sandbox nor ${server.host} has the Python package nothing. It has: flask."`,
    );
  });

  test('with an index that is gone: the own one answers alone', async () => {
    await server.stop();
    expect((await filesOf('flask')).map(({ filename }) => filename)).toContain('flask-3.1.1-py3-none-any.whl');
    expect(troubles.at(-1)).toMatchObject({
      isUnknown: false,
      message: expect.stringMatching(/The search for flask outside failed: .* cannot be reached\./),
    });
    expect((await get('/simple/emoji/', PIP)).received).toContain('The search for emoji outside failed');
  });

  test('with an answer that is no index page, and a file that is not what it should be', async () => {
    server.answers.set('/simple/odd/', { body: '<html>' });
    expect((await get('/simple/odd/', PIP)).received).toContain('does not answer like a package index');
    serveProject('emoji', [{ filename: 'emoji-2.0-py3-none-any.whl', more: { hashes: { sha256: '0'.repeat(64) }, size: undefined } }]);
    server.answers.set('/packages/aa/emoji-2.0-py3-none-any.whl', { body: 'short' });
    const answer = await get('/packages/emoji-2.0-py3-none-any.whl');
    expect(statusOf(answer)).toBe(403);
    expect(textOf(answer)).toContain('is not what it should be: its sha256 is different');
  });

  test('while the network is off, where it could be switched on', async () => {
    index.outside = { offered: 'pypi.org' };
    expect((await get('/simple/emoji/', PIP)).received).toContain('This sandbox has no Python package emoji, and its network is off: switch it on');
  });
});

test('the project of a file', () => {
  expect(projectOfFile('Flask_SQLAlchemy-3.1-py3-none-any.whl')).toBe('flask-sqlalchemy');
  expect(projectOfFile('zope.interface-5.0.tar.gz')).toBe('zope-interface');
  expect(projectOfFile('python-dateutil-2.9.tar.gz')).toBe('python-dateutil');
});
