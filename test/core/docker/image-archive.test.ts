import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packTar, unpackTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { problemOf, readImageArchive, type ImageArchive } from '../../../src/core/docker/image-archive.ts';
import { packingOf, unpackedPieces } from '../../../src/core/base/packed-file.ts';

const layer = Buffer.from('a layer that is no JSON');

/** A blob of an OCI image layout: its path and its descriptor. */
function blob(content: object | Buffer, more: object = {}) {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { file: [`blobs/sha256/${hash}`, bytes] as const, descriptor: { digest: `sha256:${hash}`, size: bytes.length, ...more } };
}

function tar(files: readonly (readonly [string, Buffer])[]): Promise<Uint8Array> {
  return packTar(files.map(([name, body]) => ({ header: { name, size: body.length, type: 'file' as const }, body })));
}

function saved(architecture: string, names: readonly string[] = ['student/hello:v1']): Promise<Uint8Array> {
  const config = blob({ os: 'linux', architecture });
  const layers = blob(layer);
  const manifest = [{ Config: config.file[0], RepoTags: names, Layers: [layers.file[0]] }];
  return tar([['./manifest.json', Buffer.from(JSON.stringify(manifest))], config.file, layers.file]);
}

function layout(architectures: readonly string[], annotations?: object): Promise<Uint8Array> {
  const files: (readonly [string, Buffer])[] = [];
  const store = (content: object | Buffer, more?: object) => {
    const { file, descriptor } = blob(content, more);
    files.push(file);
    return descriptor;
  };
  const manifests = architectures.map(architecture =>
    store({ config: store({ os: 'linux', architecture }), layers: [store(layer)] }, { mediaType: 'application/vnd.oci.image.manifest.v1+json' }),
  );
  const attestation = store(
    { config: store({ architecture: 'unknown' }), layers: [store(layer)] },
    { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
  );
  const index = store({ manifests: [...manifests, attestation] }, { mediaType: 'application/vnd.oci.image.index.v1+json', annotations });
  const heads = { 'oci-layout': { imageLayoutVersion: '1.0.0' }, 'index.json': { manifests: [index] } };
  return tar([...files, ...Object.entries(heads).map(([name, value]) => [name, Buffer.from(JSON.stringify(value))] as const)]);
}

/** As a file arrives: in pieces that end anywhere. */
async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 333) yield await Promise.resolve(bytes.slice(at, at + 333));
}

async function read(bytes: Uint8Array): Promise<ImageArchive> {
  const archive = await readImageArchive(cut(bytes), 'course:latest');
  expect(archive).toBeDefined();
  return archive!;
}

describe('what docker save has written', () => {
  test('is given to the engine as it is', async () => {
    const archive = await read(await saved('386'));
    expect(archive).toMatchObject({ images: [{ names: ['student/hello:v1'], platform: 'linux/386' }], others: [], prefix: new Uint8Array() });
    expect(archive.entries).toHaveLength(1);
    expect(problemOf(archive)).toBeUndefined();
  });

  test('is refused where it is for other computers, with what to do', async () => {
    expect(problemOf(await read(await saved('amd64')))).toMatch(/for linux\/amd64\. .*runs images for linux\/386 only.*--platform linux\/386/);
  });
});

describe('an OCI image layout', () => {
  test('gets the manifest.json that the engine needs, of the image that runs here', async () => {
    const archive = await read(await layout(['amd64', '386', 'arm64'], { 'io.containerd.image.name': 'docker.io/student/app:v2' }));
    expect(archive.images).toEqual([{ names: ['docker.io/student/app:v2'], platform: 'linux/386' }]);
    expect(archive.others.map(({ platform }) => platform)).toEqual(['linux/amd64', 'linux/arm64']);
    const [manifest] = await unpackTar(Buffer.concat([archive.prefix, new Uint8Array(1024)]));
    expect(manifest?.header.name).toBe('manifest.json');
    const entries = JSON.parse(Buffer.from(manifest!.data!).toString()) as { Config: string; Layers: string[]; RepoTags: string[] }[];
    expect(entries).toEqual([
      { Config: blob({ os: 'linux', architecture: '386' }).file[0], RepoTags: ['docker.io/student/app:v2'], Layers: [blob(layer).file[0]] },
    ]);
  });

  test('is called after its file where it has no name, with its tag where it has that alone', async () => {
    expect((await read(await layout(['386']))).images[0]?.names).toEqual(['course:latest']);
    expect((await read(await layout(['386'], { 'org.opencontainers.image.ref.name': 'v7' }))).images[0]?.names).toEqual(['course:v7']);
  });

  test('for other computers alone is refused', async () => {
    expect(problemOf(await read(await layout(['amd64', 'arm64'])))).toContain('for linux/amd64 and linux/arm64.');
  });
});

test('an archive of other files is none, and one that is cut is told', async () => {
  expect(await readImageArchive(cut(await tar([['site/index.html', Buffer.from('<p>')]])), 'x:latest')).toBeUndefined();
  const whole = await saved('386');
  await expect(readImageArchive(cut(whole.slice(0, 700)), 'x:latest')).rejects.toMatchObject({ code: 'docker-refused' });
});

test('a configuration that is missing is told', async () => {
  const manifest = Buffer.from(JSON.stringify([{ Config: 'gone.json', RepoTags: ['a:b'], Layers: [] }]));
  await expect(readImageArchive(cut(await tar([['manifest.json', manifest]])), 'x:latest')).rejects.toThrow('lacks gone.json');
});

describe('a compressed file', () => {
  const content = Buffer.alloc(300_000, 'some words that repeat ');
  const packed = {
    none: content,
    gzip: gzipSync(content),
    zstd: execFileSync('zstd', ['-q', '-c'], { input: content }),
  };

  test.each(['none', 'gzip', 'zstd'] as const)('%s is unpacked piece by piece', async packing => {
    const bytes = packed[packing];
    expect(packingOf(bytes)).toBe(packing);
    const seen: number[] = [];
    const pieces: Uint8Array[] = [];
    for await (const piece of unpackedPieces(new Blob([new Uint8Array(bytes)]), packing, count => seen.push(count))) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
    expect(seen.at(-1)).toBe(bytes.length);
  });

  test.each(['gzip', 'zstd'] as const)('%s that is damaged is told', async packing => {
    const bytes = new Uint8Array(packed[packing].subarray(0, 60));
    const reading = (async () => {
      for await (const piece of unpackedPieces(new Blob([bytes]), packing, () => undefined)) expect(piece).toBeDefined();
    })();
    await expect(reading).rejects.toThrow('The file is damaged, or its end is missing.');
  });

  test('bzip2 and xz are refused with what to do', async () => {
    const reading = unpackedPieces(new Blob(['x']), 'xz', () => undefined).next();
    await expect(reading).rejects.toThrow('compressed with xz, which is not unpacked here. Compress it with gzip or zstd');
  });
});
