import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { layerFile } from '../../../src/node/builder/images/built-images.ts';
import { addImages, checkNames, readAdditions, removeImage } from '../../../src/node/additions/added-images.ts';
import { imageLayout, tarOf } from '../../support/image-layout.ts';

let place = '';
let folder = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'drydock-additions-'));
  folder = join(place, 'additions');
});

function write(name: string, bytes: Uint8Array): string {
  writeFileSync(join(place, name), bytes);
  return join(place, name);
}

const layerOf = async (text: string) => Buffer.from(await tarOf([['hello.txt', Buffer.from(text)]]));

/** What `docker save` writes of an image with one layer. */
async function saved(name: string, text: string, diffId?: string): Promise<Uint8Array> {
  const layer = await layerOf(text);
  const digest = diffId ?? `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  const config = { os: 'linux', architecture: '386', rootfs: { type: 'layers', diff_ids: [digest] } };
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  return tarOf([
    ['manifest.json', Buffer.from(JSON.stringify(manifest))],
    ['config.json', Buffer.from(JSON.stringify(config))],
    ['layer.tar', layer],
  ]);
}

describe('an image is added', () => {
  test('from an OCI image layout that is compressed, its layer as a plain tar', async () => {
    const file = write('course.tar.gz', gzipSync(await imageLayout({ 'hello.txt': 'hello' })));
    expect(await addImages(file, folder)).toMatchObject([{ repository: 'library/course', tags: ['latest'] }]);
    const [image] = await readAdditions(folder);
    expect(readFileSync(layerFile(folder, image!.layers[0]!)).equals(await layerOf('hello'))).toBe(true);
  });

  test('in the place of one of the same name, and taken out with its layers', async () => {
    await addImages(write('one.tar', await saved('me/app:v1', 'first')), folder);
    await addImages(write('two.tar', await saved('me/app:v1', 'second')), folder);
    await addImages(write('three.tar', await saved('me/app:v2', 'second')), folder);
    expect((await readAdditions(folder)).map(({ repository, tags }) => `${repository}:${tags.join()}`)).toEqual(['me/app:v1', 'me/app:v2']);
    const layer = layerFile(folder, (await readAdditions(folder))[0]!.layers[0]!);
    expect(await removeImage('me/app:v1', folder)).toBe(true);
    expect(existsSync(layer)).toBe(true);
    expect(await removeImage('me/app:v2', folder)).toBe(true);
    expect(existsSync(layer)).toBe(false);
    expect(await removeImage('me/app:v2', folder)).toBe(false);
  });
});

describe('is refused with what to do', () => {
  test.each([
    ['for another computer', async () => imageLayout({ a: 'b' }, 'amd64'), /for linux\/amd64\. .*--platform linux\/386/],
    ['what is no image', async () => tarOf([['readme.txt', Buffer.from('hi')]]), /contains no images/],
    ['another registry', async () => saved('ghcr.io/me/app:v1', 'x'), /from another registry.*docker tag ghcr\.io\/me\/app:v1 course\/NAME:v1/],
    ['a damaged layer', async () => saved('me/app:v1', 'x', `sha256:${'0'.repeat(64)}`), /a layer is damaged: its SHA-256 is sha256:/],
  ])('%s', async (_, make, message) => {
    const file = write('some.tar', await make());
    await expect(addImages(file, folder)).rejects.toThrow(message);
    expect(await readAdditions(folder)).toEqual([]);
  });

  test('a file that is not there, and a name that the hub has', async () => {
    await expect(addImages(join(place, 'gone.tar'), folder)).rejects.toThrow('There is no such file.');
    const image = { repository: 'library/nginx', tags: ['latest'], description: '', config: '{}', layers: [] };
    expect(() => checkNames([image], [{ ...image, tags: ['mine', 'latest'] }])).toThrow('npm run hub -- remove nginx:latest');
    expect(() => checkNames([image], [{ ...image, tags: ['mine'] }])).not.toThrow();
  });
});
