import { archiveKind, unpackArchive, HEAD_BYTES, MAX_ARCHIVE_BYTES, type ArchiveKind, type Unpacked } from '../../core/share/archive.ts';
import { sha256Of } from '../../core/base/sha256.ts';
import { shareInvalid } from '../../core/share/carried-files.ts';
import { unpackShare } from '../../core/share/share-link.ts';
import { formatBytes, visibleName } from '../session/format.ts';

/** What somebody's link or an archive offers to the learner, who has not agreed to anything yet. */
export interface Offer extends Unpacked {
  /** Of what it was made from: the same link is known again. */
  readonly id: string;
  /** What it is called among the learner's workspaces. */
  readonly name: string;
}

/** Where an offer comes from. */
export type OfferSource = { readonly kind: 'link'; readonly fragment: string } | { readonly kind: 'archive'; readonly file: File };

const ID_DIGITS = 16;

/** Unpacks what is offered. Rejects with a sentence for the learner. */
export async function readOffer(source: OfferSource): Promise<Offer> {
  if (source.kind === 'archive') return readArchive(source.file);
  const shared = await unpackShare(source.fragment);
  const id = await idOf(new TextEncoder().encode(source.fragment));
  return { ...shared, leftOut: [], id, name: `a link (${someNames([...shared.files.keys()])})` };
}

/** The kind of archive that a dropped file is; undefined if it is not an archive. */
export async function kindOfFile(file: File): Promise<ArchiveKind | undefined> {
  return archiveKind(file.name, new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
}

async function readArchive(file: File): Promise<Offer> {
  if (file.size > MAX_ARCHIVE_BYTES) {
    throw shareInvalid(`It is ${formatBytes(file.size)}: an archive can be at most ${formatBytes(MAX_ARCHIVE_BYTES)}.`);
  }
  const kind = await kindOfFile(file);
  if (kind === undefined) throw shareInvalid('It is not an archive that can be unpacked here. These are: .zip, .tar and .tar.gz.');
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { ...(await unpackArchive(kind, bytes)), id: await idOf(bytes), name: visibleName(file.name) };
}

async function idOf(bytes: Uint8Array): Promise<string> {
  return (await sha256Of(bytes)).slice(0, ID_DIGITS);
}

function someNames(paths: readonly string[]): string {
  const [first = 'no files', second] = paths.filter(path => !path.includes('/')).map(visibleName);
  if (paths.length <= 1 || second === undefined) return first;
  return paths.length === 2 ? `${first}, ${second}` : `${first}, ${second} and more`;
}
