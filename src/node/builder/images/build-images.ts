import { link, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runStep, type BuiltStep } from '../step.ts';
import { imagesFile, layerFile } from './built-images.ts';
import { busyboxImage } from './busybox-image.ts';
import { dataImage, type DataRecipeInputs } from './data-image.ts';
import { debianImages } from './debian-image.ts';
import { imageStep, type ImageMaker, type ImageStep } from './image-step.ts';
import { nodeImages } from './node-image.ts';
import type { NodeBuild } from './node-root.ts';
import { pythonImages } from './python-image.ts';
import { inOrder, readRecipes } from './recipe-file.ts';

/** Where the catalog begins: what a learner meets first. The others follow in the order of their names. */
const FIRST = ['hello-world', 'whoami', 'busybox', 'debian-13', 'python-3.13'];

/** What the images are made from. */
export interface ImageInputs extends DataRecipeInputs {
  /** Python's compiled modules. */
  readonly bytecode: BuiltStep;
  readonly node: NodeBuild;
}

/** All recipes by name: those that data cannot express, and those that are data. */
async function makersOf(inputs: ImageInputs): Promise<ReadonlyMap<string, ImageMaker>> {
  const described = [...(await readRecipes())].map(([name, recipe]) => dataImage(name, recipe, inputs));
  const { lock, bytecode, node } = inputs;
  const makers = [busyboxImage(lock), ...debianImages(lock), ...pythonImages(lock, bytecode), ...nodeImages(node), ...described];
  const names = [...FIRST, ...makers.map(({ name }) => name).sort()];
  return new Map([...new Set(names)].map(name => [name, makers.find(maker => maker.name === name)!]));
}

/**
 * Makes the container images, each a cached step of its own, and gathers them: each layer as a tar, and images.json (see built-images.ts).
 */
export async function buildImages(inputs: ImageInputs): Promise<BuiltStep> {
  const makers = await makersOf(inputs);
  const steps = new Map<string, ImageStep>();
  for (const name of inOrder(makers.keys(), one => makers.get(one)!.on)) {
    const maker = makers.get(name)!;
    steps.set(name, await imageStep(maker, maker.on === undefined ? undefined : steps.get(maker.on)));
  }
  const images = [...makers.keys()].map(name => steps.get(name)!);
  return runStep({
    name: 'images',
    files: [import.meta.filename],
    values: images.map(({ step }) => step.key),
    async build(folder) {
      for (const { file, digest } of images.flatMap(ownLayer)) {
        // No copy where the cache is one file system: a tar never changes.
        await link(file, layerFile(folder, digest)).catch(() => copyFile(file, layerFile(folder, digest)));
      }
      await writeFile(
        imagesFile(folder),
        JSON.stringify(
          images.map(({ image }) => image),
          undefined,
          1,
        ),
      );
    },
  });
}

function ownLayer({ step, image }: ImageStep): { file: string; digest: string }[] {
  const digest = image.layers.at(-1)!;
  return [{ file: join(layerFile(step.folder, digest)), digest }];
}
