// The build of it that leaves compression to the platform: neither WebAssembly nor workers of its own.
import {
  ERR_ENCRYPTED,
  ERR_UNSUPPORTED_COMPRESSION,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  Writer,
  ZipReader,
  ZipWriter,
  type Entry,
} from '@zip.js/zip.js/lib/zip-core-custom.js';
import { joinedAll } from '../base/bytes.ts';
import { messageOf, SandboxError } from '../base/errors.ts';
import { textOf } from '../base/text.ts';
import { quoted, shareInvalid, type CarriedFiles, type Intake, type LeftOut } from './carried-files.ts';

/** The upper half of an entry's attributes is its Unix mode where one of these systems made it. */
const UNIX_SYSTEMS: readonly number[] = [3, 19];
const UNIX = 3;
const KIND_MASK = 0o170000;
const kinds: Readonly<Record<number, string>> = {
  0o120000: 'a symbolic link',
  0o020000: 'a device',
  0o060000: 'a device',
  0o010000: 'a named pipe',
  0o140000: 'a socket',
};

/** Takes all of an archive in; gives its comment and what had to be left out. Rejects with `share-invalid` where it is damaged or not to be trusted. */
export async function readZip(bytes: Uint8Array, intake: Intake): Promise<{ readonly leftOut: readonly LeftOut[]; readonly comment: string }> {
  const reader = new ZipReader(new Uint8ArrayReader(bytes), {
    useWebWorkers: false,
    checkSignature: true,
    // The intake judges names, and says what is wrong with one.
    filenameValidation: 'tolerant',
  });
  const leftOut: LeftOut[] = [];
  try {
    // One by one: a list of millions ends at the intake's limit.
    for await (const entry of reader.getEntriesGenerator()) {
      const path = pathOf(entry);
      const reason = await take(path, entry, intake);
      if (reason !== undefined) leftOut.push({ path, reason });
    }
    return { leftOut, comment: textOf(reader.comment) ?? '' };
  } catch (error) {
    throw error instanceof SandboxError ? error : shareInvalid(wordsFor(messageOf(error)), error);
  }
}

/** Makes an archive; `modified` is when, in milliseconds since 1970. */
export async function writeZip(files: CarriedFiles, modified: number, comment: string): Promise<Uint8Array> {
  const archive = new Uint8ArrayWriter();
  const writer = new ZipWriter(archive, { useWebWorkers: false, extendedTimestamp: true });
  for (const [path, entry] of files) {
    const isFolder = entry.kind === 'folder';
    const mode = isFolder ? 0o040755 : entry.executable ? 0o100755 : 0o100644;
    await writer.add(isFolder ? `${path}/` : path, isFolder ? undefined : new Uint8ArrayReader(entry.content), {
      directory: isFolder,
      lastModDate: new Date(modified),
      versionMadeBy: (UNIX << 8) | 20,
      msDosCompatible: false,
      externalFileAttributes: (mode << 16) >>> 0,
    });
  }
  await writer.close(new TextEncoder().encode(comment));
  return archive.getData();
}

/** Some programs write UTF-8 without saying so. */
function pathOf(entry: Entry): string {
  return (entry.filenameUTF8 ? undefined : textOf(entry.rawFilename)) ?? entry.filename;
}

/** Why an entry was not taken in; undefined where it was. */
async function take(path: string, entry: Entry, intake: Intake): Promise<string | undefined> {
  const mode = UNIX_SYSTEMS.includes(entry.versionMadeBy >> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const kind = kinds[mode & KIND_MASK];
  if (kind !== undefined) return kind;
  if (/^__MACOSX(?:\/|$)/.test(path)) return 'what macOS notes about another file';
  const name = path.replace(/\/+$/, '');
  if (entry.directory) {
    intake.addFolder(name);
    return undefined;
  }
  if (entry.encrypted) throw shareInvalid(`${quoted(path)} is protected by a password: unpack it on your computer and drop the files.`);
  intake.checkRoom(name, entry.uncompressedSize);
  const content = new BoundedWriter(name, intake);
  await entry.getData(content, { useWebWorkers: false, checkSignature: true });
  intake.addFile(name, content.whole(), (mode & 0o111) !== 0);
  return undefined;
}

/** Ends the unpacking of a file as soon as it is larger than what may come in, whatever its entry says of its size. */
class BoundedWriter extends Writer<undefined> {
  readonly #path: string;
  readonly #intake: Intake;
  readonly #pieces: Uint8Array[] = [];
  #byteCount = 0;

  constructor(path: string, intake: Intake) {
    super();
    this.#path = path;
    this.#intake = intake;
  }

  override async writeUint8Array(piece: Uint8Array): Promise<void> {
    this.#byteCount += piece.length;
    this.#intake.checkRoom(this.#path, this.#byteCount);
    this.#pieces.push(piece.slice());
  }

  whole(): Uint8Array {
    return joinedAll(this.#pieces);
  }
}

function wordsFor(message: string): string {
  if (message === ERR_ENCRYPTED) return 'The archive is protected by a password: unpack it on your computer and drop the files.';
  if (message === ERR_UNSUPPORTED_COMPRESSION)
    return 'A file in the archive is packed in a way that is not known here. Pack it as an ordinary zip ("deflate").';
  return `The archive is damaged or incomplete (${message}). Copy or download it again. Nothing was added.`;
}
