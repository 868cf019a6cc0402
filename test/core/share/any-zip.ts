import { crc32, deflateRawSync } from 'node:zlib';

/** An entry as a stranger could write it: what its headers say need not be so. */
export interface AnyEntry {
  readonly path: string;
  readonly body: string | Buffer;
  readonly isStored?: boolean;
  readonly isMarkedUtf8?: boolean;
  /** What its headers say of its size. */
  readonly toldBytes?: number;
  /** Has its content where the entry before it has it. */
  readonly isSharing?: boolean;
}

/** A zip archive of any entries (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16). */
export function writeAnyZip(entries: readonly AnyEntry[], comment = ''): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  let place = 0;
  let packedBefore: Buffer = Buffer.alloc(0);
  for (const entry of entries) {
    const body = Buffer.from(entry.body);
    const packed = entry.isSharing === true ? packedBefore : entry.isStored === true ? body : deflateRawSync(body);
    packedBefore = packed;
    const name = Buffer.from(entry.path);
    const common = commonHeader(entry, body, packed, name);
    if (entry.isSharing !== true) {
      place = offset;
      const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
      locals.push(local);
      offset += local.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    tail.writeUInt32LE(place, 10);
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, name);
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Math.min(entries.length, 0xffff), 4);
  end.writeUInt16LE(Math.min(entries.length, 0xffff), 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  end.writeUInt16LE(Buffer.byteLength(comment), 16);
  return new Uint8Array(Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end, Buffer.from(comment)]));
}

function commonHeader({ isMarkedUtf8, isStored, toldBytes }: AnyEntry, body: Buffer, packed: Buffer, name: Buffer): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(isMarkedUtf8 === false ? 0 : 0x800, 2);
  header.writeUInt16LE(isStored === true ? 0 : 8, 4);
  header.writeUInt16LE((1 << 5) | 1, 8);
  header.writeUInt32LE(crc32(body), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(toldBytes ?? body.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}
