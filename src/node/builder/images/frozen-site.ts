/** Segments that are loaded, as far as they are in the file (ELF: Executable and Linking Format, 32 bits). */
interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

const PT_LOAD = 1;
const FROZEN_NAME = Buffer.from('site\0');
/** More than the module has, with room. */
const MAX_CODE_BYTES = 200_000;

function segmentsOf(program: Buffer): Segment[] {
  const [start, size, count] = [program.readUInt32LE(28), program.readUInt16LE(42), program.readUInt16LE(44)];
  return Array.from({ length: count }, (_, index) => start + index * size)
    .filter(at => program.readUInt32LE(at) === PT_LOAD)
    .map(at => ({ offset: program.readUInt32LE(at + 4), address: program.readUInt32LE(at + 8), bytes: program.readUInt32LE(at + 16) }));
}

function addressesOf(program: Buffer, segments: readonly Segment[], text: Buffer): Set<number> {
  const found = new Set<number>();
  for (let at = program.indexOf(text); at >= 0; at = program.indexOf(text, at + 1)) {
    const segment = segments.find(({ offset, bytes }) => at >= offset && at < offset + bytes);
    if (segment) found.add(at - segment.offset + segment.address);
  }
  return found;
}

/**
 * Python 3.11 and later have their first modules in the program itself, "site" too: the file site.py, which says where packages lie, is not read.
 * Takes that one module out of the program's table of frozen modules, by giving it a name that nobody imports. The program must be linked to a
 * fixed address, as Debian's is. Throws where the table is not found.
 */
export function unfreezeSite(program: Buffer): void {
  const segments = segmentsOf(program);
  const names = addressesOf(program, segments, FROZEN_NAME);
  const isInside = (address: number) => segments.some(segment => address >= segment.address && address < segment.address + segment.bytes);
  const isEntry = (at: number): boolean => {
    const [code, bytes, isPackage, make] = [4, 8, 12, 16].map(field => program.readUInt32LE(at + field)) as [number, number, number, number];
    // Python 3.11 has a function there that gives the code, others have the code itself.
    const hasCode = code === 0 ? bytes === 0 && isInside(make) : isInside(code) && bytes > 1000 && bytes < MAX_CODE_BYTES;
    return hasCode && isPackage === 0;
  };
  const entries: number[] = [];
  for (let at = 0; at + 20 <= program.length; at += 4) if (names.has(program.readUInt32LE(at)) && isEntry(at)) entries.push(at);
  if (entries.length !== 1) throw new Error(`the program has ${entries.length} frozen modules that look like "site", not one`);
  // One letter further on: "ite".
  program.writeUInt32LE(program.readUInt32LE(entries[0]!) + 1, entries[0]!);
}
