import { crc32, inflateRawSync } from 'node:zlib';

/** A file as a zip archive's directory lists it, with its content checked against the archive's own checksum. */
export interface UnpackedFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

const END_BYTES = 22;

/** Reads a zip archive as a reader does: from the directory at its end. Throws where the two headers of a file differ. */
export function readZip(archive: Buffer): UnpackedFile[] {
  const end = archive.length - END_BYTES;
  if (archive.readUInt32LE(end) !== 0x0605_4b50) throw new Error('no end record');
  let at = archive.readUInt32LE(end + 16);
  const files: UnpackedFile[] = [];
  for (let index = 0; index < archive.readUInt16LE(end + 10); index++) {
    if (archive.readUInt32LE(at) !== 0x0201_4b50) throw new Error('no directory entry');
    const nameBytes = archive.readUInt16LE(at + 28);
    const path = archive.toString('utf8', at + 46, at + 46 + nameBytes);
    const local = archive.readUInt32LE(at + 42);
    if (archive.readUInt32LE(local) !== 0x0403_4b50 || archive.toString('utf8', local + 30, local + 30 + nameBytes) !== path)
      throw new Error(`the file ${path} is not where the directory says`);
    const start = local + 30 + nameBytes + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(start, start + archive.readUInt32LE(at + 20));
    const isStored = archive.readUInt16LE(at + 10) === 0;
    const bytes = isStored ? packed : inflateRawSync(packed);
    if (crc32(bytes) !== archive.readUInt32LE(at + 16) || bytes.length !== archive.readUInt32LE(at + 24)) throw new Error(`${path} is damaged`);
    files.push({ path, bytes, mode: archive.readUInt32LE(at + 38) >>> 16 });
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  if (at !== end) throw new Error('the directory does not end where it should');
  return files;
}
