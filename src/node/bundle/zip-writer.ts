import { open, type FileHandle } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';

/** How a file is put into the archive. */
export interface ZipOptions {
  /** Shell scripts start with a double click where the archive keeps this. */
  readonly isExecutable?: boolean;
  /** False for what is compressed already. */
  readonly compress?: boolean;
}

const STORED = 0;
const DEFLATED = 8;
const VERSION = 20;
const MADE_BY_UNIX = (3 << 8) | VERSION;
const UTF8_FLAG = 0x800;
/** 1 January 1980, the first day a zip can name: the same content gives the same archive. */
const DOS_DATE = (1 << 5) | 1;
const REGULAR_FILE = 0o100644;
const EXECUTABLE_FILE = 0o100755;
/** Beyond these an archive needs the larger format (ZIP64), which not every system's own unpacker reads. */
const MAX_BYTES = 0xffff_ffff;
const MAX_ENTRIES = 0xffff;

/** Writes a zip archive file by file, so that no more than one is in memory (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16). */
export class ZipWriter {
  readonly #file: FileHandle;
  readonly #directory: Buffer[] = [];
  #count = 0;
  #bytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<ZipWriter> {
    return new ZipWriter(await open(path, 'w'));
  }

  /** Of what is written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `path` has slashes, none at the beginning. Throws where the archive would get too large for the format. */
  async add(path: string, content: Uint8Array, { compress = true, isExecutable = false }: ZipOptions = {}): Promise<void> {
    const packed = compress ? deflateRawSync(content) : content;
    const name = Buffer.from(path, 'utf8');
    const header = commonHeader(name, content, packed, compress ? DEFLATED : STORED);
    this.#count += 1;
    if (this.#count > MAX_ENTRIES || this.#bytes + packed.length + header.length > MAX_BYTES)
      throw new Error('the archive gets too large for a zip file');
    const madeBy = Buffer.alloc(2);
    madeBy.writeUInt16LE(MADE_BY_UNIX);
    const mode = isExecutable ? EXECUTABLE_FILE : REGULAR_FILE;
    this.#directory.push(signature('\x01\x02'), madeBy, header, directoryTail(this.#bytes, mode), name);
    await this.#write(Buffer.concat([signature('\x03\x04'), header, name]));
    await this.#write(packed);
  }

  /** Writes the archive's directory, without which it is none, and closes the file. */
  async close(): Promise<void> {
    const directory = Buffer.concat(this.#directory);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(this.#count, 4);
    end.writeUInt16LE(this.#count, 6);
    end.writeUInt32LE(directory.length, 8);
    end.writeUInt32LE(this.#bytes, 12);
    await this.#write(directory);
    await this.#write(Buffer.concat([signature('\x05\x06'), end]));
    await this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.appendFile(bytes);
    this.#bytes += bytes.length;
  }
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
