import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An image as the images step leaves it. Its layers lie beside images.json, see `layerFile`. */
export interface BuiltImage {
  readonly repository: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly config: string;
  /** `sha256:…` of each layer's tar, lowest first. */
  readonly layers: readonly string[];
}

/** Where the images step leaves its list of images. */
export function imagesFile(folder: string): string {
  return join(folder, 'images.json');
}

/** Where the images step leaves a layer. */
export function layerFile(folder: string, digest: string): string {
  return join(folder, `${digest.replace('sha256:', '')}.tar`);
}

/** Reads what the images step has made. */
export async function readBuiltImages(folder: string): Promise<BuiltImage[]> {
  return JSON.parse(await readFile(imagesFile(folder), 'utf8')) as BuiltImage[];
}
