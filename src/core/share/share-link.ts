import { fromBase64, textOf, toBase64 } from '../base/text.ts';
import { bytesOf, Intake, quoted, shareInvalid, type CarriedFiles, type IntakeLimits } from './carried-files.ts';
import { compress, decompress } from './compression.ts';
import { SHARE_KEY } from './share-fragment.ts';

/** What a link carries. */
export interface Shared {
  readonly files: CarriedFiles;
  /** What `?lesson=` would say: the id of a lesson of the site, or an address. */
  readonly lesson: string | undefined;
}

/**
 * The most characters of a whole link. Chromium shows no longer address, Windows hands none over from one program to another (32,767),
 * Firefox and Safari take more. The part after `#` never goes to a server, so that no server's limit counts.
 */
export const LONGEST_LINK = 32_000;

/** Up to here a link goes through about everything: Discord cuts messages at 2,000 characters, Outlook links at 2,083. */
export const SAFE_LINK = 2000;

/** A link is read before anyone has agreed to anything: it gets far less room than an archive. */
export const linkLimits: IntakeLimits = { entries: 1000, fileBytes: 2 * 1024 * 1024, totalBytes: 2 * 1024 * 1024 };

/** Twice what the files may have: JSON writes some characters with several. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;
const VERSION = 1;
const MAX_LESSON_CHARACTERS = 2000;

/** A file's content as text or, if it is not text, as base64; then whether the file is executable. */
type PackedEntry = readonly [path: string, kind: 'd' | 't' | 'tx' | 'b' | 'bx', content?: string];

/**
 * The part of a link after `#`: `share=<version>.<packed>.<length of packed>`. A link that was cut has lost its end, and is known by it;
 * one that was changed does not pass the checksum of what is packed. Undefined where it is more than any link may carry.
 */
export async function packShare({ files, lesson }: Shared): Promise<string | undefined> {
  if (files.size > linkLimits.entries || bytesOf(files) > linkLimits.totalBytes) return undefined;
  const entries = [...files].map(([path, entry]): PackedEntry => {
    if (entry.kind === 'folder') return [path, 'd'];
    const text = textOf(entry.content);
    if (text === undefined) return [path, entry.executable ? 'bx' : 'b', toBase64(entry.content)];
    return [path, entry.executable ? 'tx' : 't', text];
  });
  // A folder that has something in it comes with that.
  const kept = entries.filter(([path, kind]) => kind !== 'd' || !entries.some(([other]) => other.startsWith(`${path}/`)));
  const json = JSON.stringify({ files: kept, ...(lesson !== undefined && { lesson }) });
  const packed = toBase64(await compress(new TextEncoder().encode(json), 'deflate'))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
  return `${SHARE_KEY}${VERSION}.${packed}.${packed.length}`;
}

/** Reads the part of a link after `#`. Rejects with `share-invalid` and what is wrong with it, in the learner's words. */
export async function unpackShare(fragment: string): Promise<Shared> {
  const packed = packedPart(fragment.replace(/^#/, ''));
  const json = await decompress(bytesOfPacked(packed), 'deflate', MAX_JSON_BYTES, {
    tooLarge: `This link unpacks to more than a link may carry (${linkLimits.totalBytes / 1024 / 1024} MB). Nothing in it was used.`,
    damaged: DAMAGED,
  });
  return readJson(json);
}

const DAMAGED = 'This link is damaged: its content cannot be read. Copy it again from where you got it, or ask for the files as a download.';

function packedPart(fragment: string): string {
  const [, version, rest = ''] = /^share=(\d+)\.([^]*)$/.exec(fragment) ?? [];
  if (version === undefined) throw shareInvalid(DAMAGED);
  if (Number(version) !== VERSION) {
    throw shareInvalid(
      `This link was made by another version of Drydock (its format is ${version}, this page knows ${VERSION}). Reload the page, then try again.`,
    );
  }
  if (rest.length > LONGEST_LINK) throw shareInvalid(`This link is too long: at most ${LONGEST_LINK.toLocaleString('en')} characters can be read.`);
  // What a chat program has glued to the end, a bracket or a full stop, does not matter.
  const [, packed = '', length] = /^([\w-]*)(?:\.(\d+))?/.exec(rest) ?? [];
  if (packed.length === Number(length)) return packed;
  const found = length === undefined ? 'its end is missing' : `${packed.length} of ${length} characters are there`;
  throw shareInvalid(
    `This link is incomplete: ${found}. Some programs cut long links. Copy it again from where you got it, or ask for the files as a download.`,
  );
}

function bytesOfPacked(packed: string): Uint8Array {
  try {
    return fromBase64(packed.replaceAll('-', '+').replaceAll('_', '/'));
  } catch (error) {
    throw shareInvalid(DAMAGED, error);
  }
}

function readJson(json: Uint8Array): Shared {
  let value: unknown;
  try {
    value = JSON.parse(textOf(json) ?? '');
  } catch (error) {
    throw shareInvalid(DAMAGED, error);
  }
  const { files, lesson } = (value ?? {}) as Record<string, unknown>;
  if (!Array.isArray(files) || !(lesson === undefined || (typeof lesson === 'string' && lesson.length <= MAX_LESSON_CHARACTERS))) {
    throw shareInvalid(DAMAGED);
  }
  const intake = new Intake(linkLimits);
  for (const entry of files) take(entry, intake);
  return { files: intake.files, lesson };
}

function take(entry: unknown, intake: Intake): void {
  const [path, kind, content] = (Array.isArray(entry) ? entry : []) as readonly unknown[];
  if (typeof path !== 'string') throw shareInvalid(DAMAGED);
  if (kind === 'd') return intake.addFolder(path);
  if (typeof content !== 'string' || typeof kind !== 'string' || !/^[tb]x?$/.test(kind)) throw shareInvalid(DAMAGED);
  intake.addFile(path, kind.startsWith('t') ? new TextEncoder().encode(content) : bytesOfFile(path, content), kind.endsWith('x'));
}

function bytesOfFile(path: string, base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (error) {
    throw shareInvalid(`The content of ${quoted(path)} is damaged in this link.`, error);
  }
}
