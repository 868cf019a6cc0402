import { otherVersionError } from '../base/errors.ts';
import type { Blob } from '../base/pieces.ts';

/** Changes when the meaning of offline.json's fields changes. */
export const OFFLINE_FORMAT = 1;
/** Where offline.json lies. It is a file of the release. */
export const OFFLINE_PATH = 'offline.json';

export type OfflineKind = 'start' | 'disk' | 'lab' | 'packages' | 'npm' | 'archive' | 'image';

/** A part of what a site has besides its page: something that works without a network once all of it is kept. */
export interface OfflinePart {
  readonly kind: OfflineKind;
  /** Unlike any other part's: `disk`, `image:python:3.13-slim`. */
  readonly id: string;
  /** What a learner calls it: an image's name. */
  readonly name: string;
  /** Which of the catalog's blobs, by index. Parts may share some. */
  readonly blobs: readonly number[];
  /** True for what few need: it is kept where somebody asks for it only. */
  readonly isRare?: boolean;
}

/** offline.json: every blob of the machine, the hub, the package index and the npm registry, and what it is for. */
export interface OfflineCatalog {
  readonly format: number;
  /** SHA-256 and size in bytes as stored. */
  readonly blobs: readonly (readonly [sha256: string, bytes: number])[];
  readonly parts: readonly OfflinePart[];
}

/** Checks a parsed offline.json; throws `snapshot-mismatch` where it is of another format. */
export function checkOfflineCatalog(value: unknown): OfflineCatalog {
  const catalog = value as Partial<OfflineCatalog> | null;
  if (catalog?.format === OFFLINE_FORMAT && Array.isArray(catalog.blobs) && Array.isArray(catalog.parts)) return catalog as OfflineCatalog;
  throw otherVersionError('The list of what can be kept is');
}

/** The blobs of a part. */
export function blobsOf({ blobs }: OfflineCatalog, part: OfflinePart): readonly Blob[] {
  return part.blobs.map(index => {
    const [sha256, bytes] = blobs[index] ?? ['', 0];
    return { sha256, bytes };
  });
}

/** The blobs of several parts, each once. */
export function blobsOfAll(catalog: OfflineCatalog, parts: readonly OfflinePart[]): readonly Blob[] {
  const bySha256 = new Map(parts.flatMap(part => blobsOf(catalog, part)).map(blob => [blob.sha256, blob]));
  return [...bySha256.values()];
}
