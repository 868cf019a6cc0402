import type { ImageSummary } from '../../core/docker/image-types.ts';
import type { ImageMaking } from '../session/machine/engine.ts';

/** A layer of an image, in its place: one layer on another makes something else than on a third. */
export interface PlacedLayer {
  /** Equal for two images exactly where they are the same up to this layer, so that it is stored once. */
  readonly key: string;
  readonly sizeBytes: number;
}

/** An image with the images built on it. */
export interface ImageNode {
  readonly image: ImageSummary;
  readonly layers: readonly PlacedLayer[];
  /** The image that it is built on, of those that are there. */
  readonly base: { readonly image: ImageSummary; readonly layerCount: number } | undefined;
  readonly children: readonly ImageNode[];
}

/** How images share what they are made of. */
export interface LayerSharing {
  /** The images built on no other. */
  readonly roots: readonly ImageNode[];
  /** Which images have a layer, by its key. */
  readonly owners: ReadonlyMap<string, readonly ImageSummary[]>;
  /** What all layers need, each once. */
  readonly storedBytes: number;
  /** What they would need, were none shared. */
  readonly unsharedBytes: number;
}

interface Candidate {
  readonly image: ImageSummary;
  readonly layers: readonly PlacedLayer[];
}

/** How the images share their layers; an image whose history is not known yet is alone and shares none. */
export function shareLayers(images: readonly ImageSummary[], makings: ReadonlyMap<string, ImageMaking>): LayerSharing {
  const candidates = images.map(image => ({ image, layers: placedLayers(makings.get(image.id)) }));
  const sizes = new Map(candidates.flatMap(({ layers }) => layers.map(({ key, sizeBytes }) => [key, sizeBytes] as const)));
  const owners = new Map<string, ImageSummary[]>();
  for (const { image, layers } of candidates) {
    for (const { key } of layers) owners.set(key, [...(owners.get(key) ?? []), image]);
  }
  const bases = new Map(candidates.map(candidate => [candidate, baseOf(candidate, candidates)]));
  const nodesOn = (base: Candidate | undefined): ImageNode[] =>
    candidates
      .filter(candidate => bases.get(candidate) === base)
      .map(candidate => ({
        ...candidate,
        base: base === undefined ? undefined : { image: base.image, layerCount: base.layers.length },
        children: nodesOn(candidate),
      }));
  const unsharedBytes = sum(candidates.flatMap(({ layers }) => layers.map(({ sizeBytes }) => sizeBytes)));
  return { roots: nodesOn(undefined), owners, storedBytes: sum([...sizes.values()]), unsharedBytes };
}

function placedLayers(making: ImageMaking | undefined): readonly PlacedLayer[] {
  if (making === undefined) return [];
  const sizes = new Map(making.steps.map(({ layer, sizeBytes }) => [layer, sizeBytes]));
  return making.layers.map((digest, index) => ({ key: making.layers.slice(0, index + 1).join(), sizeBytes: sizes.get(digest) ?? 0 }));
}

/** The one of the others that has the most layers of those this one begins with. */
function baseOf(child: Candidate, all: readonly Candidate[]): Candidate | undefined {
  const fitting = all.filter(other => isBase(other, child));
  return fitting.sort((one, other) => other.layers.length - one.layers.length || compare(other, one))[0];
}

function isBase(base: Candidate, child: Candidate): boolean {
  const top = base.layers.at(-1);
  if (base === child || top === undefined || child.layers[base.layers.length - 1]?.key !== top.key) return false;
  // The same files with another way to start them: the older one is the base.
  return base.layers.length < child.layers.length || compare(base, child) < 0;
}

function compare(one: Candidate, other: Candidate): number {
  return one.image.createdMilliseconds - other.image.createdMilliseconds || (one.image.id < other.image.id ? -1 : 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
