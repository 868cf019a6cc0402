import type { Blob } from '../../../core/base/pieces.ts';
import { blobsOf, blobsOfAll, type OfflineCatalog, type OfflineKind } from '../../../core/offline/offline-catalog.ts';
import type { FilePurpose, Release, ReleaseFile } from '../../../core/offline/release.ts';

/** Something that works without a network once all of it is kept, and how much of it is. */
export interface OfflineRow {
  readonly id: string;
  readonly kind: 'page' | 'course' | OfflineKind;
  /** What a learner calls it, where there are several of a kind. */
  readonly name: string;
  /** As downloaded. What two rows have in common counts in both. */
  readonly bytes: number;
  readonly keptBytes: number;
  /** True for what few need: it is fetched where somebody asks for it only. */
  readonly isRare?: boolean;
}

/** What is in the browser, by SHA-256. */
export interface KeptContent {
  readonly files: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
}

/** What of a release remains to be loaded. */
export interface Missing {
  readonly files: readonly ReleaseFile[];
  readonly blobs: readonly Blob[];
}

/** What a site has, in the order in which a learner needs it. */
export function offlineRows(release: Release, catalog: OfflineCatalog, kept: KeptContent): readonly OfflineRow[] {
  const fileRow = (kind: 'page' | 'course'): OfflineRow => ({ id: kind, kind, name: kind, ...amounts(filesFor(release, kind), kept.files) });
  const parts = catalog.parts.map((part): OfflineRow => {
    const blobs = amounts(blobsOf(catalog, part), kept.blobs);
    const files = amounts(part.kind === 'disk' ? filesFor(release, 'disk') : [], kept.files);
    const { id, kind, name, isRare } = part;
    const row = { id, kind, name, bytes: blobs.bytes + files.bytes, keptBytes: blobs.keptBytes + files.keptBytes };
    return isRare === true ? { ...row, isRare } : row;
  });
  return [fileRow('page'), fileRow('course'), ...parts];
}

/** What the chosen rows consist of, each thing once. Page and course are kept by the service worker. */
export function contentOf(release: Release, catalog: OfflineCatalog, ids: ReadonlySet<string>): Missing {
  const parts = catalog.parts.filter(({ id }) => ids.has(id));
  const files = parts.some(({ kind }) => kind === 'disk') ? filesFor(release, 'disk') : [];
  return { files, blobs: blobsOfAll(catalog, parts) };
}

/** How many bytes the chosen rows have together, and how many of them are kept: what they have in common counts once. */
export function amountOf(content: Missing, kept: KeptContent): { readonly bytes: number; readonly keptBytes: number } {
  const files = amounts(content.files, kept.files);
  const blobs = amounts(content.blobs, kept.blobs);
  return { bytes: files.bytes + blobs.bytes, keptBytes: files.keptBytes + blobs.keptBytes };
}

export function isWhole({ bytes, keptBytes }: Pick<OfflineRow, 'bytes' | 'keptBytes'>): boolean {
  return keptBytes >= bytes;
}

function filesFor({ files }: Release, wanted: FilePurpose): readonly ReleaseFile[] {
  return files.filter(({ purpose }) => purpose === wanted);
}

function amounts(items: readonly Blob[], kept: ReadonlySet<string>): { bytes: number; keptBytes: number } {
  const sum = (some: readonly Blob[]): number => some.reduce((total, { bytes }) => total + bytes, 0);
  return { bytes: sum(items), keptBytes: sum(items.filter(({ sha256 }) => kept.has(sha256))) };
}
