import { describe, expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { checkPackageCatalog, PACKAGE_CATALOG_FORMAT, type PackageCatalog } from '../../../src/core/packages/package-catalog.ts';
import { PackageIndex, type PackageTrouble } from '../../../src/core/packages/package-index.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { MadeSite, sha256, someBytes } from '../hub/made-pieces.ts';
import { get as getWith, type FakeClient } from '../network/fake-client.ts';

const site = new MadeSite();
const wheel = someBytes(5000);
const catalog: PackageCatalog = {
  format: PACKAGE_CATALOG_FORMAT,
  projects: [
    {
      name: 'flask',
      files: [
        {
          filename: 'flask-3.1.1-py3-none-any.whl',
          sha256: sha256(wheel),
          requiresPython: '>=3.9,<4',
          source: 'python3-flask 3.1.1-1',
          content: site.store(wheel, 2048),
        },
      ],
    },
    {
      name: 'zope-interface',
      files: [
        { filename: 'zope_interface-7.0+a-cp313-cp313-linux_i686.whl', sha256: 'aa', source: 'x', content: { bytes: 1, pieceBytes: 1, pieces: [] } },
      ],
    },
  ],
};

function madeIndex(read: () => Promise<PackageCatalog> = () => Promise.resolve(catalog)): { index: PackageIndex; troubles: PackageTrouble[] } {
  const loader = new BlobLoader(site);
  const index = new PackageIndex(read, (name, bytes) => loader.load(name, bytes));
  const troubles: PackageTrouble[] = [];
  index.onTrouble(trouble => troubles.push(trouble));
  return { index, troubles };
}

const { index } = madeIndex();
const get = (path: string, headers: string[] = [], method?: string) => getWith(index.handle, path, headers, method);
const headerOf = (client: FakeClient, name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(client.received)?.[1];
const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const textOf = (client: FakeClient) => Buffer.from(client.body).toString();
const json = 'application/vnd.pypi.simple.v1+json';

describe('the pages', () => {
  test('of a project, as HTML', async () => {
    const page = await get('/simple/flask/');
    expect(headerOf(page, 'Content-Type')).toBe('text/html; charset=utf-8');
    expect(textOf(page)).toContain(
      `<a href="../../packages/flask-3.1.1-py3-none-any.whl#sha256=${sha256(wheel)}" data-requires-python="&gt;=3.9,&lt;4">flask-3.1.1-py3-none-any.whl</a>`,
    );
    expect(textOf(await get('/simple/zope-interface/'))).toContain(
      'href="../../packages/zope_interface-7.0%2Ba-cp313-cp313-linux_i686.whl#sha256=aa">zope',
    );
  });

  test('of a project, as JSON', async () => {
    const page = await get('/simple/flask/', [`Accept: ${json}`]);
    expect(headerOf(page, 'Content-Type')).toBe(`${json}; charset=utf-8`);
    expect(JSON.parse(textOf(page))).toEqual({
      meta: { 'api-version': '1.1' },
      name: 'flask',
      versions: ['3.1.1'],
      files: [
        {
          filename: 'flask-3.1.1-py3-none-any.whl',
          url: '../../packages/flask-3.1.1-py3-none-any.whl',
          hashes: { sha256: sha256(wheel) },
          size: 5000,
          'requires-python': '>=3.9,<4',
        },
      ],
    });
  });

  test('of a project tell pip, and only pip, which version to write when it wants another', async () => {
    const agent = (python: string) => `User-Agent: pip/25.1.1 {"implementation":{"name":"CPython"},"python":"${python}"}`;
    const hint = 'data-requires-python="===3.1.1+is.the.version.here.write.that.one">flask-0-py3-none-any.whl</a>';
    expect(textOf(await get('/simple/flask/', [agent('3.13.5')]))).toContain(hint);
    expect(textOf(await get('/simple/flask/', ['User-Agent: uv/0.8']))).not.toContain('flask-0-');
    expect(textOf(await get('/simple/zope-interface/', [agent('3.9.2')]))).toContain('"===3.13+is.the.python.it.is.here.for"');
    expect(textOf(await get('/simple/zope-interface/', [agent('3.13.5')]))).toContain('===7.0+is.the.version.here');
  });

  test.each([
    ['own-2-py2.py3-none-any.whl', '3.9.2', '2+is.the.version.here'],
    ['own-2-cp310-abi3-manylinux_2_17_i686.whl', '3.13.5', '2+is.the.version.here'],
    ['own-2-cp310-abi3-manylinux_2_17_i686.whl', '3.9.2', '3.10+is.the.python.it.is.here.for'],
  ])('tell pip of %s under Python %s: %s', async (filename, python, hint) => {
    const files = [{ filename, sha256: 'aa', source: 'x', content: { bytes: 1, pieceBytes: 1, pieces: [] } }];
    const own = madeIndex(() => Promise.resolve({ format: PACKAGE_CATALOG_FORMAT, projects: [{ name: 'own', files }] }));
    expect(textOf(await getWith(own.index.handle, '/simple/own/', [`User-Agent: pip/25.1.1 {"python":"${python}"}`]))).toContain(`"===${hint}`);
  });

  test('of all projects', async () => {
    expect(textOf(await get('/simple/'))).toMatch(/<a href="flask\/">flask<\/a><br>\n<a href="zope-interface\/">zope-interface<\/a>/);
    const page = await get('/simple/', ['Accept: application/vnd.pypi.simple.latest+json']);
    expect(JSON.parse(textOf(page))).toEqual({ meta: { 'api-version': '1.1' }, projects: [{ name: 'flask' }, { name: 'zope-interface' }] });
  });

  /** [Accept, type] */
  const accepts: [string, string][] = [
    [`${json}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01`, json],
    [`text/html;q=0.5, ${json};q=0.2`, 'text/html'],
    ['application/vnd.pypi.simple.latest+html', 'application/vnd.pypi.simple.v1+html'],
    ['image/png, */*', 'text/html'],
    [`${json};q=0`, 'text/html'],
  ];
  test.each(accepts)('Accept: %s gives %s', async (accept, type) => {
    expect(headerOf(await get('/simple/flask/', [`Accept: ${accept}`]), 'Content-Type')).toBe(`${type}; charset=utf-8`);
  });

  test('of a name spelled otherwise lie at the normalized one', async () => {
    for (const [path, location] of [
      ['/simple/Flask/', '/simple/flask/'],
      ['/simple/flask', '/simple/flask/'],
      ['/simple/Zope._interface', '/simple/zope-interface/'],
    ]) {
      const page = await get(path!);
      expect([statusOf(page), headerOf(page, 'Location')]).toEqual([301, location]);
    }
  });
});

test('a wheel is served whole, and from where an interrupted download stopped', async () => {
  const path = '/packages/flask-3.1.1-py3-none-any.whl';
  const whole = await get(path);
  expect([whole.body, headerOf(whole, 'ETag')]).toEqual([wheel, `"${sha256(wheel)}"`]);
  const rest = await get(path, ['Range: bytes=3000-', `If-Range: "${sha256(wheel)}"`]);
  expect([statusOf(rest), headerOf(rest, 'Content-Range'), rest.body]).toEqual([206, 'bytes 3000-4999/5000', wheel.subarray(3000)]);
  expect((await get(path, ['Range: bytes=3000-', 'If-Range: "other"'])).body).toEqual(wheel);
  expect((await get(path, ['Range: bytes=-10'])).body).toEqual(wheel.subarray(4990));
  expect((await get(path, ['Range: bytes=10-12'])).body).toEqual(wheel.subarray(10, 13));
  expect((await get(path, ['Range: bytes=0-1,5-6'])).body).toEqual(wheel);
  expect((await get(path, ['Range: bytes=9-3'])).body).toEqual(wheel);
  expect(headerOf(await get(path, ['Range: bytes=5000-']), 'Content-Range')).toBe('bytes */5000');
  expect((await get(path, [], 'HEAD')).body.length).toBe(0);
});

test('an unknown project is not found, and it is told what exists; pip prints that', async () => {
  const { index, troubles } = madeIndex();
  const message = 'This sandbox has no internet and no Python package numpy. It has: flask, zope-interface.';
  const page = await getWith(index.handle, '/simple/numpy/');
  expect([statusOf(page), textOf(page)]).toEqual([404, `${message}\n`]);
  const forPip = await getWith(index.handle, '/simple/numpy/', ['User-Agent: pip/25.1.1 {"ci":null}']);
  expect([statusOf(forPip), headerOf(forPip, 'Content-Type')]).toEqual([200, `text/plain; hint="${message}"`]);
  expect(troubles).toEqual(Array.from({ length: 2 }, () => ({ isUnknown: true, name: 'numpy', message })));
});

test('pip’s look for a newer pip is answered without a word', async () => {
  const { index, troubles } = madeIndex();
  expect(statusOf(await getWith(index.handle, '/simple/pip/', ['User-Agent: pip/25.1.1']))).toBe(404);
  expect(troubles).toEqual([]);
});

test('what is no address of the index is not found, and nothing can be uploaded', async () => {
  for (const path of ['/', '/packages/none.whl', '/pypi/flask/json', '/simple/flask/x', '/simple/%zz/']) expect(statusOf(await get(path))).toBe(404);
  expect(statusOf(await get('/simple/', [], 'POST'))).toBe(405);
});

test('a wheel whose piece cannot be had breaks off, and that is told', async () => {
  const { index, troubles } = madeIndex();
  const name = catalog.projects[0]!.files[0]!.content.pieces[1]!.sha256;
  site.faults.set(
    name,
    Array.from({ length: 4 }, () => new Error('the server answered 502')),
  );
  const client = await getWith(index.handle, '/packages/flask-3.1.1-py3-none-any.whl');
  expect([client.body, client.hasEnded, client.isClosed]).toEqual([wheel.subarray(0, 2048), false, true]);
  expect(troubles).toMatchObject([{ isUnknown: false, message: expect.stringMatching(/^flask-3.* could not be delivered: .*502/) }]);
});

test('a wheel of which nothing can be had is refused with the reason and what to do, which pip prints', async () => {
  const { index, troubles } = madeIndex();
  const name = catalog.projects[0]!.files[0]!.content.pieces[0]!.sha256;
  site.faults.set(
    name,
    Array.from({ length: 4 }, () => new Error('there is no network')),
  );
  const client = await getWith(index.handle, '/packages/flask-3.1.1-py3-none-any.whl');
  const message = /^flask-3.* could not be delivered: .*there is no network\. Go online and install it again\./;
  expect([statusOf(client), textOf(client)]).toEqual([403, expect.stringMatching(message)]);
  expect(troubles).toMatchObject([{ isUnknown: false, message: expect.stringMatching(message) }]);
});

test('a catalog that cannot be read is an answer too', async () => {
  const { index, troubles } = madeIndex(() => Promise.reject(new SandboxError('download-failed', 'The list is away.')));
  const page = await getWith(index.handle, '/simple/flask/');
  expect([statusOf(page), textOf(page)]).toEqual([503, 'The list is away.\n']);
  expect(troubles).toEqual([{ isUnknown: false, name: 'flask', message: 'The list is away.' }]);
});

test('a catalog of another format is refused in plain words', () => {
  expect(checkPackageCatalog(catalog)).toBe(catalog);
  for (const value of [null, { format: 999, projects: [] }]) expect(() => checkPackageCatalog(value)).toThrow(/another version/);
});
