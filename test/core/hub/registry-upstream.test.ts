import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Hub, type HubTrouble } from '../../../src/core/hub/hub.ts';
import { HUB_CATALOG_FORMAT } from '../../../src/core/hub/hub-catalog.ts';
import { RegistryUpstream } from '../../../src/core/hub/registry-upstream.ts';
import { UpstreamImages } from '../../../src/core/hub/upstream-images.ts';
import { MemoryKeptFiles } from '../../../src/core/upstream/kept-files.ts';
import { UpstreamClient } from '../../../src/core/upstream/upstream-client.ts';
import { createWeb } from '../../../src/core/upstream/web.ts';
import { madeImage, serveImage, type MadeImage } from '../../support/outside-image.ts';
import { OutsideServer } from '../../support/outside-server.ts';
import { get, type FakeClient } from '../network/fake-client.ts';
import { sha256 } from './made-pieces.ts';

const hubImage = { repository: 'library/python', tags: ['3.13-slim'], description: 'x', config: '{}', layers: [] };
const web = createWeb((address, options) => fetch(address, options));
const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const headerOf = (client: FakeClient, name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(client.received)?.[1];
const textOf = (client: FakeClient) => Buffer.from(client.body).toString();

let server: OutsideServer;
let hub: Hub;
let troubles: HubTrouble[];
let kept: MemoryKeptFiles;
let image: MadeImage;

function open(addresses: readonly string[] = [server.address]): void {
  hub = new Hub(
    () => Promise.resolve({ format: HUB_CATALOG_FORMAT, images: [hubImage] }),
    () => expect.unreachable(),
  );
  troubles = [];
  hub.onTrouble(trouble => troubles.push(trouble));
  const client = new UpstreamClient(web, kept, 500);
  hub.upstreams = addresses.map(address => new RegistryUpstream(client, address, new AbortController().signal));
}

beforeEach(async () => {
  server = await OutsideServer.start();
  kept = new MemoryKeptFiles();
  image = await madeImage(['gzip', 'zstd', 'none']);
  open();
});
afterEach(() => server.stop());

const manifest = (reference: string, name = 'library/tool', method = 'GET') => get(hub.handle, `/v2/${name}/manifests/${reference}`, [], method);
const blob = (digest: string, headers: string[] = []) => get(hub.handle, `/v2/library/tool/blobs/${digest}`, headers);
type Manifest = { config: { digest: string }; layers: { digest: string; size: number; mediaType: string }[] };

describe('an image outside', () => {
  test('is that of this machine, with its layers unpacked; its configuration, and so its id, is the same as everywhere', async () => {
    serveImage(server, 'library/tool', '1', { amd64: await madeImage(['gzip'], { architecture: 'amd64' }), '386': image });
    const head = await manifest('1', 'library/tool', 'HEAD');
    const answer = await manifest('1');
    expect(headerOf(head, 'Docker-Content-Digest')).toBe(`sha256:${sha256(answer.body)}`);
    const { config, layers } = JSON.parse(textOf(answer)) as Manifest;
    expect(layers.map(({ digest, mediaType, size }) => [digest, mediaType, size])).toEqual(
      image.tars.map(tar => [`sha256:${sha256(tar)}`, 'application/vnd.oci.image.layer.v1.tar', tar.length]),
    );
    expect((await blob(config.digest)).body).toEqual(new Uint8Array(image.config));
    for (const [index, { digest }] of layers.entries()) expect((await blob(digest)).body).toEqual(new Uint8Array(image.tars[index]!));
    // A download that broke off goes on where it was.
    expect((await blob(layers[1]!.digest, ['Range: bytes=1000-'])).body).toEqual(new Uint8Array(image.tars[1]!.subarray(1000)));
    expect(troubles).toEqual([]);
  });

  test('is fetched once, and is there without a network too', async () => {
    serveImage(server, 'library/tool', '1', image);
    await manifest('1');
    const { layers } = JSON.parse(textOf(await manifest('1'))) as Manifest;
    for (const { digest } of layers) await blob(digest);
    expect(server.asked.filter(path => path.includes('/blobs/')).sort()).toEqual(
      [...image.blobs.keys()].map(digest => `/v2/library/tool/blobs/${digest}`).sort(),
    );
    await server.stop();
    open();
    const again = JSON.parse(textOf(await manifest('1'))) as Manifest;
    expect(again.layers).toEqual(layers);
    expect((await blob(layers[0]!.digest)).body).toEqual(new Uint8Array(image.tars[0]!));
  });

  test('asked for by its digest is the very one, for the engine to unpack', async () => {
    serveImage(server, 'library/tool', '1', { '386': image });
    const digest = `sha256:${sha256(image.manifest)}`;
    const answer = await manifest(digest);
    expect([headerOf(answer, 'Docker-Content-Digest'), headerOf(answer, 'Content-Type')]).toEqual([
      digest,
      'application/vnd.docker.distribution.manifest.v2+json',
    ]);
    expect(answer.body).toEqual(new Uint8Array(image.manifest));
    for (const [name, bytes] of image.blobs) expect((await blob(name)).body).toEqual(new Uint8Array(bytes));
  });

  test('whose layer no browser unpacks is handed on packed', async () => {
    image = await madeImage(['bzip2', 'gzip']);
    serveImage(server, 'library/tool', '1', image);
    const { layers } = JSON.parse(textOf(await manifest('1'))) as Manifest;
    const whole = [...image.blobs.entries()][1]!;
    expect(layers[0]).toEqual({ digest: whole[0], size: whole[1].length, mediaType: 'application/vnd.oci.image.layer.v1.tar+bzip2' });
    expect((await blob(whole[0])).body).toEqual(new Uint8Array(whole[1]));
  });

  test('is looked for in one registry after the other, and the own hub comes first', async () => {
    const second = await OutsideServer.start();
    serveImage(second, 'library/tool', '1', image);
    open([server.address, second.address]);
    expect(statusOf(await manifest('1'))).toBe(200);
    server.asked.length = second.asked.length = 0;
    expect(statusOf(await manifest('3.13-slim', 'library/python'))).toBe(200);
    expect([...server.asked, ...second.asked]).toEqual([]);
    await second.stop();
  });
});

describe('an image that cannot be had says why', () => {
  const refused = async (reference: string, name?: string): Promise<string> => {
    const answer = await manifest(reference, name);
    expect(statusOf(answer)).toBe(404);
    return troubles.at(-1)!.message;
  };

  test('for other machines only, from a list and alone', async () => {
    const other = await madeImage(['gzip'], { architecture: 'amd64' });
    serveImage(server, 'library/python', '3.12-alpine', { amd64: other, arm64: await madeImage(['gzip'], { architecture: 'arm64' }) });
    const words = `python:3.12-alpine is not available: ${server.host} has it for amd64, arm64 only, and this machine is a 32-bit PC (linux/386). From the sandbox's own hub: use python:3.13-slim.`;
    expect(await refused('3.12-alpine', 'library/python')).toBe(words);
    serveImage(server, 'library/tool', '1', other);
    expect(await refused('1')).toContain('has it for amd64 only');
  });

  test('unless the nearest image may answer to its name, as the learner wants it', async () => {
    serveImage(server, 'library/python', '3.12-alpine', { amd64: await madeImage(['gzip'], { architecture: 'amd64' }) });
    hub.givesNearest = true;
    expect(statusOf(await manifest('3.12-alpine', 'library/python'))).toBe(200);
    expect(troubles).toEqual([]);
  });

  test('in neither place', async () => {
    expect(await refused('3.99', 'library/python')).toMatch(
      /^The sandbox's hub and 127\.0\.0\.1:\d+ have no image python:3\.99: use python:3\.13-slim\./,
    );
  });

  test('with a registry that is silent, dies, breaks its own digests, or is gone', async () => {
    serveImage(server, 'library/tool', '1', image);
    const layer = `/v2/library/tool/blobs/${[...image.blobs.keys()][1]}`;
    const good = server.answers.get(layer)!;
    server.answers.set(layer, { ...good, fault: 'dies' });
    expect(await refused('1')).toContain('stopped in the middle of layer 1 of tool:1');
    server.answers.set(layer, { fault: 'silent' });
    expect(await refused('1')).toContain('has sent nothing for');
    server.answers.set(layer, { body: 'something else' });
    expect(await refused('1')).toContain('is not what it should be: its sha256 is different');
    server.answers.set(layer, { status: 401 });
    expect(await refused('1')).toContain('answers 401');
    server.answers.set('/v2/library/tool/manifests/2', { status: 401 });
    expect(await refused('2')).toContain('wants a login for the manifest of tool:2 (401)');
    // After all that, with the fault away, it comes.
    server.answers.set(layer, good);
    expect(statusOf(await manifest('1'))).toBe(200);
    await server.stop();
    expect(await refused('5')).toContain(`${server.host} cannot be reached`);
  });

  test('while the network is off, where it could be switched on', async () => {
    hub.upstreams = [];
    hub.offered = 'hub.example.org';
    expect(await refused('1')).toMatch(/Or switch it on \(Network, .*\) to look at hub\.example\.org\.$/);
  });
});

test('a download that nobody waits for is called off, and begins anew when it is asked for again', async () => {
  serveImage(server, 'library/tool', '1', image);
  const layer = [...server.answers.keys()].find(path => path.includes('/blobs/') && path.endsWith(sha256(image.tars[2]!)))!;
  const whole = server.answers.get(layer)!;
  server.answers.set(layer, { ...whole, fault: 'slow' });
  const states: string[] = [];
  const client = new UpstreamClient(web, kept, 60_000);
  client.onTransfer(({ state, what }) => void (what.startsWith('layer 3') && states.push(state)));
  const upstreams = [new RegistryUpstream(client, server.address, new AbortController().signal)];
  const images = new UpstreamImages(20);
  const puller = new AbortController();
  const pulled = images.manifest(upstreams, 'library/tool', '1', puller.signal);
  pulled.catch(() => undefined);
  await expect.poll(() => states).toContain('running');
  puller.abort();
  await expect(pulled).rejects.toThrow();
  expect(states.at(-1)).toBe('failed');
  server.answers.set(layer, whole);
  expect(await images.manifest(upstreams, 'library/tool', '1', new AbortController().signal)).toBeDefined();
});
