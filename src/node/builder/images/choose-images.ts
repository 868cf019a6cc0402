import { familiarName, type HubCatalog, type HubImage } from '../../../core/hub/hub-catalog.ts';

/** True where `wanted` means an image: its name for all of that name, or its name with one of its tags. */
function isMeant(image: HubImage, wanted: string): boolean {
  const name = familiarName(image);
  return wanted === name || image.tags.some(tag => wanted === `${name}:${tag}`);
}

/** The hub with some of its images: `nginx`, `postgres:17`, `traefik/whoami`. Throws where one is not there, with what is. */
export function chooseImages(catalog: HubCatalog, wanted: readonly string[]): HubCatalog {
  const missing = wanted.filter(one => !catalog.images.some(image => isMeant(image, one)));
  if (missing.length > 0) {
    const there = catalog.images.map(image => `${familiarName(image)}:${image.tags[0]}`).join(', ');
    throw new Error(`The hub has no image ${missing.join(', ')}. It has: ${there}.`);
  }
  return { ...catalog, images: catalog.images.filter(image => wanted.some(one => isMeant(image, one))) };
}

/** The names of the blobs of a hub's layers. */
export function blobsOfHub({ images }: HubCatalog): ReadonlySet<string> {
  return new Set(images.flatMap(({ layers }) => layers.flatMap(({ content }) => content.pieces.map(({ sha256 }) => sha256))));
}
