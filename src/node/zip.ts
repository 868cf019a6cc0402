import { crc32, deflateRawSync } from 'node:zlib';

/** A file of a zip archive. */
export interface ZipEntry {
  /** With slashes, none at the beginning. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** How a file is put into the archive. */
export interface ZipOptions {
  /** Shell scripts start with a double click where the archive keeps this. */
  readonly isExecutable?: boolean;
  /** zlib's level; 0 for content that is already compressed. The default is 9. */
  readonly level?: number;
}

const STORED = 0;
const DEFLATED = 8;
const VERSION = 20;
/** Made on Unix, so that the modes count. */
const MADE_BY_UNIX = (3 << 8) | VERSION;
/** The path is UTF-8. */
const UTF8_FLAG = 0x800;
/** 1 January 1980, the first day a zip can name: the same content gives the same archive. */
const DOS_DATE = (1 << 5) | 1;
const REGULAR_FILE = 0o100644;
const EXECUTABLE_FILE = 0o100755;
/** Beyond these an archive needs the larger format (ZIP64), which not every system's own unpacker reads. */
const MAX_BYTES = 0xffff_ffff;
const MAX_ENTRIES = 0xffff;

/** The bytes of a zip archive in the order given, without times or owners (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16). Where they go is the caller's. */
export class ZipArchive {
  readonly #directory: Buffer[] = [];
  #count = 0;
  #bytes = 0;

  /** Of what was given so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Gives a file's bytes in the archive. Throws where that would get too large for the format. */
  add({ path, bytes }: ZipEntry, { isExecutable = false, level = 9 }: ZipOptions = {}): Buffer {
    const packed = level === 0 ? bytes : deflateRawSync(bytes, { level });
    const name = Buffer.from(path, 'utf8');
    const header = commonHeader(name, bytes, packed, level === 0 ? STORED : DEFLATED);
    const file = Buffer.concat([signature('\x03\x04'), header, name, packed]);
    this.#count += 1;
    if (this.#count > MAX_ENTRIES || this.#bytes + file.length > MAX_BYTES) throw new Error('the archive gets too large for a zip file');
    const madeBy = Buffer.alloc(2);
    madeBy.writeUInt16LE(MADE_BY_UNIX);
    this.#directory.push(signature('\x01\x02'), madeBy, header, directoryTail(this.#bytes, isExecutable ? EXECUTABLE_FILE : REGULAR_FILE), name);
    this.#bytes += file.length;
    return file;
  }

  /** Gives what comes last: the directory, without which it is no archive. */
  end(): Buffer {
    const directory = Buffer.concat(this.#directory);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(this.#count, 4);
    end.writeUInt16LE(this.#count, 6);
    end.writeUInt32LE(directory.length, 8);
    end.writeUInt32LE(this.#bytes, 12);
    const last = Buffer.concat([directory, signature('\x05\x06'), end]);
    this.#bytes += last.length;
    return last;
  }
}

/** Packs files into an archive in memory. */
export function packZip(entries: readonly ZipEntry[]): Buffer {
  const archive = new ZipArchive();
  const files = entries.map(entry => archive.add(entry));
  return Buffer.concat([...files, archive.end()]);
}

function commonHeader(name: Buffer, content: Uint8Array, packed: Uint8Array, method: number): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(VERSION, 0);
  header.writeUInt16LE(UTF8_FLAG, 2);
  header.writeUInt16LE(method, 4);
  header.writeUInt16LE(DOS_DATE, 8);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function directoryTail(offset: number, mode: number): Buffer {
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE((mode << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  return tail;
}

function signature(text: string): Buffer {
  return Buffer.from(`PK${text}`, 'latin1');
}
