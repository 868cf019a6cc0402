import { familiarName, shortReference, type HubCatalog, type HubImage, type HubLayer } from './hub-catalog.ts';

/** A layer of an image of the hub. */
export interface HubLayerSummary {
  /** `sha256:…`, which is the diff id as well. */
  readonly digest: string;
  /** Of the tar. */
  readonly bytes: number;
  /** As it is downloaded, compressed. */
  readonly wireBytes: number;
  /** The other images, by the names `docker pull` takes, that have the same layer: it is downloaded and stored once for all. */
  readonly sharedWith: readonly string[];
}

/** An image that `docker pull` finds, for the library panel. */
export interface HubImageSummary {
  /** As typed after `docker pull`: `redis`, `traefik/whoami`. */
  readonly name: string;
  /** The first is the one to show. */
  readonly tags: readonly string[];
  /** One sentence in plain words. */
  readonly description: string;
  /** True for an official image (a name without a slash), false for one that a user or an organization published under its own name. */
  readonly isOfficial: boolean;
  /** Of all layers' tars. */
  readonly bytes: number;
  /** Of all layers as they are downloaded. */
  readonly wireBytes: number;
  /** Lowest first. */
  readonly layers: readonly HubLayerSummary[];
}

/** The hub's images for the library panel, in the catalog's order. */
export function summarizeHub({ images }: HubCatalog): HubImageSummary[] {
  return images.map(image => {
    const layers = image.layers.map(layer => summarizeLayer(layer, image, images));
    return {
      name: familiarName(image),
      tags: image.tags,
      description: image.description,
      isOfficial: image.repository.startsWith('library/'),
      bytes: sum(layers.map(layer => layer.bytes)),
      wireBytes: sum(layers.map(layer => layer.wireBytes)),
      layers,
    };
  });
}

function summarizeLayer({ digest, content }: HubLayer, owner: HubImage, images: readonly HubImage[]): HubLayerSummary {
  const others = images.filter(image => image !== owner && image.layers.some(layer => layer.digest === digest));
  return { digest, bytes: content.bytes, wireBytes: sum(content.pieces.map(piece => piece.bytes)), sharedWith: others.map(shortReference) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
