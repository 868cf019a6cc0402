import { crc32, deflateRawSync } from 'node:zlib';

/** A file of a zip archive. */
export interface ZipEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** 1 January 1980, the first day a zip can name: the same content gives the same archive. */
const DOS_DATE = (1 << 5) | 1;
const DEFLATE = 8;
const VERSION = 20;
/** Made on Unix, so that the mode below counts. */
const MADE_BY_UNIX = (3 << 8) | VERSION;
const REGULAR_FILE_644 = (0o100644 << 16) >>> 0;
/** The path is UTF-8. */
const UTF8_FLAG = 0x800;

function commonHeader(name: Buffer, entry: ZipEntry, packed: Uint8Array): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(VERSION, 0);
  header.writeUInt16LE(UTF8_FLAG, 2);
  header.writeUInt16LE(DEFLATE, 4);
  header.writeUInt16LE(0, 6);
  header.writeUInt16LE(DOS_DATE, 8);
  header.writeUInt32LE(crc32(entry.bytes), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(entry.bytes.length, 18);
  header.writeUInt16LE(name.length, 22);
  header.writeUInt16LE(0, 24);
  return header;
}

function centralTail(offset: number): Buffer {
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(REGULAR_FILE_644, 6);
  tail.writeUInt32LE(offset, 10);
  return tail;
}

function signature(text: string): Buffer {
  return Buffer.from(`PK${text}`, 'latin1');
}

function endRecord(count: number, directoryBytes: number, offset: number): Buffer {
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(directoryBytes, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([signature('\x05\x06'), end]);
}

/** Packs files into a zip archive, in the order given, without times or owners (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16). */
export function packZip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.path, 'utf8');
    const packed = deflateRawSync(entry.bytes, { level: 9 });
    const header = commonHeader(name, entry, packed);
    const local = Buffer.concat([signature('\x03\x04'), header, name, packed]);
    const madeBy = Buffer.alloc(2);
    madeBy.writeUInt16LE(MADE_BY_UNIX);
    directory.push(signature('\x01\x02'), madeBy, header, centralTail(offset), name);
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...files, central, endRecord(entries.length, central.length, offset)]);
}
