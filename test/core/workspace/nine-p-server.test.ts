import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES } from '../../../src/core/workspace/file-change.ts';
import { createNinePServer } from '../../../src/core/workspace/nine-p/nine-p-server.ts';
import { WorkspaceTree } from '../../../src/core/workspace/workspace-tree.ts';
import { E, errnoOf, message, NinePClient, O, u16, u32, u64, u8 } from './nine-p-client.ts';

let tree: WorkspaceTree;
let guest: NinePClient;

beforeEach(() => {
  tree = new WorkspaceTree();
  guest = new NinePClient(createNinePServer(tree)).mount();
});

const text = (path: string) => {
  const bytes = tree.read(path);
  return bytes && Buffer.from(bytes).toString();
};

describe('the connection', () => {
  test('a version offer is answered byte by byte as the protocol says', () => {
    const reply = guest.exchange(message(100, 0xffff, [u32(131_072), '9P2000.L']));
    expect(reply.toString('hex')).toBe(Buffer.from('\x15\0\0\0\x65\xff\xff\0\0\x02\0\x08\x009P2000.L', 'latin1').toString('hex'));
  });

  test("an unknown version is refused in the protocol's way, a message size too small for Linux by an error", () => {
    expect(guest.rpc(100, u32(8192), '9P2000.u').toString('latin1')).toContain('unknown');
    expect(errnoOf(() => guest.rpc(100, u32(100), '9P2000.L'))).toBe(E.EINVAL);
  });

  test('a second version message forgets all fids', () => {
    guest.rpc(100, u32(8192), '9P2000.L');
    expect(errnoOf(() => guest.stat(guest.root))).toBe(E.EBADF);
  });

  test('the root is a folder', () => {
    const { qid, mode, links } = guest.stat(guest.root);
    expect(qid).toEqual({ type: 0x80, version: 1, path: 1 });
    expect(mode.toString(8)).toBe('40755');
    expect(links).toBe(2);
  });

  test('flush, locks and statfs are answered; xattrs, hard links, auth, devices are refused', () => {
    expect(guest.rpc(108, u16(1)).length).toBe(0);
    guest.save('', 'f', 'x');
    const fid = guest.open('f', O.rdwr);
    expect([...guest.rpc(52, u32(fid), u8(1), u32(0), u64(0), u64(0), u32(7), 'guest')]).toEqual([0]);
    const getlock = guest.rpc(54, u32(fid), u8(1), u64(3), u64(4), u32(7), 'guest');
    expect([getlock[0], Number(getlock.readBigUInt64LE(1)), getlock.subarray(23).toString()]).toEqual([2, 3, 'guest']);
    const statfs = guest.rpc(8, u32(fid));
    expect(statfs.readUInt32LE(0)).toBe(0x01021997);
    expect(Number(statfs.readBigUInt64LE(8)) * 4096).toBe(MAX_WORKSPACE_BYTES);
    expect(Number(statfs.readBigUInt64LE(16)) * 4096).toBe(MAX_WORKSPACE_BYTES - 4096);
    expect(statfs.length).toBe(60);
    expect(errnoOf(() => guest.rpc(30, u32(fid), u32(99), 'user.x'))).toBe(E.EOPNOTSUPP);
    expect(errnoOf(() => guest.rpc(32, u32(fid), 'user.x', u64(1), u32(0)))).toBe(E.EOPNOTSUPP);
    expect(errnoOf(() => guest.rpc(70, u32(guest.root), u32(fid), 'hard'))).toBe(E.EOPNOTSUPP);
    expect(errnoOf(() => guest.rpc(102, u32(50), '', '', u32(0)))).toBe(E.EOPNOTSUPP);
    expect(errnoOf(() => guest.rpc(18, u32(guest.root), 'fifo', u32(0o010644), u32(0), u32(0), u32(0)))).toBe(E.EPERM);
    guest.rpc(18, u32(guest.root), 'plain', u32(0o100600), u32(0), u32(0), u32(0));
    expect(guest.stat(guest.walk('plain')).mode.toString(8)).toBe('100600');
  });
});

describe('walks', () => {
  beforeEach(() => {
    tree.apply({ kind: 'written', path: 'a/b/c.txt', content: Buffer.from('c'), executable: false });
  });

  test('go down, up, and stay', () => {
    expect(guest.stat(guest.walk('a/b/c.txt')).size).toBe(1);
    expect(guest.stat(guest.walk('a/b/..')).qid).toEqual(guest.stat(guest.walk('a')).qid);
    expect(guest.stat(guest.walk('..')).qid.path).toBe(1);
    expect(guest.stat(guest.walk('', guest.walk('a/b'))).qid).toEqual(guest.stat(guest.walk('a/b')).qid);
  });

  test('a missing first name is an error; a missing later one gives the walked part and no fid', () => {
    expect(errnoOf(() => guest.rpc(110, u32(guest.root), u32(70), u16(1), 'no'))).toBe(E.ENOENT);
    const reply = guest.rpc(110, u32(guest.root), u32(70), u16(3), 'a', 'no', 'c.txt');
    expect([reply.readUInt16LE(0), reply.length]).toEqual([1, 15]);
    expect(errnoOf(() => guest.stat(70))).toBe(E.EBADF);
    const file = guest.walk('a/b/c.txt');
    expect(errnoOf(() => guest.walk('x', file))).toBe(E.ENOTDIR);
  });

  test("a fid may be walked onto itself, not onto another's number", () => {
    const fid = guest.walk('a');
    guest.rpc(110, u32(fid), u32(fid), u16(1), 'b');
    expect(guest.stat(fid).qid).toEqual(guest.stat(guest.walk('a/b')).qid);
    expect(errnoOf(() => guest.rpc(110, u32(guest.root), u32(fid), u16(0)))).toBe(E.EBADF);
    expect(errnoOf(() => guest.rpc(110, u32(guest.root), u32(71), u16(17), ...Array<string>(17).fill('a')))).toBe(E.EINVAL);
  });

  test('an open fid may be cloned, as Linux does to stat an open file', () => {
    const fid = guest.open('a/b/c.txt', O.rdonly);
    const clone = guest.walk('', fid);
    expect(errnoOf(() => guest.read(clone))).toBe(E.EBADF);
    guest.rpc(12, u32(clone), u32(O.rdonly));
    expect(guest.read(clone).toString()).toBe('c');
  });
});

describe('files', () => {
  test('are created, written, read back, and appear to the page', () => {
    guest.mkdir('', 'src');
    guest.save('src', 'main.py', 'print(1)\n');
    expect(text('src/main.py')).toBe('print(1)\n');
    expect(guest.read(guest.open('src/main.py', O.rdonly)).toString()).toBe('print(1)\n');
    expect(tree.list()).toEqual([
      { kind: 'folder', path: 'src' },
      { kind: 'file', path: 'src/main.py', sizeBytes: 9, executable: false },
    ]);
  });

  test('reads are cut at the end of the file and at the message size', () => {
    tree.apply({ kind: 'written', path: 'big', content: new Uint8Array(300_000).fill(7), executable: false });
    const fid = guest.open('big', O.rdonly);
    expect(guest.read(fid, 0, 1_000_000).length).toBe(131_072 - 24);
    expect(guest.read(fid, 299_999).length).toBe(1);
    expect(guest.read(fid, 300_000).length).toBe(0);
    expect(guest.read(fid, 2n ** 63n).length).toBe(0);
  });

  test('a write beyond the end leaves zeroes, and so does a cut and a growth', () => {
    const fid = guest.create('', 'f', O.rdwr | O.creat);
    guest.write(fid, 4, 'xy');
    expect(text('f')).toBe('\0\0\0\0xy');
    guest.setattr(fid, 0x8, { size: 5 });
    guest.setattr(fid, 0x8, { size: 8 });
    expect(text('f')).toBe('\0\0\0\0x\0\0\0');
    guest.write(fid, 0, 'AB');
    expect(guest.read(fid).toString()).toBe('AB\0\0x\0\0\0');
    // A cut so small that the buffer is kept, with the old bytes in it.
    guest.write(fid, 0, 'y'.repeat(200));
    guest.setattr(fid, 0x8, { size: 150 });
    guest.setattr(fid, 0x8, { size: 160 });
    expect(text('f')).toBe('y'.repeat(150) + '\0'.repeat(10));
  });

  test('an appending fid writes at the end, wherever the guest believes it to be', () => {
    tree.apply({ kind: 'written', path: 'log', content: Buffer.from('one\n'), executable: false });
    const fid = guest.open('log', O.wronly | O.append);
    tree.apply({ kind: 'written', path: 'log', content: Buffer.from('one\ntwo\n'), executable: false });
    guest.write(fid, 4, 'three\n');
    expect(text('log')).toBe('one\ntwo\nthree\n');
  });

  test('opening with truncate empties; creating an existing file opens it, unless exclusively', () => {
    guest.save('', 'f', 'old');
    expect(errnoOf(() => guest.create('', 'f', O.wronly | O.creat | O.excl))).toBe(E.EEXIST);
    guest.clunk(guest.create('', 'f', O.rdwr | O.creat));
    expect(text('f')).toBe('old');
    guest.clunk(guest.open('f', O.wronly | O.trunc));
    expect(text('f')).toBe('');
  });

  test('a fid opened for reading cannot write, an unopened one neither read nor write', () => {
    guest.save('', 'f', 'x');
    expect(errnoOf(() => guest.write(guest.open('f', O.rdonly), 0, 'y'))).toBe(E.EBADF);
    expect(errnoOf(() => guest.write(guest.walk('f'), 0, 'y'))).toBe(E.EBADF);
    const fid = guest.open('f', O.rdonly);
    expect(errnoOf(() => guest.rpc(12, u32(fid), u32(O.rdonly)))).toBe(E.EBADF);
    expect(text('f')).toBe('x');
  });

  test('an open file that is removed or replaced stays usable until it is closed', () => {
    guest.save('', 'f', 'one');
    const fid = guest.open('f', O.rdwr);
    guest.unlink('', 'f');
    expect(guest.read(fid).toString()).toBe('one');
    guest.write(fid, 3, 'two');
    expect(guest.read(fid).toString()).toBe('onetwo');
    expect(guest.stat(fid)).toMatchObject({ links: 0, size: 6 });
    expect(errnoOf(() => guest.walk('f'))).toBe(E.ENOENT);
    expect(tree.store.usedBytes).toBe(6);
    guest.clunk(fid);
    expect(tree.store.usedBytes).toBe(0);

    guest.save('', 'old', 'old');
    guest.save('', 'new', 'new!');
    const open = guest.open('old', O.rdonly);
    guest.rename('', 'new', '', 'old');
    expect(guest.read(open).toString()).toBe('old');
    expect(text('old')).toBe('new!');
    guest.clunk(open);
    expect(tree.store.usedBytes).toBe(4);
  });

  test('attributes are stored: mode, owner, times', () => {
    guest.save('', 'f', 'x');
    const fid = guest.walk('f');
    guest.setattr(fid, 0x1 | 0x2 | 0x4 | 0x20 | 0x100, { mode: 0o104755, uid: 5, gid: 6, modified: [1_700_000_000, 123_456_789] });
    expect(guest.stat(fid)).toMatchObject({ uid: 5, gid: 6, modified: 1_700_000_000_123_456_789n, blocks: 1 });
    expect(guest.stat(fid).mode.toString(8)).toBe('104755');
    guest.setattr(fid, 0x20);
    expect(Math.abs(Number(guest.stat(fid).modified / 1_000_000n) - Date.now())).toBeLessThan(5000);
    expect(errnoOf(() => guest.setattr(guest.root, 0x8, { size: 0 }))).toBe(E.EISDIR);
  });

  test("a user's files belong to him, the mount's to root", () => {
    guest.save('', 'root', '');
    expect(guest.stat(guest.walk('root')).uid).toBe(0);
    const fid = guest.walk('', guest.attach(1000));
    guest.rpc(14, u32(fid), 'his', u32(O.wronly), u32(0o600), u32(1000));
    expect(guest.stat(fid)).toMatchObject({ uid: 1000, gid: 1000, mode: 0o100600 });
  });

  test('the version of a file rises with its content, from the guest and from the page', () => {
    const fid = guest.create('', 'f');
    const versions = [guest.stat(fid).qid.version];
    guest.write(fid, 0, 'x');
    versions.push(guest.stat(fid).qid.version);
    tree.apply({ kind: 'written', path: 'f', content: Buffer.from('y'), executable: false });
    versions.push(guest.stat(fid).qid.version);
    expect(versions[0]).toBeGreaterThan(0);
    expect([...versions].sort((a, b) => a - b)).toEqual([...new Set(versions)]);
  });
});

describe('folders and links', () => {
  test('listing gives every name once, with types, also in small pieces', () => {
    const names = Array.from({ length: 500 }, (_, index) => `file-${index}`);
    for (const name of names) tree.apply({ kind: 'written', path: name, content: Buffer.from(''), executable: false });
    tree.apply({ kind: 'folder', path: 'folder' });
    expect(guest.names('', 100)).toEqual([...names, 'folder']);
    const types = new Map(guest.entries(guest.open('', O.rdonly), 0, 100_000).map(([name, , type]) => [name, type]));
    expect([types.get('.'), types.get('..'), types.get('file-3'), types.get('folder')]).toEqual([4, 4, 8, 4]);
  });

  test('removing while listing neither skips nor repeats', () => {
    for (let index = 0; index < 50; index++) guest.save('', `f${index}`, '');
    const fid = guest.open('', O.rdonly);
    const removed: string[] = [];
    for (let after = 0; ;) {
      const found = guest.entries(fid, after, 200);
      if (found.length === 0) break;
      after = found.at(-1)![1];
      for (const [name] of found.filter(([name]) => !name.startsWith('.'))) {
        guest.unlink('', name);
        removed.push(name);
      }
    }
    expect(removed.length).toBe(50);
    expect(tree.list()).toEqual([]);
  });

  test("mkdir, rmdir and unlink keep to Linux's rules", () => {
    guest.mkdir('', 'd');
    expect(errnoOf(() => guest.mkdir('', 'd'))).toBe(E.EEXIST);
    expect(guest.stat(guest.root).links).toBe(3);
    guest.save('d', 'f', 'x');
    expect(errnoOf(() => guest.unlink('', 'd'))).toBe(E.EISDIR);
    expect(errnoOf(() => guest.unlink('', 'd', 0x200))).toBe(E.ENOTEMPTY);
    expect(errnoOf(() => guest.unlink('d', 'f', 0x200))).toBe(E.ENOTDIR);
    expect(errnoOf(() => guest.unlink('d', 'g'))).toBe(E.ENOENT);
    expect(errnoOf(() => guest.open('d', O.rdwr))).toBe(E.EISDIR);
    expect(errnoOf(() => guest.open('d/f', O.rdonly | O.directory))).toBe(E.ENOTDIR);
    const fid = guest.walk('d');
    guest.unlink('d', 'f');
    guest.unlink('', 'd', 0x200);
    expect(errnoOf(() => guest.rpc(72, u32(fid), 'inside', u32(0o755), u32(0)))).toBe(E.ENOENT);
  });

  test('Tremove removes and always takes the fid', () => {
    guest.save('', 'f', 'x');
    const fid = guest.walk('f');
    guest.rpc(122, u32(fid));
    expect(errnoOf(() => guest.stat(fid))).toBe(E.EBADF);
    guest.mkdir('', 'd');
    guest.mkdir('d', 'e');
    const folder = guest.walk('d');
    expect(errnoOf(() => guest.rpc(122, u32(folder)))).toBe(E.ENOTEMPTY);
    expect(errnoOf(() => guest.stat(folder))).toBe(E.EBADF);
    expect(errnoOf(() => guest.rpc(122, u32(guest.walk(''))))).toBe(E.EPERM);
  });

  test("renames move whole folders and keep to Linux's rules", () => {
    tree.apply({ kind: 'written', path: 'a/b/c', content: Buffer.from('c'), executable: false });
    guest.mkdir('', 'empty');
    guest.save('', 'file', 'f');
    expect(errnoOf(() => guest.rename('', 'a', 'a/b', 'x'))).toBe(E.EINVAL);
    expect(errnoOf(() => guest.rename('', 'file', '', 'empty'))).toBe(E.EISDIR);
    expect(errnoOf(() => guest.rename('', 'empty', '', 'file'))).toBe(E.ENOTDIR);
    expect(errnoOf(() => guest.rename('', 'empty', '', 'a'))).toBe(E.ENOTEMPTY);
    expect(errnoOf(() => guest.rename('', 'none', '', 'x'))).toBe(E.ENOENT);
    guest.rename('', 'a', '', 'empty');
    expect(text('empty/b/c')).toBe('c');
    guest.rename('', 'file', '', 'file');
    expect(text('file')).toBe('f');
    guest.rpc(20, u32(guest.walk('file')), u32(guest.walk('empty/b')), 'moved');
    expect(text('empty/b/moved')).toBe('f');
    expect(guest.names('')).toEqual(['empty']);
  });

  test("symbolic links keep any target and stay out of the page's list", () => {
    guest.rpc(16, u32(guest.root), 'link', 'some/where', u32(0));
    guest.rpc(16, u32(guest.root), 'odd', { raw: Buffer.from([1, 0, 0xff]) }, u32(0));
    const target = guest.rpc(22, u32(guest.walk('link')));
    expect(target.subarray(2).toString()).toBe('some/where');
    expect([...guest.rpc(22, u32(guest.walk('odd')))]).toEqual([1, 0, 0xff]);
    expect(guest.stat(guest.walk('link'))).toMatchObject({ mode: 0o120777, size: 10, qid: { type: 2 } });
    expect(errnoOf(() => guest.open('link', O.rdonly))).toBe(E.ELOOP);
    expect(errnoOf(() => guest.rpc(22, u32(guest.root)))).toBe(E.EINVAL);
    expect(tree.list()).toEqual([]);
    expect(guest.entries(guest.open('', O.rdonly), 2).map(([name, , type]) => [name, type])).toEqual([
      ['link', 10],
      ['odd', 10],
    ]);
  });

  test('odd names survive; impossible ones are refused', () => {
    const names = [' lead', 'new\nline', 'quote"\'', '\ufeffmark', 'e\u0301', '\u00e9', '🐳', '-rf', '\\', 'x'.repeat(255), '\u00e9'.repeat(127)];
    for (const name of names) guest.save('', name, name);
    expect(guest.names('')).toEqual(names);
    for (const name of names) expect(text(name)).toBe(name);
    expect(errnoOf(() => guest.save('', 'x'.repeat(256), ''))).toBe(E.ENAMETOOLONG);
    expect(errnoOf(() => guest.save('', '\u00e9'.repeat(128), ''))).toBe(E.ENAMETOOLONG);
    expect(errnoOf(() => guest.save('', 'a/b', ''))).toBe(E.EINVAL);
    expect(errnoOf(() => guest.save('', '', ''))).toBe(E.EINVAL);
    expect(errnoOf(() => guest.mkdir('', '..'))).toBe(E.EEXIST);
    const broken = { raw: Buffer.from([2, 0, 0x61, 0xff]) };
    expect(errnoOf(() => guest.rpc(72, u32(guest.root), broken, u32(0o755), u32(0)))).toBe(E.EILSEQ);
    expect(errnoOf(() => guest.rpc(110, u32(guest.root), u32(900), u16(1), broken))).toBe(E.ENOENT);
  });
});

describe('limits', () => {
  test('a file too large is EFBIG by truncate, ENOSPC by write (Linux would make EFBIG an I/O error), and keeps what it had', () => {
    const fid = guest.create('', 'f', O.rdwr | O.creat);
    guest.write(fid, 0, 'kept');
    expect(errnoOf(() => guest.write(fid, MAX_FILE_BYTES, 'x'))).toBe(E.ENOSPC);
    expect(errnoOf(() => guest.write(fid, 2n ** 62n, 'x'))).toBe(E.ENOSPC);
    expect(errnoOf(() => guest.setattr(fid, 0x8, { size: MAX_FILE_BYTES + 1 }))).toBe(E.EFBIG);
    expect(guest.read(fid).toString()).toBe('kept');
    expect(tree.store.usedBytes).toBe(4);
  });

  test('a full workspace is ENOSPC until something is removed', () => {
    const count = MAX_WORKSPACE_BYTES / MAX_FILE_BYTES;
    for (let index = 0; index < count; index++) guest.setattr(guest.create('', `f${index}`), 0x8, { size: MAX_FILE_BYTES });
    const fid = guest.create('', 'one-more');
    expect(errnoOf(() => guest.write(fid, 0, 'x'))).toBe(E.ENOSPC);
    tree.apply({ kind: 'written', path: 'f0', content: Buffer.from(''), executable: false });
    expect(guest.write(fid, 0, 'x')).toBe(1);
  });

  test('many small appends do not copy the file each time', () => {
    const fid = guest.create('', 'log');
    const line = Buffer.alloc(64, 'x');
    const started = performance.now();
    for (let index = 0; index < 60_000; index++) guest.write(fid, index * 64, line);
    // Copying at each of 60,000 writes would move 115 GB: minutes.
    expect(performance.now() - started).toBeLessThan(5000);
    expect(tree.read('log')!.length).toBe(60_000 * 64);
  });
});

describe('bad messages', () => {
  test('every cut of a valid request is refused and harms nothing', () => {
    const requests = [
      message(110, 5, [u32(guest.root), u32(800), u16(2), 'a', 'b']),
      message(14, 5, [u32(guest.root), 'name', u32(1), u32(0), u32(0)]),
      message(118, 5, [u32(guest.root), u64(0), u32(3), { raw: Buffer.from('abc') }]),
      message(74, 5, [u32(guest.root), 'a', u32(guest.root), 'b']),
      message(26, 5, [u32(guest.root), u32(1), u32(0), u32(0), u32(0), u64(0), u64(0), u64(0), u64(0), u64(0)]),
    ];
    for (const request of requests) {
      for (let length = 0; length < request.length; length++) {
        const asClaimed = guest.exchange(request.slice(0, length));
        expect([asClaimed[4], asClaimed.readUInt32LE(7)]).toEqual([7, E.EPROTO]);
        if (length < 7) continue;
        const resized = Buffer.from(request.slice(0, length));
        resized.writeUInt32LE(length, 0);
        const reply = guest.exchange(new Uint8Array(resized));
        expect([reply[4], reply.readUInt16LE(5)]).toEqual([7, 5]);
      }
    }
    expect(tree.list()).toEqual([]);
  });

  test('noise is always answered, by an error or a proper reply', () => {
    let seed = 12345;
    const random = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8;
    for (let round = 0; round < 20_000; round++) {
      const noise = Buffer.alloc(7 + (random() % 40));
      for (let index = 0; index < noise.length; index++) noise[index] = random() % 3 === 0 ? random() : random() % 4;
      noise.writeUInt32LE(noise.length, 0);
      noise[4] = random() % 130;
      const reply = guest.exchange(new Uint8Array(noise));
      expect(reply.readUInt32LE(0)).toBe(reply.length);
      expect([7, noise[4]! + 1]).toContain(reply[4]);
    }
  });

  test('an unknown type is not supported', () => {
    expect(errnoOf(() => guest.rpc(200))).toBe(E.EOPNOTSUPP);
    expect(errnoOf(() => guest.rpc(112, u32(0), u8(0)))).toBe(E.EOPNOTSUPP);
  });
});

describe('a saved state', () => {
  test('lets a mounted guest go on in another tree, with files the page put there', () => {
    const shell = guest.walk('');
    for (let index = 0; index < 10; index++) {
      guest.save('', 'scratch', 'x');
      guest.unlink('', 'scratch');
    }
    const saved = JSON.parse(JSON.stringify(guest.server.saveState()));
    const numbered = tree.store.nextId;

    const later = new WorkspaceTree();
    later.apply({ kind: 'written', path: 'hello.py', content: Buffer.from('hi'), executable: false });
    const server = createNinePServer(later);
    server.restoreState(saved);
    const restored = new NinePClient(server);
    const names = restored.rpc(110, u32(shell), u32(500), u16(1), 'hello.py');
    expect(names.readUInt16LE(0)).toBe(1);
    restored.rpc(12, u32(500), u32(O.rdonly));
    expect(restored.read(500).toString()).toBe('hi');
    expect(restored.stat(guest.root).qid.path).toBe(1);
    restored.rpc(72, u32(shell), 'made', u32(0o755), u32(0));
    expect(later.store.resolve('made')!.id).toBeGreaterThanOrEqual(numbered);
    expect(errnoOf(() => restored.rpc(104, u32(shell), u32(0xffff_ffff), '', '', u32(0)))).toBe(E.EBADF);
    expect(restored.read(500, 0, 1_000_000).length).toBe(2);
  });

  test('keeps the message size, open flags, users and removed files', () => {
    guest.save('', 'f', 'abc');
    const open = guest.open('f', O.rdwr | O.append);
    const gone = guest.create('', 'gone', O.rdwr | O.creat);
    guest.unlink('', 'gone');
    const user = guest.attach(1000);
    const saved = guest.server.saveState();

    const later = new WorkspaceTree();
    later.apply({ kind: 'written', path: 'f', content: new Uint8Array(200_000), executable: false });
    const server = createNinePServer(later);
    server.restoreState(saved);
    const restored = new NinePClient(server);
    expect(restored.read(open, 0, 200_000).length).toBe(131_072 - 24);
    restored.write(open, 0, 'tail');
    expect(Buffer.from(later.read('f')!).subarray(200_000).toString()).toBe('tail');
    expect(restored.stat(gone)).toMatchObject({ links: 0, size: 0 });
    restored.rpc(14, u32(user), 'his', u32(O.wronly), u32(0o600), u32(0));
    expect(restored.stat(user).uid).toBe(1000);
    expect(later.list().map(({ path }) => path)).toEqual(['f', 'his']);
  });

  test('of another format is refused', () => {
    const state = { ...guest.server.saveState(), format: 99 };
    expect(() => guest.server.restoreState(state)).toThrow(expect.objectContaining({ code: 'snapshot-mismatch' }));
  });
});
