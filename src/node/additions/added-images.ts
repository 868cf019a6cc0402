import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { openAsBlob } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { familiarName } from '../../core/hub/hub-catalog.ts';
import { problemOf, readImageArchive, type ManifestEntry } from '../../core/docker/image-archive.ts';
import { PACKING_BYTES, packingOf, unpackedPieces } from '../../core/base/packed-file.ts';
import { layerFile, type BuiltImage } from '../builder/images/built-images.ts';
import { runProgram } from '../builder/run.ts';
import { additionsFolder } from './places.ts';

/** Where the images are kept that were added. */
export const imagesFolder = join(additionsFolder, 'images');

/** A registry's name before the first slash: the hub has the names of Docker Hub, which have none. */
const OTHER_REGISTRY = /^[^/]*[.:][^/]*\//;
const NAME = /^((?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*):([\w][\w.-]{0,127})$/;

function listFile(folder: string): string {
  return join(folder, 'images.json');
}

/** The images that were added to the hub; none where nothing was. */
export async function readAdditions(folder = imagesFolder): Promise<BuiltImage[]> {
  if (!existsSync(listFile(folder))) return [];
  return JSON.parse(await readFile(listFile(folder), 'utf8')) as BuiltImage[];
}

async function writeAdditions(folder: string, images: readonly BuiltImage[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${listFile(folder)}.new`, JSON.stringify(images, undefined, 1));
  await rename(`${listFile(folder)}.new`, listFile(folder));
}

/** A name as Docker Hub has it in full, and its tag. Throws a sentence where the hub cannot have it. */
function namePartsOf(name: string): { repository: string; tag: string } {
  const plain = name.replace(/^(?:docker\.io|index\.docker\.io)\/(?:library\/)?/, '');
  if (OTHER_REGISTRY.test(plain)) {
    throw new Error(
      `${name} is from another registry, and the hub has only names of Docker Hub. Give it a new name (docker tag ${name} course/NAME:v1), save it again, and add that.`,
    );
  }
  const [, repository, tag] = NAME.exec(plain) ?? [];
  if (repository === undefined || tag === undefined) throw new Error(`${name} is not a name that an image can have: course/NAME:v1 is one.`);
  return { repository: repository.includes('/') ? repository : `library/${repository}`, tag };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** Unpacks a layer to a plain tar and keeps it under its digest. Throws where it is not the one that the configuration names. */
async function keepLayer(packed: string, digest: string, folder: string): Promise<void> {
  const target = layerFile(folder, digest);
  if (existsSync(target)) return;
  const blob = await openAsBlob(packed);
  const head = new Uint8Array(await blob.slice(0, PACKING_BYTES).arrayBuffer());
  const part = await open(`${target}.part`, 'w');
  try {
    for await (const piece of unpackedPieces(blob, packingOf(head), () => undefined)) await part.write(piece);
  } finally {
    await part.close();
  }
  const found = await hashOf(`${target}.part`);
  if (found !== digest) {
    await rm(`${target}.part`);
    throw new Error(`a layer is damaged: its SHA-256 is ${found}, and the image says ${digest}. Save the image again.`);
  }
  await rename(`${target}.part`, target);
}

async function keepImage(entry: ManifestEntry, unpacked: string, folder: string, file: string): Promise<BuiltImage[]> {
  const config = await readFile(join(unpacked, entry.Config), 'utf8');
  const layers = (JSON.parse(config) as { rootfs?: { diff_ids?: string[] } }).rootfs?.diff_ids ?? [];
  if (layers.length !== entry.Layers.length) throw new Error(`the image names ${layers.length} layers, and the archive has ${entry.Layers.length}.`);
  if (entry.RepoTags.length === 0) throw new Error('an image in it has no name: save it by its name (docker save course/NAME:v1 -o image.tar).');
  const names = entry.RepoTags.map(namePartsOf);
  await mkdir(folder, { recursive: true });
  for (const [index, digest] of layers.entries()) await keepLayer(join(unpacked, entry.Layers[index]!), digest, folder);
  const repositories = [...new Set(names.map(({ repository }) => repository))];
  return repositories.map(repository => ({
    repository,
    tags: names.filter(name => name.repository === repository).map(({ tag }) => tag),
    description: `Added to this site from ${basename(file)}.`,
    config,
    layers,
  }));
}

/** Tags of an image that another has been given. */
function withoutTags(image: BuiltImage, added: readonly BuiltImage[]): BuiltImage {
  const taken = new Set(added.filter(({ repository }) => repository === image.repository).flatMap(({ tags }) => tags));
  return { ...image, tags: image.tags.filter(tag => !taken.has(tag)) };
}

/**
 * Adds the images of an archive (docker save, OCI image layout; compressed or not) to the site's hub; gives them. One of the same name takes the place of what was
 * added before. Throws a sentence where the archive holds nothing that runs on linux/386, or is damaged.
 */
export async function addImages(file: string, folder = imagesFolder): Promise<BuiltImage[]> {
  if (!existsSync(file)) throw new Error(`There is no such file.`);
  const blob = await openAsBlob(file);
  const packing = packingOf(new Uint8Array(await blob.slice(0, PACKING_BYTES).arrayBuffer()));
  const name = `${basename(file)
    .replace(/\.(tar|tgz|gz|zst)$/g, '')
    .replace(/\.tar$/, '')
    .toLowerCase()}:latest`;
  const archive = await readImageArchive(
    unpackedPieces(blob, packing, () => undefined),
    name,
  );
  if (archive === undefined) throw new Error(`It contains no images. Archives written by docker save contain images, and so do OCI image layouts.`);
  const problem = problemOf(archive);
  if (problem !== undefined) throw new Error(problem);
  const unpacked = await mkdtemp(join(tmpdir(), 'drydock-add-'));
  try {
    await runProgram('tar', ['-xf', file, '-C', unpacked]);
    const added: BuiltImage[] = [];
    for (const entry of archive.entries) added.push(...(await keepImage(entry, unpacked, folder, file)));
    const others = (await readAdditions(folder)).map(image => withoutTags(image, added)).filter(({ tags }) => tags.length > 0);
    await writeAdditions(folder, [...others, ...added]);
    return added;
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** Takes an image out of what was added, by the name that `docker pull` takes; false where it is not among them. */
export async function removeImage(name: string, folder = imagesFolder): Promise<boolean> {
  const { repository, tag } = namePartsOf(name.includes(':') ? name : `${name}:latest`);
  const before = await readAdditions(folder);
  const after = before.map(image => (image.repository === repository ? { ...image, tags: image.tags.filter(one => one !== tag) } : image));
  const kept = after.filter(({ tags }) => tags.length > 0);
  if (JSON.stringify(kept) === JSON.stringify(before)) return false;
  await writeAdditions(folder, kept);
  const used = new Set(kept.flatMap(({ layers }) => layers));
  for (const digest of new Set(before.flatMap(({ layers }) => layers))) if (!used.has(digest)) await rm(layerFile(folder, digest), { force: true });
  return true;
}

/** Throws where two images of the hub have the same name: one would hide the other. */
export function checkNames(images: readonly BuiltImage[], added: readonly BuiltImage[]): void {
  const names = new Set(images.flatMap(image => image.tags.map(tag => `${familiarName(image)}:${tag}`)));
  for (const name of added.flatMap(image => image.tags.map(tag => `${familiarName(image)}:${tag}`))) {
    if (names.has(name)) {
      throw new Error(
        `The hub has an image ${name} of its own, and one was added. Remove it (npm run hub -- remove ${name}), or add it under another name.`,
      );
    }
  }
}
