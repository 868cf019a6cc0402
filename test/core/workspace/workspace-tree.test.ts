import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES, type FileChange } from '../../../src/core/workspace/file-change.ts';
import { createNinePServer } from '../../../src/core/workspace/nine-p/nine-p-server.ts';
import { nameProblem } from '../../../src/core/workspace/path.ts';
import { WorkspaceTree } from '../../../src/core/workspace/workspace-tree.ts';
import { NinePClient, O, u32 } from './nine-p-client.ts';

let tree: WorkspaceTree;
let guest: NinePClient;
let told: string[];

/** A change in one line: `written a/b* =text` for an executable with that text. */
function line(change: FileChange): string {
  if (change.kind === 'renamed') return `renamed ${change.path} -> ${change.to}`;
  if (change.kind !== 'written') return `${change.kind} ${change.path}`;
  return `written ${change.path}${change.executable ? '*' : ''} =${Buffer.from(change.content).toString()}`;
}

const write = (path: string, content: string, executable = false) => tree.apply({ kind: 'written', path, content: Buffer.from(content), executable });
const text = (path: string) => {
  const bytes = tree.read(path);
  return bytes && Buffer.from(bytes).toString();
};
const takeTold = () => told.splice(0);

beforeEach(() => {
  vi.useFakeTimers();
  tree = new WorkspaceTree();
  guest = new NinePClient(createNinePServer(tree)).mount();
  told = [];
  tree.onGuestChange(change => told.push(line(change)));
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the page's changes", () => {
  test("are made with their parents, and never come back as the guest's", () => {
    write('a/b/c.txt', 'c', true);
    tree.apply({ kind: 'folder', path: 'd/e' });
    tree.apply({ kind: 'folder', path: 'd/e' });
    tree.apply({ kind: 'renamed', path: 'a/b', to: 'new/place' });
    tree.apply({ kind: 'removed', path: 'd' });
    tree.apply({ kind: 'removed', path: 'never/there' });
    vi.advanceTimersByTime(10_000);
    expect(takeTold()).toEqual([]);
    expect(tree.list()).toEqual([
      { kind: 'folder', path: 'a' },
      { kind: 'folder', path: 'new' },
      { kind: 'folder', path: 'new/place' },
      { kind: 'file', path: 'new/place/c.txt', sizeBytes: 1, executable: true },
    ]);
    expect(text('a/b/c.txt')).toBeUndefined();
    expect(tree.read('new')).toBeUndefined();
  });

  test('are seen by the next read of a file the guest has open, and of a folder it is in', () => {
    write('f', 'old');
    const fid = guest.open('f', O.rdonly);
    const before = guest.stat(fid);
    write('f', 'new content', true);
    expect(guest.read(fid).toString()).toBe('new content');
    expect(guest.stat(fid)).toMatchObject({ size: 11, mode: 0o100755, qid: { path: before.qid.path } });
    tree.apply({ kind: 'renamed', path: 'f', to: 'g' });
    write('g', 'again');
    expect(guest.read(fid).toString()).toBe('again');
    tree.apply({ kind: 'removed', path: 'g' });
    expect(guest.read(fid).toString()).toBe('again');
    expect(guest.names('')).toEqual([]);
  });

  test('keep a copy: what the page does to its bytes later is its own affair', () => {
    const bytes = Buffer.from('abc');
    tree.apply({ kind: 'written', path: 'f', content: bytes, executable: false });
    bytes.fill(0);
    tree.read('f')!.fill(0);
    expect(text('f')).toBe('abc');
  });

  test("keep the guest's other permissions", () => {
    guest.save('', 'secret', 'x', 0o600);
    write('secret', 'y');
    expect(guest.stat(guest.walk('secret')).mode).toBe(0o100600);
  });

  test('replace a file by a rename', () => {
    write('a', 'A');
    write('b', 'B');
    tree.apply({ kind: 'renamed', path: 'a', to: 'b' });
    tree.apply({ kind: 'renamed', path: 'b', to: 'b' });
    expect(tree.list().map(({ path }) => path)).toEqual(['b']);
    expect(text('b')).toBe('A');
  });

  const conflicts: [string, FileChange][] = [
    ['a file in a file', { kind: 'written', path: 'file/x', content: Buffer.from(''), executable: false }],
    ['a folder in a file', { kind: 'folder', path: 'file/x/y' }],
    ['a file over a folder', { kind: 'written', path: 'folder', content: Buffer.from(''), executable: false }],
    ['a folder over a file', { kind: 'folder', path: 'file' }],
    ['a file over a link', { kind: 'written', path: 'link', content: Buffer.from(''), executable: false }],
    ['a rename over a folder', { kind: 'renamed', path: 'file', to: 'folder' }],
    ['a folder renamed over a file', { kind: 'renamed', path: 'folder', to: 'file' }],
    ['a rename into itself', { kind: 'renamed', path: 'folder', to: 'folder/sub' }],
    ['a rename into a file', { kind: 'renamed', path: 'folder', to: 'file/x' }],
    ['a rename of nothing', { kind: 'renamed', path: 'none', to: 'x' }],
    ['the workspace itself removed', { kind: 'removed', path: '' }],
    ['a path that climbs out', { kind: 'removed', path: '../etc' }],
    ['a rename out', { kind: 'renamed', path: 'file', to: '/etc/passwd' }],
    ['a broken name', { kind: 'folder', path: 'half\ud83d' }],
    ['a file too large', { kind: 'written', path: 'big', content: new Uint8Array(MAX_FILE_BYTES + 1), executable: false }],
  ];
  test.each(conflicts)('refused: %s', (_what, change) => {
    write('file', 'kept');
    write('folder/inside', 'kept');
    guest.rpc(16, u32(guest.root), 'link', 'file', u32(0));
    const before = tree.list();
    expect(() => tree.apply(change)).toThrow(expect.objectContaining({ code: 'workspace-refused', name: 'SandboxError' }));
    expect(tree.list()).toEqual(before);
    expect(text('file')).toBe('kept');
  });

  test('refused when the workspace is full, in words the learner can use', () => {
    const content = new Uint8Array(MAX_FILE_BYTES);
    const count = MAX_WORKSPACE_BYTES / MAX_FILE_BYTES;
    for (let index = 0; index < count; index++) tree.apply({ kind: 'written', path: `f${index}`, content, executable: false });
    expect(() => write('more', 'x')).toThrow(/"more" was not saved: the workspace is full \(at most 128 MB/);
    expect(tree.read('more')).toBeUndefined();
    tree.apply({ kind: 'removed', path: 'f0' });
    write('more', 'x');
    expect(text('more')).toBe('x');
  });
});

describe("the guest's changes", () => {
  test('a saved file is told once, when it is closed', () => {
    const fid = guest.create('', 'out.txt');
    guest.write(fid, 0, 'ab');
    guest.write(fid, 2, 'cd');
    expect(takeTold()).toEqual([]);
    guest.clunk(fid);
    expect(takeTold()).toEqual(['written out.txt =abcd']);
    vi.advanceTimersByTime(10_000);
    expect(takeTold()).toEqual([]);
  });

  test('reading tells nothing, and an empty new file is told', () => {
    write('f', 'x');
    guest.clunk(guest.open('f', O.rdwr));
    expect(takeTold()).toEqual([]);
    guest.save('', 'empty', '');
    expect(takeTold()).toEqual(['written empty =']);
  });

  test('fsync tells a file that stays open; so does a quarter of a second of quiet', () => {
    const fid = guest.create('', 'log');
    guest.write(fid, 0, '1');
    guest.rpc(50, u32(fid), u32(0));
    expect(takeTold()).toEqual(['written log =1']);
    guest.write(fid, 1, '2');
    vi.advanceTimersByTime(200);
    guest.write(fid, 2, '3');
    vi.advanceTimersByTime(200);
    expect(takeTold()).toEqual([]);
    vi.advanceTimersByTime(60);
    expect(takeTold()).toEqual(['written log =123']);
    vi.advanceTimersByTime(10_000);
    expect(takeTold()).toEqual([]);
  });

  test('a log that is never quiet is told every two seconds', () => {
    const fid = guest.create('', 'log');
    for (let index = 0; index < 60; index++) {
      guest.write(fid, index, 'x');
      vi.advanceTimersByTime(100);
    }
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.length).toBeLessThanOrEqual(4);
  });

  test('a truncate by name and a chmod +x are told', () => {
    write('run.sh', 'echo');
    guest.at('run.sh', fid => guest.setattr(fid, 0x1, { mode: 0o755 }));
    vi.advanceTimersByTime(300);
    expect(takeTold()).toEqual(['written run.sh* =echo']);
    guest.at('run.sh', fid => guest.setattr(fid, 0x1, { mode: 0o700 }));
    vi.advanceTimersByTime(300);
    expect(takeTold()).toEqual([]);
    guest.at('run.sh', fid => guest.setattr(fid, 0x8, { size: 2 }));
    vi.advanceTimersByTime(300);
    expect(takeTold()).toEqual(['written run.sh* =ec']);
  });

  test('folders, removals and renames are told at once', () => {
    write('old/f', 'x');
    guest.mkdir('old', 'new');
    guest.rename('', 'old', '', 'moved');
    guest.unlink('moved', 'f');
    guest.unlink('moved', 'new', 0x200);
    expect(takeTold()).toEqual(['folder old/new', 'renamed old -> moved', 'removed moved/f', 'removed moved/new']);
  });

  test("an editor's save by rename is told as new content of the old file", () => {
    write('main.py', 'old');
    const fid = guest.create('', '.main.py.swp');
    guest.write(fid, 0, 'new');
    guest.rename('', '.main.py.swp', '', 'main.py');
    guest.clunk(fid);
    expect(takeTold()).toEqual(['written main.py =new']);
    guest.save('', 'sedXYZ', 'newer');
    guest.rename('', 'sedXYZ', '', 'main.py');
    expect(takeTold()).toEqual(['written sedXYZ =newer', 'written main.py =newer', 'removed sedXYZ']);
  });

  test('a file moved while it is written is told where it ends up', () => {
    write('d/known', 'k');
    const fid = guest.create('d', 'f');
    const known = guest.open('d/known', O.wronly);
    guest.write(fid, 0, 'x');
    guest.write(known, 0, 'K');
    guest.rename('', 'd', '', 'e');
    guest.rename('e', 'f', '', 'f');
    guest.clunk(fid);
    guest.clunk(known);
    expect(takeTold()).toEqual(['renamed d -> e', 'written f =x', 'written e/known =K']);
  });

  test('a file that comes and goes before it was told is never told; nor is a link', () => {
    const fid = guest.create('', 'tmp');
    guest.write(fid, 0, 'x');
    guest.unlink('', 'tmp');
    guest.clunk(fid);
    guest.rpc(16, u32(guest.root), 'link', 'target', u32(0));
    guest.rename('', 'link', '', 'other');
    guest.unlink('', 'other');
    vi.advanceTimersByTime(10_000);
    expect(takeTold()).toEqual([]);
  });

  test('a link put over a file, and a folder put over an empty folder, take the old one away', () => {
    write('f', 'x');
    guest.rpc(16, u32(guest.root), 'link', 'target', u32(0));
    guest.rename('', 'link', '', 'f');
    expect(takeTold()).toEqual(['removed f']);
    tree.apply({ kind: 'folder', path: 'a' });
    tree.apply({ kind: 'folder', path: 'b' });
    guest.rename('', 'a', '', 'b');
    expect(takeTold()).toEqual(['removed b', 'renamed a -> b']);
  });

  test("the page's newer content wins over what the guest had not finished", () => {
    const fid = guest.create('', 'f');
    guest.write(fid, 0, 'guest');
    write('f', 'page');
    guest.clunk(fid);
    vi.advanceTimersByTime(10_000);
    expect(takeTold()).toEqual([]);
    expect(text('f')).toBe('page');
  });
});

test("names: what is no file's name has a reason", () => {
  for (const name of ['', '.', '..', 'a/b', 'a\0b', 'half\udc00', 'é'.repeat(128)]) expect(nameProblem(name), name).toBeTypeOf('string');
  for (const name of ['a', '...', '🐳', ' ', 'é'.repeat(127)]) expect(nameProblem(name), name).toBeUndefined();
  expect(new SandboxError('workspace-refused', 'x').code).toBe('workspace-refused');
});
