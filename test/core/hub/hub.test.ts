import { describe, expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { Hub, type HubStandIn, type HubTrouble } from '../../../src/core/hub/hub.ts';
import { checkHubCatalog, HUB_CATALOG_FORMAT, type HubCatalog, type HubLayer } from '../../../src/core/hub/hub-catalog.ts';
import { serveHttp } from '../../../src/core/network/http-server.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { FakeClient, get } from '../network/fake-client.ts';
import { MadeSite, sha256, someBytes } from './made-pieces.ts';

const site = new MadeSite();
const base = someBytes(10_000);
const top = someBytes(3000, 2);

function layerOf(bytes: Uint8Array): HubLayer {
  return { digest: `sha256:${sha256(bytes)}`, content: site.store(bytes, 4096) };
}

const [baseLayer, topLayer] = [layerOf(base), layerOf(top)];
const catalog: HubCatalog = {
  format: HUB_CATALOG_FORMAT,
  images: [
    { repository: 'library/debian', tags: ['13-slim', 'trixie-slim'], description: 'Debian.', config: '{"os":"linux"}', layers: [baseLayer] },
    { repository: 'library/redis', tags: ['latest', '8'], description: 'A store.', config: '{"a": 1}', layers: [baseLayer, topLayer] },
    { repository: 'library/redis', tags: ['7'], description: 'An old store.', config: '{"a": 2}', layers: [baseLayer] },
    { repository: 'traefik/whoami', tags: ['latest'], description: 'Says who it is.', config: '{}', layers: [] },
  ],
};

const loader = new BlobLoader(site);
const load = (name: string, bytes: number) => loader.load(name, bytes);

function madeHub(): { hub: Hub; troubles: HubTrouble[] } {
  const hub = new Hub(() => Promise.resolve(catalog), load);
  const troubles: HubTrouble[] = [];
  hub.onTrouble(trouble => troubles.push(trouble));
  return { hub, troubles };
}

const { hub } = madeHub();
const headerOf = (client: FakeClient, name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(client.received)?.[1];
const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const jsonOf = (client: FakeClient) => JSON.parse(Buffer.from(client.body).toString()) as Record<string, unknown>;

describe('the registry', () => {
  test('says that it is one, also without its catalog', async () => {
    const lost = new Hub(() => expect.unreachable(), load);
    for (const path of ['/v2/', '/v2']) {
      const client = await get(lost.handle, path);
      expect([statusOf(client), headerOf(client, 'Docker-Distribution-API-Version'), jsonOf(client)]).toEqual([200, 'registry/2.0', {}]);
    }
  });

  test('gives a manifest by tag and by its digest, with GET and HEAD', async () => {
    const byTag = await get(hub.handle, '/v2/library/redis/manifests/latest');
    const digest = `sha256:${sha256(byTag.body)}`;
    expect([headerOf(byTag, 'Content-Type'), headerOf(byTag, 'Docker-Content-Digest')]).toEqual([
      'application/vnd.oci.image.manifest.v1+json',
      digest,
    ]);
    expect(jsonOf(byTag)).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${sha256('{"a": 1}')}`, size: 8 },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: baseLayer.digest, size: 10_000 },
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: topLayer.digest, size: 3000 },
      ],
    });
    expect((await get(hub.handle, `/v2/library/redis/manifests/${digest}`)).body).toEqual(byTag.body);
    const head = await get(hub.handle, '/v2/library/redis/manifests/8', [], 'HEAD');
    expect([headerOf(head, 'Docker-Content-Digest'), headerOf(head, 'Content-Length'), head.body.length]).toEqual([
      digest,
      String(byTag.body.length),
      0,
    ]);
    expect((await get(hub.handle, '/v2/library/redis/manifests/7')).body).not.toEqual(byTag.body);
  });

  test('gives configurations and layers by digest', async () => {
    const config = await get(hub.handle, `/v2/library/redis/blobs/sha256:${sha256('{"a": 1}')}`);
    expect(Buffer.from(config.body).toString()).toBe('{"a": 1}');
    const layer = await get(hub.handle, `/v2/library/redis/blobs/${baseLayer.digest}`);
    expect([headerOf(layer, 'Content-Length'), headerOf(layer, 'Docker-Content-Digest')]).toEqual(['10000', baseLayer.digest]);
    expect(layer.body).toEqual(base);
    const head = await get(hub.handle, `/v2/library/redis/blobs/${topLayer.digest}`, [], 'HEAD');
    expect([headerOf(head, 'Content-Length'), head.body.length]).toEqual(['3000', 0]);
  });

  test('goes on with a layer where the engine asks for the rest of it, at any offset', async () => {
    const path = `/v2/library/redis/blobs/${topLayer.digest}`;
    for (const start of [1, 100, 2999]) {
      const rest = await get(hub.handle, path, [`Range: bytes=${start}-`]);
      expect([statusOf(rest), headerOf(rest, 'Content-Range'), rest.body]).toEqual([206, `bytes ${start}-2999/3000`, top.subarray(start)]);
    }
    expect(headerOf(await get(hub.handle, path, ['Range: bytes=3000-']), 'Content-Range')).toBe('bytes */3000');
    const config = await get(hub.handle, `/v2/library/redis/blobs/sha256:${sha256('{"a": 1}')}`, ['Range: bytes=3-4']);
    expect(Buffer.from(config.body).toString()).toBe('":');
  });

  test('lists its images and their tags, by the page where that is asked for', async () => {
    expect(jsonOf(await get(hub.handle, '/v2/_catalog'))).toEqual({ repositories: ['library/debian', 'library/redis', 'traefik/whoami'] });
    const first = await get(hub.handle, '/v2/library/redis/tags/list?n=2');
    expect(jsonOf(first)).toEqual({ name: 'library/redis', tags: ['7', '8'] });
    const link = headerOf(first, 'Link');
    expect(link).toBe('</v2/library/redis/tags/list?n=2&last=8>; rel="next"');
    const second = await get(hub.handle, link!.slice(1, link!.indexOf('>')));
    expect([jsonOf(second), headerOf(second, 'Link')]).toEqual([{ name: 'library/redis', tags: ['latest'] }, undefined]);
    expect(jsonOf(await get(hub.handle, '/v2/_catalog?n=0'))).toEqual({ repositories: [] });
    expect(statusOf(await get(hub.handle, '/v2/_catalog?n=x'))).toBe(400);
  });
});

/** [path, status, code, message] */
const refusals: [string, number, string, RegExp][] = [
  [
    '/v2/foo/bar/manifests/1',
    404,
    'NAME_UNKNOWN',
    /has no image foo\/bar:1: it is not .* docker build -t foo\/bar:1 \. It has: debian:13-slim, redis, traefik\/whoami\.$/,
  ],
  ['/v2/library/foo/tags/list', 404, 'NAME_UNKNOWN', /no image foo: it is not among/],
  [
    '/v2/library/ubuntu/manifests/22.04',
    404,
    'NAME_UNKNOWN',
    /has no image ubuntu:22\.04: use debian:13-slim: Ubuntu is made from Debian and has the same apt\.$/,
  ],
  ['/v2/library/redis/manifests/99', 404, 'MANIFEST_UNKNOWN', /has no image redis:99: use redis:8\. There is also redis:7\.$/],
  ['/v2/library/debian/manifests/latest', 404, 'MANIFEST_UNKNOWN', /has no image debian:latest: use debian:13-slim\.$/],
  [
    `/v2/library/redis/manifests/sha256:${'0'.repeat(64)}`,
    404,
    'MANIFEST_UNKNOWN',
    /has no image redis@sha256:0{64}: the nearest is redis:8: a digest names/,
  ],
  [`/v2/traefik/whoami/blobs/${topLayer.digest}`, 404, 'BLOB_UNKNOWN', /has no part sha256/],
  ['/v2/library/redis', 404, 'NAME_INVALID', /not an address of a registry/],
  ['/v2/Library/redis/manifests/8', 404, 'NAME_INVALID', /not an address of a registry/],
  ['/v2/%zz/manifests/8', 404, 'NAME_INVALID', /not an address of a registry/],
];
test.each(refusals)('%s is refused with %d %s', async (path, status, code, message) => {
  const client = await get(hub.handle, path);
  // The engine prints it as the reason after a status.
  expect(client.received).toMatch(/^[\r\n\x20-\x7e]*$/);
  expect([statusOf(client), headerOf(client, 'Content-Type')]).toEqual([status, 'application/json']);
  expect(jsonOf(client)).toEqual({ errors: [{ code, message: expect.stringMatching(message), detail: null }] });
});

test('a push is refused with the way to a registry of one’s own', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const client = await get(hub.handle, '/v2/library/redis/blobs/uploads/', [], method);
    expect([statusOf(client), headerOf(client, 'Allow')]).toEqual([405, 'GET, HEAD']);
    expect(jsonOf(client)).toMatchObject({
      errors: [{ code: 'UNSUPPORTED', message: expect.stringContaining('docker run -d -p 5000:5000 registry:2') }],
    });
  }
});

test('who was refused what is told, and whether the engine asked', async () => {
  const { hub, troubles } = madeHub();
  await get(hub.handle, '/v2/library/foo/manifests/1', ['User-Agent: docker/26.1.5 go/go1.24']);
  await get(hub.handle, '/v2/library/foo/manifests/1', ['User-Agent: curl/8']);
  await get(hub.handle, '/v2/library/redis/manifests/8');
  expect(troubles).toEqual([
    { isUnknown: true, message: expect.stringContaining('no image foo'), isFromEngine: true },
    { isUnknown: true, message: expect.stringContaining('no image foo'), isFromEngine: false },
  ]);
});

test('the parts of the engine that pull for BuildKit count as the engine', async () => {
  const { hub, troubles } = madeHub();
  for (const agent of ['buildkit/v0.13', 'containerd/1.7.24', 'Wget']) await get(hub.handle, '/v2/library/foo/manifests/1', [`User-Agent: ${agent}`]);
  expect(troubles.map(({ isFromEngine }) => isFromEngine)).toEqual([true, true, false]);
});

describe('the nearest image in the place of another', () => {
  interface Config {
    readonly os: string;
    readonly config: { readonly Labels: Record<string, string> };
  }
  function givingHub(): { hub: Hub; standIns: HubStandIn[] } {
    const { hub } = madeHub();
    hub.givesNearest = true;
    const standIns: HubStandIn[] = [];
    hub.onStandIn(standIn => standIns.push(standIn));
    return { hub, standIns };
  }

  test('has its layers, and labels that say what it is; all digests fit', async () => {
    const { hub, standIns } = givingHub();
    const answer = await get(hub.handle, '/v2/library/ubuntu/manifests/22.04');
    const digest = `sha256:${sha256(answer.body)}`;
    expect([statusOf(answer), headerOf(answer, 'Docker-Content-Digest')]).toEqual([200, digest]);
    const { config, layers } = jsonOf(answer) as { config: { digest: string; size: number }; layers: { digest: string }[] };
    expect(layers.map(layer => layer.digest)).toEqual([baseLayer.digest]);
    const blob = await get(hub.handle, `/v2/library/ubuntu/blobs/${config.digest}`);
    expect([`sha256:${sha256(blob.body)}`, blob.body.length]).toEqual([config.digest, config.size]);
    const { os, config: inner } = JSON.parse(Buffer.from(blob.body).toString()) as Config;
    expect([os, inner.Labels]).toEqual([
      'linux',
      {
        'dev.drydock.stand-in.asked': 'ubuntu:22.04',
        'dev.drydock.stand-in.is': 'debian:13-slim',
        'dev.drydock.stand-in.why': 'Ubuntu is made from Debian and has the same apt',
      },
    ]);
    expect((await get(hub.handle, `/v2/library/ubuntu/blobs/${baseLayer.digest}`)).body).toEqual(base);
    expect((await get(hub.handle, `/v2/library/ubuntu/manifests/${digest}`)).body).toEqual(answer.body);
    expect((await get(hub.handle, '/v2/library/ubuntu/manifests/22.04')).body).toEqual(answer.body);
    const told = { asked: 'ubuntu:22.04', given: 'debian:13-slim', why: 'Ubuntu is made from Debian and has the same apt' };
    expect(standIns).toEqual([told, told]);
  });

  test('answers for another tag of an image that is there', async () => {
    const { hub, standIns } = givingHub();
    const answer = await get(hub.handle, '/v2/library/redis/manifests/7-alpine', [], 'HEAD');
    expect([statusOf(answer), standIns]).toEqual([200, [{ asked: 'redis:7-alpine', given: 'redis:7', why: undefined }]]);
    expect(headerOf(await get(hub.handle, '/v2/library/redis/manifests/7'), 'Docker-Content-Digest')).not.toBe(
      headerOf(answer, 'Docker-Content-Digest'),
    );
  });

  test('never answers for what is something else, for a digest, or for nothing like it', async () => {
    const { hub, standIns } = givingHub();
    for (const name of [
      'library/centos/manifests/7',
      `library/redis/manifests/sha256:${'0'.repeat(64)}`,
      'library/mongo/manifests/latest',
      'bitnami/redis/manifests/8',
    ])
      expect(statusOf(await get(hub.handle, `/v2/${name}`)), name).toBe(404);
    expect(standIns).toEqual([]);
  });

  test('answers only while that is switched on, and lists stay as they are', async () => {
    const { hub } = givingHub();
    await get(hub.handle, '/v2/library/ubuntu/manifests/22.04');
    expect(jsonOf(await get(hub.handle, '/v2/_catalog'))).toEqual({ repositories: ['library/debian', 'library/redis', 'traefik/whoami'] });
    hub.givesNearest = false;
    expect(statusOf(await get(hub.handle, '/v2/library/ubuntu/manifests/22.04'))).toBe(404);
    expect(statusOf(await get(madeHub().hub.handle, '/v2/library/ubuntu/manifests/22.04'))).toBe(404);
  });
});

describe('a piece of a layer', () => {
  const [first, second] = baseLayer.content.pieces;
  const path = `/v2/library/redis/blobs/${baseLayer.digest}`;
  const damaged = (name: string) => site.blobs.get(name)!.map((byte, index) => (index === 20 ? byte ^ 1 : byte));

  test('that arrives damaged or not at all is fetched again', async () => {
    site.faults.set(second!.sha256, [damaged(second!.sha256), new Error('the server answered 502')]);
    expect((await get(hub.handle, path)).body).toEqual(base);
  });

  test('that stays damaged breaks the connection off, is told, and the engine can go on from there later', async () => {
    const { hub, troubles } = madeHub();
    site.faults.set(
      second!.sha256,
      Array.from({ length: 4 }, () => damaged(second!.sha256)),
    );
    const client = await get(hub.handle, path);
    expect(headerOf(client, 'Content-Length')).toBe('10000');
    expect(client.body).toEqual(base.subarray(0, 4096));
    expect([client.hasEnded, client.isClosed]).toEqual([false, true]);
    expect(troubles).toMatchObject([{ isUnknown: false, message: expect.stringMatching(/layer of the image redis could not .*damaged 4 times/) }]);
    expect((await get(hub.handle, path, ['Range: bytes=4096-'])).body).toEqual(base.subarray(4096));
  });

  test('is not fetched any more once the client has gone', async () => {
    site.asked.length = 0;
    const client = new FakeClient();
    const over = serveHttp(client.connection, hub.handle);
    client.hold();
    client.send(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await new Promise(resolve => setTimeout(resolve, 20));
    client.end(new SandboxError('guest-unreachable', 'gone'));
    await over;
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(site.asked).not.toContain(baseLayer.content.pieces[2]!.sha256);
    expect(site.asked.filter(name => name !== first!.sha256 && name !== second!.sha256)).toEqual([]);
  });
});

test('a catalog that cannot be read is an answer too, and is asked for again', async () => {
  let isThere = false;
  const late = new Hub(() => (isThere ? Promise.resolve(catalog) : Promise.reject(new SandboxError('download-failed', 'The list is away.'))), load);
  const troubles: HubTrouble[] = [];
  late.onTrouble(trouble => troubles.push(trouble));
  const client = await get(late.handle, '/v2/library/redis/manifests/8', ['User-Agent: docker/26.1.5']);
  expect([statusOf(client), jsonOf(client)]).toEqual([503, { errors: [{ code: 'UNAVAILABLE', message: 'The list is away.', detail: null }] }]);
  expect(troubles).toEqual([{ isUnknown: false, message: 'The list is away.', isFromEngine: true }]);
  await expect(late.images()).rejects.toMatchObject({ code: 'download-failed' });
  isThere = true;
  expect(statusOf(await get(late.handle, '/v2/library/redis/manifests/8'))).toBe(200);
});

test('the library panel is told names, sizes and what is shared', async () => {
  const wire = (layer: HubLayer) => layer.content.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  const images = await hub.images();
  expect(images.map(({ name, isOfficial }) => [name, isOfficial])).toEqual([
    ['debian', true],
    ['redis', true],
    ['redis', true],
    ['traefik/whoami', false],
  ]);
  expect(images[1]).toEqual({
    name: 'redis',
    tags: ['latest', '8'],
    description: 'A store.',
    isOfficial: true,
    bytes: 13_000,
    wireBytes: wire(baseLayer) + wire(topLayer),
    layers: [
      { digest: baseLayer.digest, bytes: 10_000, wireBytes: wire(baseLayer), sharedWith: ['debian:13-slim', 'redis:7'] },
      { digest: topLayer.digest, bytes: 3000, wireBytes: wire(topLayer), sharedWith: [] },
    ],
  });
});

test('a catalog of another format is refused in plain words', () => {
  expect(checkHubCatalog(catalog)).toBe(catalog);
  for (const value of [null, {}, { format: 999, images: [] }, { format: HUB_CATALOG_FORMAT }])
    expect(() => checkHubCatalog(value)).toThrow(/another version/);
});
