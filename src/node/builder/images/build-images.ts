import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { familiarName } from '../../../core/hub/hub-catalog.ts';
import type { DebianLock } from '../debian-lock.ts';
import { setKey } from '../debian-packages.ts';
import { imagesFolder } from '../folders.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { imagesFile, layerFile, type BuiltImage } from './built-images.ts';
import { debian } from './debian-image.ts';
import { node } from './node-image.ts';
import { NODE_RELEASES, type NodeBuild } from './node-root.ts';
import { configOf, type ImageRecipe } from './image-recipe.ts';
import type { Workplace } from './image-tree.ts';
import { python } from './python-image.ts';
import { nginx, redis } from './server-images.ts';
import { busybox, helloWorld, registry, whoami } from './small-images.ts';

/** Files beside this one that have no part in this step. */
const OTHER_STEPS = new Set(['hub.ts', 'image-archive.ts']);

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** What the images are made from. */
export interface ImagesInputs {
  readonly lock: DebianLock;
  readonly bytecode: BuiltStep;
  readonly node: NodeBuild;
}

async function makeRecipes(
  work: Workplace,
  { lock, bytecode, node: nodeBuild }: ImagesInputs,
  report: (message: string) => void,
): Promise<ImageRecipe[]> {
  report('hello-world, whoami, busybox, registry');
  const base = await busybox(work, lock);
  const small = [await helloWorld(work), base, await whoami(work), await registry(work, lock, base)];
  report('debian, python, nginx, redis');
  const system = await debian(work, lock);
  const servers = [await python(work, lock, system, bytecode), await nginx(work, lock, system), await redis(work, lock, system)];
  report('node');
  const nodes: ImageRecipe[] = [];
  for (const release of NODE_RELEASES) nodes.push(await node(work, release, nodeBuild, system));
  return [...small, system.recipe, ...servers, ...nodes];
}

async function keep(recipe: ImageRecipe, folder: string, report: (message: string) => void): Promise<BuiltImage> {
  const { repository, tags, description } = recipe;
  const layers = await Promise.all(recipe.layers.map(layer => digestOf(layer.file)));
  for (const [index, digest] of layers.entries()) await copyFile(recipe.layers[index]!.file, layerFile(folder, digest));
  const sizes = await Promise.all(layers.map(async digest => ((await stat(layerFile(folder, digest))).size / 1e6).toFixed(2)));
  report(`${familiarName(recipe)}:${tags[0]}: layers of ${sizes.join(' + ')} MB`);
  return { repository, tags, description, config: configOf(recipe, layers), layers };
}

/** Makes the container images: each layer as a tar, and images.json (see built-images.ts). */
export async function buildImages(inputs: ImagesInputs): Promise<BuiltStep> {
  const { lock, bytecode, node: nodeBuild } = inputs;
  const sources = (await readdir(import.meta.dirname)).filter(name => !OTHER_STEPS.has(name));
  return runStep({
    name: 'images',
    files: [join(imagesFolder, 'containers'), ...sources.map(name => join(import.meta.dirname, name))],
    values: [
      bytecode.key,
      ...[...nodeBuild.snapshots.values()].map(step => step.key),
      ...['debian', 'python', 'nginx', 'redis', 'registry', 'guest'].map(set => setKey(lock, set)),
    ],
    async build(folder, report) {
      const place = await mkdtemp(join(tmpdir(), 'drydock-images-'));
      const work = { folder: place, owners: join(place, 'owners') };
      await writeFile(work.owners, '');
      try {
        const images: BuiltImage[] = [];
        for (const recipe of await makeRecipes(work, inputs, report)) images.push(await keep(recipe, folder, report));
        await writeFile(imagesFile(folder), JSON.stringify(images, undefined, 1));
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
  });
}
