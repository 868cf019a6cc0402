import { z } from 'zod';
import { GuestArchiveError, TAKE_ANOTHER } from './guest-archive-error.ts';

/** Changes when the meaning of guest.json's fields changes. */
export const GUEST_FORMAT = 1;
/** The archive's first file: what is in it. */
export const MANIFEST_NAME = 'guest.json';
/** tar counts in these. */
export const BLOCK_BYTES = 512;
/** What ends a tar: two empty blocks. */
const END_BYTES = 2 * BLOCK_BYTES;

/** Below the step's folder: no way out of it. */
const PATH = /^(?!\.\.?(\/|$))[^/\0\\]+(\/(?!\.\.?(\/|$))[^/\0\\]+)*$/;

const archivedFile = z.strictObject({
  path: z.string().regex(PATH),
  /** Its place in `contents`. */
  content: z.int().nonnegative(),
  /** Where it is not 0644. */
  mode: z.int().positive().optional(),
  /** Only later steps need it, and only where they are built anew. */
  isForBuilding: z.literal(true).optional(),
});
const archivedStep = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/),
  key: z.string().regex(/^[0-9a-f]{16}$/),
  files: z.array(archivedFile),
});
const archivedContent = z.strictObject({
  /** Of what is stored. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** As stored. */
  bytes: z.int().nonnegative(),
  /** Stored as zstd packs it. */
  isPacked: z.literal(true).optional(),
});
const guestManifest = z.strictObject({
  format: z.literal(GUEST_FORMAT),
  /** Of Drydock, for messages: which steps fit is told by their keys. */
  version: z.string(),
  steps: z.array(archivedStep),
  /** In the archive's order, each once. */
  contents: z.array(archivedContent),
});

export type ArchivedFile = z.infer<typeof archivedFile>;
export type ArchivedStep = z.infer<typeof archivedStep>;
export type ArchivedContent = z.infer<typeof archivedContent>;
export type GuestManifest = z.infer<typeof guestManifest>;

/** Reads guest.json; `name` is the archive's, for the message where it is no good. */
export function parseManifest(text: string, name: string): GuestManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GuestArchiveError(`${name} is no guest archive: its ${MANIFEST_NAME} cannot be read.`, TAKE_ANOTHER);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (format !== GUEST_FORMAT) {
    throw new GuestArchiveError(`${name} has format ${JSON.stringify(format)}, and this checkout reads format ${GUEST_FORMAT}.`, TAKE_ANOTHER);
  }
  const { data, error } = guestManifest.safeParse(value);
  const isWhole = data?.steps.every(step => step.files.every(file => file.content < data.contents.length)) === true;
  if (!isWhole)
    throw new GuestArchiveError(`${name} is no guest archive: ${error ? z.prettifyError(error) : 'a file in it has no content'}.`, TAKE_ANOTHER);
  return data!;
}

/** The name of a content's file in the archive. */
export function contentName({ sha256, isPacked }: ArchivedContent): string {
  return `files/${sha256}${isPacked ? '.zst' : ''}`;
}

/** How many bytes a file takes in a tar after its header. */
function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Where the contents begin, and where the archive ends, in bytes. Every file has one block of header: its name is short. */
export interface ArchiveLayout {
  readonly offsets: readonly number[];
  readonly end: number;
}

/** Where the archive has what, given how long its guest.json is. */
export function layoutOf(manifestBytes: number, contents: readonly ArchivedContent[]): ArchiveLayout {
  let at = BLOCK_BYTES + paddedBytes(manifestBytes);
  const offsets = contents.map(({ bytes }) => {
    const offset = at + BLOCK_BYTES;
    at = offset + paddedBytes(bytes);
    return offset;
  });
  return { offsets, end: at + END_BYTES };
}

/** The length of guest.json, from the archive's first block (POSIX.1-1988 ustar: name at 0, size in octal at 124). Undefined where that is not its header. */
export function manifestBytesOf(block: Uint8Array): number | undefined {
  const text = Buffer.from(block.subarray(0, BLOCK_BYTES)).toString('latin1');
  const size = /^[0-7]+/.exec(text.slice(124, 136))?.[0];
  return text.startsWith(`${MANIFEST_NAME}\0`) && text.slice(257, 262) === 'ustar' && size !== undefined ? parseInt(size, 8) : undefined;
}

/** Where guest.json begins. */
export const MANIFEST_OFFSET = BLOCK_BYTES;
