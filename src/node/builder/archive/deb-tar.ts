/** The tars inside .debs: GNU's format, read into entries with their heads as they are, and written again. */

/** An entry of a tar. */
export interface TarEntry {
  /** Without `./` before it and `/` after it; empty for the root. */
  readonly path: string;
  /** tar's letter: `0` a file, `1` a hard link, `2` a symbolic link, `5` a folder. */
  readonly type: string;
  /** What a hard link points to, as a path above. */
  readonly target: string;
  readonly content: Buffer;
  /** All blocks before the content: the head, and before it those of a long name. */
  readonly head: Buffer;
}

const BLOCK = 512;
const END_BLOCKS = 2;
const LONG_NAME = 'L';
const LONG_TARGET = 'K';
const SIZE_AT = 124;
const SIZE_DIGITS = 11;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const KNOWN_TYPES = new Set(['0', '1', '2', '3', '4', '5', '6']);

function textAt(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString('utf8', start, end < 0 || end > start + length ? start + length : end);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function cleaned(path: string): string {
  return path
    .replace(/^\.?\/+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');
}

/** Reads a tar. Throws for what .debs do not have. */
export function readTar(tar: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let [start, name, target] = [0, '', ''];
  for (let at = 0; at + BLOCK <= tar.length;) {
    const block = tar.subarray(at, at + BLOCK);
    if (block[0] === 0) break;
    const size = parseInt(textAt(block, SIZE_AT, SIZE_DIGITS + 1).trim() || '0', 8);
    const type = textAt(block, 156, 1) || '0';
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    const next = at + BLOCK + padded(size);
    if (type === LONG_NAME) name = textAt(content, 0, size);
    else if (type === LONG_TARGET) target = textAt(content, 0, size);
    else if (KNOWN_TYPES.has(type)) {
      // GNU's and POSIX' formats differ in what stands after the names; .debs have the prefix of POSIX nowhere.
      entries.push({
        path: cleaned(name || textAt(block, 0, 100)),
        type,
        target: type === '1' ? cleaned(target || textAt(block, 157, 100)) : '',
        content,
        head: tar.subarray(start, at + BLOCK),
      });
      [start, name, target] = [next, '', ''];
    } else throw new Error(`a tar entry of the type "${type}" is not known`);
    at = next;
  }
  return entries;
}

/** The entry with another content. */
export function withContent(entry: TarEntry, content: Buffer): TarEntry {
  const head = Buffer.from(entry.head);
  const block = head.subarray(head.length - BLOCK);
  block.write(`${content.length.toString(8).padStart(SIZE_DIGITS, '0')}\0`, SIZE_AT, 'latin1');
  block.fill(' ', CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM_AT, 'latin1');
  return { ...entry, content, head };
}

/** Writes a tar. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap(({ head, content }) => [head, content, Buffer.alloc(padded(content.length) - content.length)]);
  return Buffer.concat([...parts, Buffer.alloc(BLOCK * END_BLOCKS)]);
}
