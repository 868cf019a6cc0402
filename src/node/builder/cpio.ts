/** What stands in an archive: a regular file, a folder, a symbolic link or a character device. */
export type CpioEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'device'; readonly path: string; readonly mode: number; readonly major: number; readonly minor: number };

const types = { file: 0o100000, folder: 0o040000, link: 0o120000, device: 0o020000 } as const;
const MAGIC = '070701';
/** What follows on heads and contents begins at a multiple of this. */
const ALIGNMENT = 4;

/** Packs a file system as the kernel wants its first one ("newc", Documentation/driver-api/early-userspace/buffer-format.rst). Folders go before what is in them. */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.map((entry, index) => member(entry, index + 1));
  return Buffer.concat([...parts, record('TRAILER!!!', { inode: 0, mode: 0 }, Buffer.alloc(0))]);
}

function member(entry: CpioEntry, inode: number): Buffer {
  const mode = types[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode);
  const content = entry.kind === 'file' ? Buffer.from(entry.content) : Buffer.from(entry.kind === 'link' ? entry.target : '');
  const device = entry.kind === 'device' ? { major: entry.major, minor: entry.minor } : {};
  return record(entry.path, { inode, mode, ...device }, content);
}

function record(path: string, head: { inode: number; mode: number; major?: number; minor?: number }, content: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, user, group, links, time, size, device of the file system (2), device of the file (2), length of the name, checksum.
  const numbers = [head.inode, head.mode, 0, 0, 1, 0, content.length, 0, 0, head.major ?? 0, head.minor ?? 0, name.length, 0];
  const text = MAGIC + numbers.map(number => number.toString(16).padStart(8, '0')).join('');
  return Buffer.concat([padded(Buffer.concat([Buffer.from(text), name])), padded(content)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)]);
}
