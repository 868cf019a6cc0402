import { MAX_WORKSPACE_BYTES } from '../workspace/file-change.ts';
import { Intake, shareInvalid, type LeftOut } from './carried-files.ts';
import { compress, decompress } from './compression.ts';
import type { Shared } from './share-link.ts';
import { isTar, readTar, writeTar } from './tar.ts';
import { readZip, writeZip } from './zip.ts';

export const archiveKinds = ['zip', 'tar', 'tar.gz'] as const;
export type ArchiveKind = (typeof archiveKinds)[number];

/** What an archive holds, as far as the workspace can have it. */
export interface Unpacked extends Shared {
  readonly leftOut: readonly LeftOut[];
}

/** With its headers an archive takes more than its files, in bytes. */
export const MAX_ARCHIVE_BYTES = MAX_WORKSPACE_BYTES + 32 * 1024 * 1024;

/** How much of the beginning of a file tells whether it is an archive, in bytes. */
export const HEAD_BYTES = 512;

/** Names the form in the comment of a zip, with what belongs to its files. */
const NOTE = 'drydock-share';
const NOTE_VERSION = 1;
const MAX_LESSON_CHARACTERS = 2000;

/** The kind of archive that a file is, by its name and its first `HEAD_BYTES`; undefined if it cannot be unpacked here. */
export function archiveKind(name: string, head: Uint8Array): ArchiveKind | undefined {
  const [first, second, third, fourth] = head;
  const isZip = first === 0x50 && second === 0x4b && ((third === 3 && fourth === 4) || (third === 5 && fourth === 6));
  // Wheels, office documents and Java's archives are zips too, but people who drop them mean them as files.
  if (isZip) return /\.zip$/i.test(name) ? 'zip' : undefined;
  if (first === 0x1f && second === 0x8b) return /\.(?:tar\.gz|tgz)$/i.test(name) ? 'tar.gz' : undefined;
  return /\.tar$/i.test(name) && isTar(head) ? 'tar' : undefined;
}

/** Unpacks a whole archive in memory. Rejects with `share-invalid` and the reason, having kept to the limits of the workspace all the way. */
export async function unpackArchive(kind: ArchiveKind, bytes: Uint8Array): Promise<Unpacked> {
  if (bytes.length > MAX_ARCHIVE_BYTES) throw shareInvalid(TOO_LARGE);
  const intake = new Intake();
  if (kind === 'zip') {
    const { comment, leftOut } = await readZip(bytes, intake);
    return { files: intake.files, lesson: lessonOf(comment), leftOut };
  }
  const tar = kind === 'tar' ? bytes : await decompress(bytes, 'gzip', MAX_ARCHIVE_BYTES, { tooLarge: TOO_LARGE, damaged: DAMAGED });
  return { files: intake.files, lesson: undefined, leftOut: readTar(tar, intake) };
}

/** Packs files. Only a zip has a place for the lesson. `modified` is when, in milliseconds since 1970. */
export async function packArchive(kind: ArchiveKind, { files, lesson }: Shared, modified: number): Promise<Uint8Array> {
  if (kind === 'zip') return writeZip(files, modified, lesson === undefined ? '' : JSON.stringify({ [NOTE]: NOTE_VERSION, lesson }));
  const tar = writeTar(files, modified);
  return kind === 'tar' ? tar : compress(tar, 'gzip');
}

const TOO_LARGE = `The archive contains more than the workspace can take (${MAX_WORKSPACE_BYTES / 1024 / 1024} MB). Unpack it on your computer and drop what you need. Nothing was added.`;
const DAMAGED = 'The archive is damaged or incomplete: it cannot be unpacked. Copy or download it again. Nothing was added.';

/** A comment that means something else is nobody's fault. */
function lessonOf(comment: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(comment);
  } catch {
    return undefined;
  }
  const note = (value ?? {}) as Record<string, unknown>;
  const { lesson } = note;
  return note[NOTE] === NOTE_VERSION && typeof lesson === 'string' && lesson.length <= MAX_LESSON_CHARACTERS ? lesson : undefined;
}
