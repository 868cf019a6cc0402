import { afterEach, describe, expect, test, vi } from 'vitest';
import { ARCHIVE_CATALOG_FORMAT, type ArchiveCatalog } from '../../../src/core/archive/archive-catalog.ts';
import { HUB_CATALOG_FORMAT, type HubCatalog } from '../../../src/core/hub/hub-catalog.ts';
import { PACKAGE_CATALOG_FORMAT, type PackageCatalog } from '../../../src/core/packages/package-catalog.ts';
import type { Notice } from '../../../src/core/protocol/sandbox.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { OutsideWorld } from '../../../src/core/sandbox/outside/outside-world.ts';
import { MemoryKeptFiles } from '../../../src/core/upstream/kept-files.ts';
import { NO_UPSTREAMS } from '../../../src/core/upstream/upstream-settings.ts';
import { createWeb, WebError } from '../../../src/core/upstream/web.ts';
import { MadeSite, sha256, someBytes } from '../hub/made-pieces.ts';
import { FakeClient } from '../network/fake-client.ts';

const layer = someBytes(5000);
const engine = 'User-Agent: docker/26.1.5 go/go1.24.4';

function archiveOf(site: MadeSite): ArchiveCatalog {
  const index = { path: 'debian/dists/trixie/main/binary-i386/Packages', sha256: '', content: site.store(Buffer.from('Package: curl\n'), 2048) };
  const releases = { 'debian/dists/trixie/InRelease': 'signed' };
  const suite = { codename: 'trixie', version: '13', packages: 1, releases, index, pool: site.store(Buffer.from('[]'), 2048) };
  return { format: ARCHIVE_CATALOG_FORMAT, modified: '', suites: [suite] };
}

function madeWorld(isComplete = true): { world: OutsideWorld; site: MadeSite; notices: Notice[] } {
  const site = new MadeSite();
  const content = site.store(layer, 2048);
  const hub: HubCatalog = {
    format: HUB_CATALOG_FORMAT,
    images: [
      { repository: 'library/redis', tags: ['latest'], description: 'x', config: '{}', layers: [{ digest: `sha256:${sha256(layer)}`, content }] },
    ],
  };
  const packages: PackageCatalog = { format: PACKAGE_CATALOG_FORMAT, projects: [{ name: 'flask', files: [] }] };
  if (isComplete) {
    site.files.set('hub.json', JSON.stringify(hub));
    site.files.set('packages.json', JSON.stringify(packages));
    site.files.set('archive.json', JSON.stringify(archiveOf(site)));
  }
  const notices: Notice[] = [];
  return { world: new OutsideWorld(site, new BlobLoader(site), notice => notices.push(notice)), site, notices };
}

/** Sends bytes to one of the services, ends, and gives what came back when all is over. */
async function call(world: OutsideWorld, service: string, bytes: string): Promise<FakeClient> {
  const client = new FakeClient();
  world.take({ service, connection: client.connection });
  client.send(bytes);
  client.end();
  await expect.poll(() => client.isClosed, { timeout: 20_000, interval: 5 }).toBe(true);
  return client;
}

function get(world: OutsideWorld, service: string, host: string, path: string, header = 'X: y'): Promise<FakeClient> {
  return call(world, service, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n\r\n`);
}

const connect = (world: OutsideWorld, target: string) => call(world, '127.0.0.1:3128', `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
const firstLine = (client: FakeClient) => client.received.split('\r\n')[0];
const services = '10.86.0.1:80';

afterEach(() => vi.restoreAllMocks());

describe('the services', () => {
  test('are told apart by their names', async () => {
    const { world } = madeWorld();
    for (const host of ['10.86.0.1', 'registry-1.docker.io', 'Docker.IO:80']) {
      expect((await get(world, services, host, '/v2/_catalog')).received).toContain('{"repositories":["library/redis"]}');
    }
    for (const host of ['pypi.org', '10.86.0.1'])
      expect((await get(world, services, host, '/simple/')).received).toContain('<a href="flask/">flask</a>');
    expect((await get(world, services, 'docker.io', '/simple/')).received).toMatch(
      /^HTTP\/1\.1 404 Not Found[^]*answers docker pull, pip install, npm install and apt-get install, nothing else/,
    );
    expect((await get(world, services, 'pypi.org', '/v2/')).received).toMatch(/^HTTP\/1\.1 404 [^]*package index of the sandbox/);
  });

  test('hand over a layer and read the catalog once', async () => {
    const { world, site, notices } = madeWorld();
    const readFile = vi.spyOn(site, 'readFile');
    for (let round = 0; round < 2; round++) {
      expect((await get(world, services, '10.86.0.1', `/v2/library/redis/blobs/sha256:${sha256(layer)}`)).body).toEqual(layer);
    }
    expect(readFile).toHaveBeenCalledOnce();
    expect(notices).toEqual([]);
  });

  test('a layer that does not arrive is told in the page until it has arrived after all', async () => {
    const { world, site, notices } = madeWorld();
    const pull = () => get(world, services, '10.86.0.1', `/v2/library/redis/blobs/sha256:${sha256(layer)}`, engine);
    for (let round = 0; round < 2; round++) {
      const gone = vi.spyOn(site, 'readBlob').mockRejectedValue(new Error('no network'));
      await pull();
      expect(notices.splice(0)).toMatchObject([{ code: 'download-failed', message: expect.stringContaining('redis could not be delivered') }]);
      gone.mockRestore();
      expect((await pull()).body).toEqual(layer);
      expect(notices.splice(0)).toMatchObject([{ code: 'download-failed', canRetry: false, resolved: true }]);
    }
    await pull();
    expect(notices).toEqual([]);
  });

  test('a package that is not there is told in the page', async () => {
    const { world, notices } = madeWorld();
    await get(world, services, 'pypi.org', '/simple/numpy/', 'User-Agent: pip/25.1.1');
    await get(world, services, 'pypi.org', '/simple/numpy/', 'User-Agent: pip/25.1.1');
    const message = 'This sandbox has no internet and no Python package numpy. It has: flask.';
    expect(notices).toEqual([{ code: 'no-internet', message, canRetry: false }]);
  });
});

describe('the engine’s proxy', () => {
  test('refuses Docker Hub with what the hub has, each pull with its own', async () => {
    const { world, notices } = madeWorld();
    for (const path of ['foo/manifests/1', 'foo/manifests/1', 'bar/manifests/2'])
      await get(world, services, '10.86.0.1', `/v2/library/${path}`, engine);
    await get(world, services, '10.86.0.1', '/v2/library/by-hand/manifests/1', 'User-Agent: curl/8');
    const said = [
      await connect(world, 'registry-1.docker.io:443'),
      await connect(world, 'registry-1.docker.io:443'),
      await connect(world, 'registry-1.docker.io:443'),
    ];
    expect(said.map(firstLine)).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 403 This sandbox has no internet\. The sandbox's hub has no image foo:1: it is not .* It has: redis\.$/),
      expect.stringMatching(/^HTTP\/1\.1 403 This sandbox has no internet\. The sandbox's hub has no image bar:2: it is not .* It has: redis\.$/),
      expect.stringMatching(/^HTTP\/1\.1 403 This sandbox has no internet: registry-1\.docker\.io cannot be reached\. To push, run .* registry:2, /),
    ]);
    expect(notices).toEqual([]);
  });

  test('says one thing of an image that could not be fetched, however often and differently that failed', async () => {
    const { site } = madeWorld();
    let asked = 0;
    const web = { get: () => Promise.reject(new WebError('refused', `the registry failed for the ${++asked}. time.`)) };
    const codes = new Set<string>();
    const world = new OutsideWorld(site, new BlobLoader(site), ({ code }) => codes.add(code), { web, kept: new MemoryKeptFiles() });
    world.chooseUpstreams({ isOpen: true, settings: { ...NO_UPSTREAMS, registries: ['http://hub.example.org/'] } });
    for (let attempt = 0; attempt < 2; attempt++) await get(world, services, '10.86.0.1', '/v2/made/large/manifests/1', engine);
    expect(firstLine(await connect(world, 'registry-1.docker.io:443'))).toContain(
      'made/large:1 is not available: the registry failed for the 1. time.',
    );
    expect(firstLine(await connect(world, 'registry-1.docker.io:443'))).not.toContain('made/large');
    // Its banner leads to the servers outside.
    expect([...codes]).toEqual(['no-internet']);
  });

  test('forgets a refusal that is long past', async () => {
    const { world } = madeWorld();
    await get(world, services, '10.86.0.1', '/v2/library/foo/manifests/1', engine);
    const later = performance.now() + 30_000;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    expect(firstLine(await connect(world, 'registry-1.docker.io:443'))).toContain('To push');
  });

  test('refuses other registries with what there is instead', async () => {
    const { world } = madeWorld();
    expect(firstLine(await connect(world, 'ghcr.io:443'))).toBe(
      'HTTP/1.1 403 This sandbox has no internet: ghcr.io cannot be reached. Its own hub has: redis.',
    );
  });

  test('is the engine’s mirror too: what BuildKit does not find there is told as the engine’s own', async () => {
    const { world } = madeWorld();
    const ask = (path: string) => get(world, '127.0.0.1:3128', '127.0.0.1:3128', `/v2/library/${path}?ns=docker.io`, 'User-Agent: buildkit/v0.13');
    expect(firstLine(await ask('redis/manifests/latest'))).toBe('HTTP/1.1 200 OK');
    expect(firstLine(await ask('foo/manifests/1'))).toBe('HTTP/1.1 404 Not Found');
    expect(firstLine(await connect(world, 'registry-1.docker.io:443'))).toContain("The sandbox's hub has no image foo:1: ");
  });

  test('lets plain HTTP through to the services, and nowhere else', async () => {
    const { world } = madeWorld();
    const ask = (url: string) => call(world, '127.0.0.1:3128', `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect((await ask('http://10.86.0.1/v2/_catalog')).received).toContain('library/redis');
    expect(firstLine(await ask('http://example.org/x'))).toBe('HTTP/1.1 403 No internet in this sandbox: example.org is not here');
  });
});

describe('the nearest image', () => {
  const ask = (world: OutsideWorld, image: string) => get(world, services, '10.86.0.1', `/v2/library/${image}`, engine);

  test('is named to the engine, in one line', async () => {
    const { world } = madeWorld();
    await ask(world, 'redis/manifests/7-alpine');
    expect(firstLine(await connect(world, 'registry-1.docker.io:443'))).toBe(
      "HTTP/1.1 403 This sandbox has no internet. The sandbox's hub has no image redis:7-alpine: use redis:latest.",
    );
  });

  test('answers where that is switched on, and the page is told of each pull', async () => {
    const { world, notices } = madeWorld();
    world.giveNearest(true);
    for (const tag of ['7-alpine', '7-alpine', '6']) expect((await ask(world, `redis/manifests/${tag}`)).received).toMatch(/^HTTP\/1\.1 200 /);
    const first = 'The nearest image answers, because that is switched on: here redis:7-alpine is redis:latest.';
    const both = 'The nearest image answers, because that is switched on: here redis:7-alpine is redis:latest; redis:6 is redis:latest.';
    expect(notices).toEqual([first, first, both].map(message => ({ code: 'nearest-image', message, canRetry: false })));
    const later = performance.now() + 60_000;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    await ask(world, 'redis/manifests/6');
    expect(notices.at(-1)?.message).toBe('The nearest image answers, because that is switched on: here redis:6 is redis:latest.');
  });
});

describe("Debian's archive", () => {
  test('answers under its names, at whichever address they lead to', async () => {
    const { world, notices } = madeWorld();
    for (const service of [services, '10.86.0.2:80']) {
      expect((await get(world, service, 'deb.debian.org', '/debian/dists/trixie/InRelease')).received).toMatch(/^HTTP\/1\.1 200 [^]*signed$/);
    }
    expect(notices).toEqual([]);
  });

  test('tells of a package that it lacks, and of one whose lists were not fetched', async () => {
    const { world, notices } = madeWorld();
    await world.tellOfUnknownPackage('nosuchthing');
    expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining('no Debian package nosuchthing')]);
    const other = madeWorld();
    await other.world.tellOfUnknownPackage('curl:i386');
    expect(other.notices.map(({ message }) => message)).toEqual([expect.stringMatching(/has for Debian 13 \(trixie\): run apt-get update first/)]);
    const without = madeWorld(false);
    await without.world.tellOfUnknownPackage('curl');
    expect(without.notices).toEqual([]);
  });

  test('tells where to look for a package that it lacks, if the site names a mirror', async () => {
    const { site, notices } = madeWorld();
    const wayOut = { web: createWeb(() => expect.unreachable()), kept: new MemoryKeptFiles() };
    const world = new OutsideWorld(site, new BlobLoader(site), notice => notices.push(notice), wayOut);
    world.chooseUpstreams({ settings: { ...NO_UPSTREAMS, debian: 'https://mirror.example/debian/' }, isOpen: false });
    await world.tellOfUnknownPackage('rig');
    expect(notices.map(({ message }) => message)).toEqual([
      expect.stringMatching(/no Debian package rig, and its network is off.* to look at mirror\.example/),
    ]);
  });
});

describe('the rest of the internet', () => {
  test('tells git how the files of a repository get here all the same', async () => {
    const { world } = madeWorld();
    const answer = await get(world, '10.86.0.2:80', 'github.com', '/a/b.git/info/refs?service=git-upload-pack', 'User-Agent: git/2.47.3');
    expect(firstLine(answer)).toBe('HTTP/1.1 403 No internet in this sandbox');
    expect(answer.received).toMatch(/Content-Type: text\/plain\r\n[^]*github\.com cannot be reached\.\nDownload the repository as a zip/);
  });

  test('is refused in plain words, and told in the page once', async () => {
    const { world, notices } = madeWorld();
    for (let round = 0; round < 2; round++) {
      const client = await get(world, '10.86.0.2:80', 'archive.ubuntu.com', '/ubuntu/dists/noble/InRelease');
      expect(client.received).toBe(
        'HTTP/1.1 403 No internet in this sandbox: archive.ubuntu.com is not here\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 351\r\n\r\n' +
          'This sandbox has no internet: archive.ubuntu.com cannot be reached.\nWhat is here instead:\n  docker pull: redis\n  pip install: flask\n' +
          '  npm install: what tutorials install most, express among them\n' +
          '  apt-get install: 1 packages of Debian 13 (trixie)\n' +
          '  A port that a container publishes (docker run -p 8080:80 ...) opens in the preview beside the editor.\n',
      );
    }
    expect(notices).toEqual([{ code: 'no-internet', message: expect.stringContaining('tried to reach archive.ubuntu.com'), canRetry: false }]);
  });

  test('is refused over TLS too', async () => {
    const { world } = madeWorld();
    const client = await call(world, '10.86.0.2:443', '\x16\x03\x01\x00\x01\x01');
    expect(client.received).toBe('\x15\x03\x03\x00\x02\x02\x31');
  });

  test('a name that is no name is not repeated', async () => {
    const { world, notices } = madeWorld();
    expect(firstLine(await get(world, '10.86.0.2:80', '<b>"x"', '/'))).toBe('HTTP/1.1 403 No internet in this sandbox: that address is not here');
    expect(notices[0]?.message).toContain('tried to reach that address');
  });
});

test('without its catalogs each service says what is missing, and looks again the next time', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const { world, site, notices } = madeWorld(false);
  const refused = {
    code: 'download-failed',
    message: expect.stringMatching(/list of the hub's images could not be downloaded: the server answered 404/),
  };
  await expect(world.images()).rejects.toMatchObject(refused);
  expect(firstLine(await get(world, services, '10.86.0.1', '/v2/library/redis/manifests/latest', engine))).toContain('503');
  expect(notices).toMatchObject([refused]);
  expect(firstLine(await connect(world, 'registry-1.docker.io:443'))).toMatch(/403 The list of the hub's images could not be downloaded/);
  expect((await get(world, '10.86.0.2:80', 'example.org', '/')).received).toContain('docker pull: the images of the library');
  site.files.set('hub.json', '{');
  await expect(world.images()).rejects.toMatchObject({ code: 'download-damaged' });
  site.files.set('hub.json', '{"format":999}');
  await expect(world.images()).rejects.toMatchObject({ code: 'snapshot-mismatch' });
  site.files.set('hub.json', madeWorld().site.files.get('hub.json')!);
  expect((await world.images()).map(image => image.name)).toEqual(['redis']);
}, 60_000);

test('a service that is not there is said to be a fault of ours', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect((await call(madeWorld().world, '10.86.0.3:1', 'x')).received).toBe('');
  expect(log).toHaveBeenCalledOnce();
});

test('closing drops what is open', async () => {
  const { world } = madeWorld();
  const client = new FakeClient();
  world.take({ service: services, connection: client.connection });
  expect(client.isClosed).toBe(false);
  world.close();
  await expect.poll(() => client.isClosed).toBe(true);
});
