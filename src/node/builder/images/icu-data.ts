/** Cuts down ICU's data: of Debian's 31 MB most are things that no program in a container asks for, and each byte costs the guest when it pulls the image. */

/** Languages whose names, currencies, time zones, units and order of letters stay. Dates and numbers stay for all. */
const LANGUAGES = new Set('root ar cs da de en es fi fr hi id it ja ko nb nl no pl pt ru sv tr uk vi zh'.split(' '));
/** What the trees by language have beside their languages. */
const SHARED = new Set(['res_index', 'pool', 'supplementalData', 'tzdbNames', 'tzm']);
const BY_LANGUAGE = new Set(['coll', 'curr', 'lang', 'region', 'unit', 'zone']);
/** Larger tables of character sets that the web still meets (TextDecoder: gbk, gb18030, big5, euc-jp, shift_jis, euc-kr). */
const CHARACTER_SETS = new Set(
  'ibm-943_P15A-2003 ibm-943_P130-1999 windows-950-2000 windows-936-2000 gb18030-2022 gb18030 euc-jp-2007 windows-949-2000 ibm-1386_P100-2001 ibm-1373_P100-2002 ibm-970_P110_P110-2006_U2'.split(
    ' ',
  ),
);
/** Tables of the western, Cyrillic and other small character sets are shorter than this, in bytes. */
const SMALL_TABLE = 6000;

/** An item of ICU's common data. */
interface Item {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function isKept({ name, bytes }: Item): boolean {
  const parts = name.split('/');
  const file = parts.at(-1)!;
  const [base, extension] = [file.slice(0, file.lastIndexOf('.')), file.slice(file.lastIndexOf('.') + 1)];
  const tree = parts.length > 2 ? parts[1]! : '';
  if (BY_LANGUAGE.has(tree)) return extension !== 'res' || SHARED.has(base) || LANGUAGES.has(base.split('_', 1)[0]!);
  if (tree === 'translit') return false;
  if (tree === 'rbnf') return base === 'root' || base === 'res_index';
  // Words of Burmese, Khmer, Thai, Chinese, Japanese: without spaces they can only be told by a dictionary.
  if (tree === 'brkitr') return extension !== 'dict';
  if (extension === 'cnv') return bytes.length < SMALL_TABLE || CHARACTER_SETS.has(base);
  return base !== 'unames';
}

/** The items of common data (ICU's `udata` format "CmnD": a header, a table of offsets, names, items). */
function readItems(data: Uint8Array, headerBytes: number): Item[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = view.getUint32(headerBytes, true);
  const offsets = Array.from({ length: count }, (_, index) => {
    const at = headerBytes + 4 + 8 * index;
    return { name: headerBytes + view.getUint32(at, true), start: headerBytes + view.getUint32(at + 4, true) };
  });
  return offsets.map(({ name, start }, index) => ({
    name: Buffer.from(data.subarray(name, data.indexOf(0, name))).toString('latin1'),
    bytes: data.subarray(start, offsets[index + 1]?.start ?? data.length),
  }));
}

/** Items start at multiples of this, as ICU's own tool puts them. */
const ALIGNMENT = 16;

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function writeItems(header: Uint8Array, items: readonly Item[]): Uint8Array {
  const names = items.map(({ name }) => Buffer.from(`${name}\0`, 'latin1'));
  const table = Buffer.alloc(4 + 8 * items.length);
  table.writeUInt32LE(items.length, 0);
  let nameAt = table.length;
  let itemAt = aligned(table.length + names.reduce((sum, name) => sum + name.length, 0));
  const starts: number[] = [];
  for (const [index, { bytes }] of items.entries()) {
    table.writeUInt32LE(nameAt, 4 + 8 * index);
    table.writeUInt32LE(itemAt, 8 + 8 * index);
    starts.push(itemAt);
    nameAt += names[index]!.length;
    itemAt = aligned(itemAt + bytes.length);
  }
  const body = Buffer.alloc(itemAt);
  Buffer.concat([table, ...names]).copy(body);
  for (const [index, { bytes }] of items.entries()) body.set(bytes, starts[index]);
  return Buffer.concat([header, body]);
}

/** Common data with only what is worth its bytes here. Throws where it is no common data of a little-endian machine. */
export function trimIcuData(data: Uint8Array): Uint8Array {
  const headerBytes = data[0]! | (data[1]! << 8);
  if (Buffer.from(data.subarray(12, 16)).toString('latin1') !== 'CmnD') throw new Error("ICU's data is not of the format that is known here");
  return writeItems(data.subarray(0, headerBytes), readItems(data, headerBytes).filter(isKept));
}
