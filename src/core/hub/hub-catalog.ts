import { otherVersionError } from '../base/errors.ts';
import type { Pieces } from '../base/pieces.ts';

/** Changes when the meaning of the catalog's fields changes. */
export const HUB_CATALOG_FORMAT = 1;

/** A layer as the engine gets it: a plain tar, whose digest is therefore the diff id as well. */
export interface HubLayer {
  /** `sha256:…` of the tar. */
  readonly digest: string;
  readonly content: Pieces;
}

/** An image of the hub. */
export interface HubImage {
  /** Docker Hub's name of it in full: `library/python` for `python`, `traefik/whoami` for a user's. */
  readonly repository: string;
  /** The first is the one to show. */
  readonly tags: readonly string[];
  /** One sentence in plain words, for the library panel. */
  readonly description: string;
  /** The image's configuration, JSON exactly as its digest was taken (OCI image specification, config.md). */
  readonly config: string;
  /** Lowest first. */
  readonly layers: readonly HubLayer[];
}

/** hub.json: what the hub inside the page holds. */
export interface HubCatalog {
  readonly format: number;
  readonly images: readonly HubImage[];
}

/** Checks that a parsed hub.json is of this format; throws `snapshot-mismatch` otherwise. */
export function checkHubCatalog(value: unknown): HubCatalog {
  const catalog = value as HubCatalog | null;
  if (catalog?.format === HUB_CATALOG_FORMAT && Array.isArray(catalog.images)) return catalog;
  throw otherVersionError("The hub's images on this site are");
}

/** What one types after `docker pull`: `redis` for `library/redis`. */
export function familiarName({ repository }: Pick<HubImage, 'repository'>): string {
  return repository.replace(/^library\//, '');
}

/** The shortest that `docker pull` finds the image by: `redis`, `debian:13-slim` where the plain name would not do. */
export function shortReference(image: Pick<HubImage, 'repository' | 'tags'>): string {
  return image.tags.includes('latest') ? familiarName(image) : `${familiarName(image)}:${image.tags[0]}`;
}
