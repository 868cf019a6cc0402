/** Shared libraries as the dynamic linker sees them (System V ABI, i386; ELF in 32 bits, little-endian). */

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

interface Segment {
  /** Where its entry in the program header lies. */
  readonly header: number;
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

interface DynamicEntry {
  readonly at: number;
  readonly tag: number;
  readonly value: number;
}

/** True for a file that is a program or library of this kind. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length > 52 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46 && bytes[4] === 1;
}

function segmentsOf(elf: Buffer): Segment[] {
  const [start, size, count] = [elf.readUInt32LE(28), elf.readUInt16LE(42), elf.readUInt16LE(44)];
  return Array.from({ length: count }, (_, index) => start + index * size).map(header => {
    const field = (at: number) => elf.readUInt32LE(header + at);
    return { header, type: field(0), offset: field(4), address: field(8), bytes: field(16) };
  });
}

function dynamicOf(elf: Buffer, segments: readonly Segment[]): DynamicEntry[] {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (!dynamic) return [];
  return Array.from({ length: Math.floor(dynamic.bytes / 8) }, (_, index) => dynamic.offset + index * 8).map(at => ({
    at,
    tag: elf.readUInt32LE(at),
    value: elf.readUInt32LE(at + 4),
  }));
}

function offsetOf(segments: readonly Segment[], address: number): number {
  const found = segments.find(one => one.type === PT_LOAD && address >= one.address && address < one.address + one.bytes);
  if (!found) throw new Error(`the address ${address} is in no segment`);
  return address - found.address + found.offset;
}

/** What the dynamic linker reads of a file, where its strings begin, and one of them. */
function dynamicTable(elf: Buffer): { entries: readonly DynamicEntry[]; strings: number; text: (value: number) => string } {
  const segments = segmentsOf(elf);
  const dynamic = dynamicOf(elf, segments);
  const table = dynamic.find(({ tag }) => tag === DT_STRTAB);
  if (!table) return { entries: [], strings: 0, text: () => '' };
  const strings = offsetOf(segments, table.value);
  const entries = dynamic.slice(
    0,
    dynamic.findIndex(({ tag }) => tag === DT_NULL),
  );
  return { entries, strings, text: value => elf.toString('latin1', strings + value, elf.indexOf(0, strings + value)) };
}

/** The names of the libraries that a program or library needs: `libpq.so.5`. */
export function neededLibraries(elf: Buffer): string[] {
  const { entries, text } = dynamicTable(elf);
  return entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => text(value));
}

const DT_DEBUG = 21;

/** Has a library no longer ask for those that fit `names`, which whoever loads it has loaded already. Throws where it asks for none of them. */
export function dropNeeded(elf: Buffer, names: RegExp): Buffer {
  const changed = Buffer.from(elf);
  const { entries, text } = dynamicTable(changed);
  const dropped = entries.filter(({ tag, value }) => tag === DT_NEEDED && names.test(text(value)));
  if (dropped.length === 0) throw new Error(`the library needs nothing like ${names}`);
  // An entry that the dynamic linker passes over in a library.
  for (const { at } of dropped) changed.writeUInt32LE(DT_DEBUG, at);
  return changed;
}

/** Puts another search path in the place of the one that a library has. Throws where it has none, or a shorter one. */
export function moveSearchPath(elf: Buffer, path: string): Buffer {
  const changed = Buffer.from(elf);
  const { entries, text, strings } = dynamicTable(changed);
  const own = entries.find(({ tag }) => tag === DT_RPATH || tag === DT_RUNPATH);
  if (own === undefined || text(own.value).length < path.length)
    throw new Error(`the library has no search path that ${path} could take the place of`);
  changed.write(`${path}\0`, strings + own.value, 'latin1');
  return changed;
}

/** Unused bytes of the file behind a segment, which are in its last page: the file's next segment or page begins after them. */
function roomBehind(segments: readonly Segment[], { offset, bytes }: Segment): { start: number; length: number } {
  const start = offset + bytes;
  const next = segments.filter(one => one.type === PT_LOAD && one.offset >= start).map(one => one.offset);
  return { start, length: next.length === 0 ? 0 : Math.min(...next, (Math.floor(start / 4096) + 1) * 4096) - start };
}

/**
 * Has a library look for what it needs, and for what that needs in turn, in `path` too: `$ORIGIN/../numpy.libs`. It takes one of the spare entries that
 * the linker leaves at the table's end, and puts the path into the unused end of a page. Throws where there is no such room.
 */
export function withSearchPath(elf: Buffer, path: string): Buffer {
  const changed = Buffer.from(elf);
  const segments = segmentsOf(changed);
  const dynamic = dynamicOf(changed, segments);
  const end = dynamic.findIndex(({ tag }) => tag === DT_NULL);
  if (dynamic.slice(0, end).some(({ tag }) => tag === DT_RPATH || tag === DT_RUNPATH)) throw new Error('the library has a search path of its own');
  if (end < 0 || end + 1 >= dynamic.length) throw new Error('the library has no spare entry for a search path');
  const text = Buffer.from(`${path}\0`, 'latin1');
  const readOnly = segments.filter(one => one.type === PT_LOAD && (changed.readUInt32LE(one.header + 24) & 2) === 0);
  const segment = readOnly.find(one => roomBehind(segments, one).length >= text.length);
  if (!segment) throw new Error(`the library has no room for the search path ${path}`);
  const { start } = roomBehind(segments, segment);
  text.copy(changed, start);
  const address = segment.address + segment.bytes;
  // File and memory size of the segment, which now has the path in it.
  for (const field of [16, 20]) changed.writeUInt32LE(segment.bytes + text.length, segment.header + field);
  const strings = dynamic.find(({ tag }) => tag === DT_STRTAB)!.value;
  changed.writeUInt32LE(DT_RPATH, dynamic[end]!.at);
  changed.writeUInt32LE((address - strings) >>> 0, dynamic[end]!.at + 4);
  return changed;
}
