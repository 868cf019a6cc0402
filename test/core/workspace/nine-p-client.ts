import type { NinePServer } from '../../../src/core/workspace/nine-p/nine-p-server.ts';

/** A field of a message: [width in bytes, value], a string, or raw bytes. */
export type Field = readonly [1 | 2 | 4 | 8, number | bigint] | string | { readonly raw: Uint8Array };

export const u8 = (value: number) => [1, value] as const;
export const u16 = (value: number) => [2, value] as const;
export const u32 = (value: number) => [4, value] as const;
export const u64 = (value: number | bigint) => [8, value] as const;

export const O = { rdonly: 0, wronly: 1, rdwr: 2, creat: 0o100, excl: 0o200, trunc: 0o1000, append: 0o2000, directory: 0o200000 };
export const E = {
  EPERM: 1,
  ENOENT: 2,
  EBADF: 9,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EFBIG: 27,
  ENOSPC: 28,
  ENAMETOOLONG: 36,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EPROTO: 71,
  EILSEQ: 84,
  EOPNOTSUPP: 95,
};

/** Builds a request: size[4] type[1] tag[2] and the fields, little endian. */
export function message(type: number, tag: number, fields: readonly Field[]): Uint8Array {
  const parts = fields.map(encodeField);
  const length = 7 + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt8(type, 4);
  bytes.writeUInt16LE(tag, 5);
  let offset = 7;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return new Uint8Array(bytes);
}

function encodeField(field: Field): Uint8Array {
  if (typeof field === 'string') {
    const text = Buffer.from(field, 'utf8');
    return Buffer.concat([Buffer.from([text.length & 255, text.length >> 8]), text]);
  }
  if ('raw' in field) return field.raw;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(field[1]));
  return bytes.subarray(0, field[0]);
}

export interface Qid {
  readonly type: number;
  readonly version: number;
  readonly path: number;
}
export interface Stat {
  readonly qid: Qid;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly blocks: number;
  readonly modified: bigint;
}

/** Thrown for an Rlerror. */
export class Refused extends Error {
  constructor(readonly errno: number) {
    super(`errno ${errno}`);
  }
}

/** A guest's kernel in small: speaks real 9P2000.L bytes to a server. */
export class NinePClient {
  #nextFid = 0;
  #tag = 1;
  readonly server: NinePServer;
  root = 0;

  constructor(server: NinePServer) {
    this.server = server;
  }

  /** Sends bytes, gives back the reply, whatever it is. */
  exchange(request: Uint8Array): Buffer {
    const replies: Uint8Array[] = [];
    this.server.handle(request, reply => replies.push(reply));
    if (replies.length !== 1) throw new Error(`${replies.length} replies`);
    return Buffer.from(replies[0]!);
  }

  /** Sends a request and gives back the payload of its reply; throws Refused for an error. */
  rpc(type: number, ...fields: Field[]): Buffer {
    const tag = this.#tag++ & 0x7fff;
    const reply = this.exchange(message(type, tag, fields));
    if (reply.readUInt32LE(0) !== reply.length) throw new Error('wrong size in the reply');
    if (reply.readUInt16LE(5) !== tag) throw new Error('wrong tag in the reply');
    if (reply[4] === 7) throw new Refused(reply.readUInt32LE(7));
    if (reply[4] !== type + 1) throw new Error(`reply ${reply[4]} to ${type}`);
    return reply.subarray(7);
  }

  /** Like mount(8): version and attach. */
  mount(uid = 0xffff_ffff): this {
    this.rpc(100, u32(131_072), '9P2000.L');
    this.root = this.attach(uid);
    return this;
  }

  attach(uid: number): number {
    const fid = this.#nextFid++;
    this.rpc(104, u32(fid), u32(0xffff_ffff), '', '', u32(uid));
    return fid;
  }

  /** A new fid at a path from another fid. Throws ENOENT when not the whole path was walked, as Linux does. */
  walk(path: string, from = this.root): number {
    const names = path === '' ? [] : path.split('/');
    const fid = this.#nextFid++;
    const reply = this.rpc(110, u32(from), u32(fid), u16(names.length), ...names);
    if (reply.readUInt16LE(0) !== names.length) throw new Refused(E.ENOENT);
    return fid;
  }

  open(path: string, flags: number): number {
    const fid = this.walk(path);
    this.rpc(12, u32(fid), u32(flags));
    return fid;
  }

  create(folder: string, name: string, flags = O.wronly | O.creat, mode = 0o644): number {
    const fid = this.walk(folder);
    this.rpc(14, u32(fid), name, u32(flags), u32(mode), u32(0));
    return fid;
  }

  write(fid: number, offset: number | bigint, data: string | Uint8Array): number {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    return this.rpc(118, u32(fid), u64(offset), u32(bytes.length), { raw: bytes }).readUInt32LE(0);
  }

  read(fid: number, offset: number | bigint = 0, count = 100_000): Buffer {
    const reply = this.rpc(116, u32(fid), u64(offset), u32(count));
    if (reply.readUInt32LE(0) !== reply.length - 4) throw new Error('wrong count');
    return reply.subarray(4);
  }

  clunk(fid: number): void {
    this.rpc(120, u32(fid));
  }

  /** Like `echo -n text > path`. */
  save(folder: string, name: string, text: string, mode = 0o644): void {
    const fid = this.create(folder, name, O.wronly | O.creat | O.trunc, mode);
    if (text !== '') this.write(fid, 0, text);
    this.clunk(fid);
  }

  mkdir(folder: string, name: string): void {
    this.at(folder, fid => this.rpc(72, u32(fid), name, u32(0o755), u32(0)));
  }

  unlink(folder: string, name: string, flags = 0): void {
    this.at(folder, fid => this.rpc(76, u32(fid), name, u32(flags)));
  }

  rename(folder: string, name: string, toFolder: string, toName: string): void {
    this.at(folder, from => this.at(toFolder, to => this.rpc(74, u32(from), name, u32(to), toName)));
  }

  stat(fid: number): Stat {
    const reply = this.rpc(24, u32(fid), u64(0x7ff));
    const number = (offset: number) => Number(reply.readBigUInt64LE(offset));
    return {
      qid: { type: reply[8]!, version: reply.readUInt32LE(9), path: number(13) },
      mode: reply.readUInt32LE(21),
      uid: reply.readUInt32LE(25),
      gid: reply.readUInt32LE(29),
      links: number(33),
      size: number(49),
      blocks: number(65),
      modified: reply.readBigUInt64LE(89) * 1_000_000_000n + reply.readBigUInt64LE(97),
    };
  }

  /** `modified` is in seconds and nanoseconds. */
  setattr(fid: number, valid: number, given: { mode?: number; uid?: number; gid?: number; size?: number; modified?: [number, number] } = {}): void {
    const { mode = 0, uid = 0, gid = 0, size = 0, modified: [seconds, nanoseconds] = [0, 0] } = given;
    this.rpc(26, u32(fid), u32(valid), u32(mode), u32(uid), u32(gid), u64(size), u64(0), u64(0), u64(seconds), u64(nanoseconds));
  }

  /** One readdir message: [name, position, type of the entry]. */
  entries(fid: number, after: number, count = 8192): [string, number, number][] {
    const reply = this.rpc(40, u32(fid), u64(after), u32(count));
    const end = 4 + reply.readUInt32LE(0);
    if (end !== reply.length || end - 4 > count) throw new Error('wrong count');
    const found: [string, number, number][] = [];
    for (let at = 4; at < end;) {
      const length = reply.readUInt16LE(at + 22);
      found.push([reply.toString('utf8', at + 24, at + 24 + length), Number(reply.readBigUInt64LE(at + 13)), reply[at + 21]!]);
      at += 24 + length;
    }
    return found;
  }

  /** The names in a folder, without `.` and `..`. */
  names(path: string, count = 8192): string[] {
    const fid = this.open(path, O.rdonly | O.directory);
    const names: string[] = [];
    for (let after = 0; ;) {
      const found = this.entries(fid, after, count);
      if (found.length === 0) break;
      names.push(...found.map(([name]) => name));
      after = found.at(-1)![1];
    }
    this.clunk(fid);
    return names.filter(name => name !== '.' && name !== '..');
  }

  at<T>(path: string, use: (fid: number) => T): T {
    const fid = this.walk(path);
    try {
      return use(fid);
    } finally {
      this.clunk(fid);
    }
  }
}

/** The errno a call is refused with, or 'accepted'. */
export function errnoOf(call: () => unknown): number | 'accepted' {
  try {
    call();
  } catch (error) {
    if (error instanceof Refused) return error.errno;
    throw error;
  }
  return 'accepted';
}
