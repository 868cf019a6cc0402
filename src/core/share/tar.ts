/**
 * Tar archives as POSIX.1-2001 (pax) has them, and what GNU tar adds for long names. Of our own because the packages there are take what they
 * do not know (a sparse file of GNU tar, a name that is no UTF-8) for something else without a word, and a learner is to be told.
 */
import { joined, joinedAll } from '../base/bytes.ts';
import { textOf } from '../base/text.ts';
import { quoted, shareInvalid, type CarriedFiles, type Intake, type LeftOut } from './carried-files.ts';

const BLOCK = 512;
/** Where the fields of a header stand: offset and length, in bytes. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  time: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  prefix: [345, 155],
} as const;
type Field = keyof typeof fields;

/** Of the types of entries that the workspace cannot have. */
const otherTypes: Readonly<Record<string, string>> = {
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
  S: 'a sparse file of GNU tar',
};

const wantedKeys: readonly string[] = ['path', 'linkpath', 'size'];
const LONGEST_KEY = 100;

interface TarEntry {
  readonly path: string;
  readonly type: string;
  readonly isExecutable: boolean;
  readonly linkPath: string;
  readonly body: Uint8Array;
  readonly isSparse: boolean;
}

/** Is there the header of a tar archive at the beginning? */
export function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= BLOCK && (textAt(bytes, 'magic') === 'ustar' || textAt(bytes, 'magic') === 'ustar ') && isChecked(bytes.subarray(0, BLOCK));
}

/** Takes all of an archive in; gives what had to be left out. Throws `share-invalid` where it is damaged, cut, or not to be trusted. */
export function readTar(bytes: Uint8Array, intake: Intake): readonly LeftOut[] {
  const leftOut: LeftOut[] = [];
  for (const entry of entriesOf(bytes)) {
    const reason = take(entry, intake);
    if (reason !== undefined) leftOut.push({ path: entry.path, reason });
  }
  return leftOut;
}

/** Makes an archive; `modified` is when, in milliseconds since 1970. The entries belong to root, as in the guest. */
export function writeTar(files: CarriedFiles, modified: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const [path, entry] of files) {
    const isFolder = entry.kind === 'folder';
    const body = isFolder ? new Uint8Array() : entry.content;
    const name = isFolder ? `${path}/` : path;
    const common = { mode: isFolder || entry.executable ? 0o755 : 0o644, modified };
    // Where a name is long or not of ASCII, the record before it says what it is in UTF-8.
    // oxlint-disable-next-line no-control-regex -- ASCII is meant
    if (name.length > fields.name[1] || /[^\x01-\x7f]/.test(name)) {
      const record = paxRecord('path', name);
      parts.push(header({ ...common, name: 'PaxHeader', size: record.length, type: 'x' }), padded(record));
    }
    parts.push(header({ ...common, name, size: body.length, type: isFolder ? '5' : '0' }), padded(body));
  }
  return joinedAll([...parts, new Uint8Array(2 * BLOCK)]);
}

/** Why an entry was not taken in; undefined where it was. */
function take(entry: TarEntry, intake: Intake): string | undefined {
  if (entry.isSparse) return otherTypes['S'];
  const path = entry.path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  if (path === '' || path === '.') return undefined;
  if (entry.type === '5' || entry.path.endsWith('/')) intake.addFolder(path);
  else if (entry.type === '0' || entry.type === '7') intake.addFile(path, entry.body.slice(), entry.isExecutable);
  else if (entry.type === '1') return takeLinked(path, entry, intake);
  else return otherTypes[entry.type] ?? `of the unknown type ${quoted(entry.type)}`;
  return undefined;
}

/** A second name of a file that is in the archive: the workspace gets a second file. */
function takeLinked(path: string, { isExecutable, linkPath }: TarEntry, intake: Intake): string | undefined {
  const target = intake.files.get(linkPath.replace(/^(?:\.\/+)+/, ''));
  if (target?.kind !== 'file') return 'a link to a file that is not in the archive';
  intake.addFile(path, target.content, isExecutable);
  return undefined;
}

function* entriesOf(bytes: Uint8Array): Generator<TarEntry> {
  let extra = new Map<string, string>();
  const always = new Map<string, string>();
  for (let at = 0; ;) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.length < BLOCK) throw cut();
    if (block.every(byte => byte === 0)) return;
    if (!isChecked(block))
      throw shareInvalid('The archive is damaged: one of its headers does not have the checksum it should have. Nothing was added.');
    const type = textAt(block, 'type') || '0';
    const size = type === 'x' || type === 'g' ? numberAt(block, 'size') : sizeOf(block, extra);
    const body = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (body.length < size) throw cut();
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'g') for (const [key, value] of paxRecords(body)) always.set(key, value);
    else if (type === 'x') for (const [key, value] of paxRecords(body)) extra.set(key, value);
    else if (type === 'L') extra.set('path', nameOf(upToZero(body)));
    else if (type === 'K') extra.set('linkpath', nameOf(upToZero(body)));
    else {
      yield entryOf(block, type, body, new Map([...always, ...extra]));
      extra = new Map();
    }
  }
}

function entryOf(block: Uint8Array, type: string, body: Uint8Array, extra: ReadonlyMap<string, string>): TarEntry {
  const prefix = textAt(block, 'magic') === 'ustar' ? nameAt(block, 'prefix') : '';
  const name = nameAt(block, 'name');
  return {
    path: extra.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`),
    type,
    isExecutable: (numberAt(block, 'mode') & 0o111) !== 0,
    linkPath: extra.get('linkpath') ?? nameAt(block, 'link'),
    body,
    isSparse: [...extra.keys()].some(key => key.startsWith('GNU.sparse.')),
  };
}

/** A link, a folder, a device has no content, whatever some programs write there. */
function sizeOf(block: Uint8Array, extra: ReadonlyMap<string, string>): number {
  if ('123456'.includes(textAt(block, 'type') || '0')) return 0;
  const size = Number(extra.get('size') ?? numberAt(block, 'size'));
  if (!Number.isSafeInteger(size) || size < 0) throw damaged();
  return size;
}

/** Records of the form `<length> <key>=<value>` and a line end; the length is that of the whole record in bytes. */
function* paxRecords(bytes: Uint8Array): Generator<[string, string]> {
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(space < 0 ? NaN : textOf(bytes.subarray(at, space)));
    const record = bytes.subarray(space + 1, at + length - 1);
    if (!Number.isSafeInteger(length) || length < space - at + 3 || at + length > bytes.length) throw damaged();
    const equals = record.indexOf(0x3d);
    if (equals < 1) throw damaged();
    const key = String.fromCharCode(...record.subarray(0, Math.min(equals, LONGEST_KEY)));
    // What else there is, attributes of a file say, can be any bytes.
    yield [key, wantedKeys.includes(key) ? nameOf(record.subarray(equals + 1)) : ''];
    at += length;
  }
}

function paxRecord(key: string, value: string): Uint8Array {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`);
  // The length counts its own digits.
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return joined(new TextEncoder().encode(String(length)), rest);
}

function header(entry: { name: string; mode: number; size: number; modified: number; type: string }): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (field: Field, text: string): void => {
    const [offset, length] = fields[field];
    block.set(new TextEncoder().encode(text).subarray(0, length), offset);
  };
  const octal = (field: Field, value: number): void => put(field, `${value.toString(8).padStart(fields[field][1] - 1, '0')}\0`);
  put('name', entry.name);
  octal('mode', entry.mode);
  octal('uid', 0);
  octal('gid', 0);
  octal('size', entry.size);
  octal('time', Math.floor(entry.modified / 1000));
  put('type', entry.type);
  put('magic', 'ustar\0');
  put('version', '00');
  put('checksum', `${checksumOf(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

function padded(body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(body.length / BLOCK) * BLOCK);
  whole.set(body);
  return whole;
}

function isChecked(block: Uint8Array): boolean {
  return numberAt(block, 'checksum') === checksumOf(block);
}

/** The sum of all bytes, those of the checksum itself taken as spaces. */
function checksumOf(block: Uint8Array): number {
  const [offset, length] = fields.checksum;
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += index >= offset && index < offset + length ? 0x20 : (block[index] ?? 0);
  return sum;
}

function bytesAt(block: Uint8Array, field: Field): Uint8Array {
  const [offset, length] = fields[field];
  return block.subarray(offset, offset + length);
}

function textAt(block: Uint8Array, field: Field): string {
  return String.fromCharCode(...upToZero(bytesAt(block, field)));
}

function nameAt(block: Uint8Array, field: Field): string {
  return nameOf(upToZero(bytesAt(block, field)));
}

/** In octal digits, or with the highest bit set in binary, as GNU tar has large sizes. */
function numberAt(block: Uint8Array, field: Field): number {
  const bytes = bytesAt(block, field);
  if (((bytes[0] ?? 0) & 0x80) !== 0) return bytes.slice(1).reduce((sum, byte) => sum * 256 + byte, (bytes[0] ?? 0) & 0x7f);
  const digits = textAt(block, field).trim();
  return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : NaN;
}

function upToZero(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function nameOf(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text === undefined)
    throw shareInvalid('The archive has a name that is not written in UTF-8. Pack it again on a system that uses UTF-8. Nothing was added.');
  return text;
}

function cut(): Error {
  return shareInvalid('The archive is incomplete: its end is missing. Copy or download it again. Nothing was added.');
}

function damaged(): Error {
  return shareInvalid('The archive is damaged: one of its headers makes no sense. Copy or download it again. Nothing was added.');
}
