import { beforeEach, describe, expect, test } from 'vitest';
import type { Entry, FileStorage } from '../../../src/app/session/workspace/file-storage.ts';
import { GuestSync } from '../../../src/app/session/workspace/guest-sync.ts';
import { treeRows } from '../../../src/app/session/workspace/tree-rows.ts';
import { WorkspaceStore } from '../../../src/app/session/workspace/workspace-store.ts';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES } from '../../../src/core/workspace/file-change.ts';
import { StubSandbox } from './stub-sandbox.ts';

/** What a browser would store, and a switch to make it refuse. */
class MemoryStorage implements FileStorage {
  stored: Map<string, Entry> | undefined;
  isRefusing = false;

  load(): Promise<Map<string, Entry> | undefined> {
    if (this.isRefusing) return Promise.reject(new SandboxError('storage-refused', 'Refused.'));
    return Promise.resolve(this.stored && new Map(this.stored));
  }

  save(puts: ReadonlyMap<string, Entry>, deletes: readonly string[]): Promise<void> {
    if (this.isRefusing) return Promise.reject(new SandboxError('storage-refused', 'Full.'));
    this.stored ??= new Map();
    for (const path of deletes) this.stored.delete(path);
    for (const [path, entry] of puts) this.stored.set(path, entry);
    return Promise.resolve();
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (store: WorkspaceStore, path: string): string | undefined => {
  const entry = store.entries.get(path);
  return entry?.kind === 'file' ? new TextDecoder().decode(entry.content) : undefined;
};
const starter = new Map([['hello.txt', new TextEncoder().encode('hello')]]);

let storage: MemoryStorage;
let store: WorkspaceStore;
beforeEach(async () => {
  storage = new MemoryStorage();
  store = new WorkspaceStore(storage);
  await store.load(starter);
});

describe('the workspace store', () => {
  test('a first visit has the starter files, a later one what it left', async () => {
    expect(textOf(store, 'hello.txt')).toBe('hello');
    store.remove('hello.txt', 'page');
    store.write('a/b/c.txt', bytes('deep'), { origin: 'page' });
    await store.flush();
    const later = new WorkspaceStore(storage);
    await later.load(starter);
    expect([...later.entries.keys()].sort()).toEqual(['a', 'a/b', 'a/b/c.txt']);
    expect(textOf(later, 'a/b/c.txt')).toBe('deep');
  });

  test('an emptied workspace stays empty', async () => {
    store.remove('hello.txt', 'page');
    await store.flush();
    const later = new WorkspaceStore(storage);
    await later.load(starter);
    expect(later.entries.size).toBe(0);
  });

  test('refuses what is too big and loses nothing', () => {
    expect(() => store.write('big', new Uint8Array(MAX_FILE_BYTES + 1), { origin: 'page' })).toThrow(/at most 32 MB/);
    for (let index = 0; index < MAX_WORKSPACE_BYTES / MAX_FILE_BYTES - 1; index++) {
      store.write(`part${index}`, new Uint8Array(MAX_FILE_BYTES), { origin: 'page' });
    }
    expect(() => store.write('last', new Uint8Array(MAX_FILE_BYTES), { origin: 'page' })).toThrow(/all files together/);
    expect(textOf(store, 'hello.txt')).toBe('hello');
  });

  test('refuses a file where a folder is, and the other way round', () => {
    store.makeFolder('src', 'page');
    expect(() => store.write('src', bytes(''), { origin: 'page' })).toThrow(/already a folder/);
    expect(() => store.makeFolder('hello.txt', 'page')).toThrow(/already a file/);
    expect(() => store.write('hello.txt/x', bytes(''), { origin: 'page' })).toThrow(/is a file/);
  });

  test('rename moves a folder with all in it and replaces nothing', () => {
    store.write('src/a.py', bytes('a'), { executable: true, origin: 'page' });
    store.rename('src', 'lib', 'page');
    expect(store.entries.get('lib/a.py')).toMatchObject({ executable: true });
    expect(store.entries.has('src')).toBe(false);
    expect(() => store.rename('lib', 'hello.txt', 'page')).toThrow(/already exists/);
    expect(() => store.rename('lib', 'lib/inner', 'page')).toThrow(/into itself/);
  });

  test('restore undoes a removal', () => {
    store.write('src/a.py', bytes('a'), { origin: 'page' });
    const removed = store.remove('src', 'page');
    expect(store.entries.has('src/a.py')).toBe(false);
    store.restore(removed);
    expect(textOf(store, 'src/a.py')).toBe('a');
  });

  test('a storage that refuses is told of, and what waits is written when it takes again', async () => {
    storage.isRefusing = true;
    store.write('new.txt', bytes('new'), { origin: 'editor' });
    await store.flush();
    expect(store.storageProblem.value).toMatch(/only in this tab/);
    storage.isRefusing = false;
    await store.flush();
    expect(store.storageProblem.value).toBeUndefined();
    expect(storage.stored?.has('new.txt')).toBe(true);
  });

  test('a frozen store writes no more', async () => {
    store.freeze();
    store.write('late.txt', bytes('late'), { origin: 'editor' });
    await store.flush();
    expect(storage.stored?.has('late.txt')).not.toBe(true);
  });
});

describe('the store and the guest', () => {
  let messages: string[];
  let sync: GuestSync;
  let sandbox: StubSandbox;
  beforeEach(async () => {
    messages = [];
    sandbox = new StubSandbox();
    sync = new GuestSync(store, message => messages.push(message));
    await sync.attach(sandbox);
  });

  test('a machine that comes up gets all files', () => {
    expect(sandbox.applied).toEqual([{ kind: 'written', path: 'hello.txt', content: bytes('hello'), executable: false }]);
  });

  test('flush resolves when the guest has the last text, and only that is sent', async () => {
    sandbox.applied.length = 0;
    for (const text of ['a', 'ab', 'abc']) store.write('t', bytes(text), { origin: 'editor' });
    await sync.flush();
    expect(sandbox.applied).toEqual([{ kind: 'written', path: 't', content: bytes('abc'), executable: false }]);
  });

  test('a change of the guest comes into the store and is not sent back', async () => {
    sandbox.applied.length = 0;
    sandbox.fileChange.emit({ kind: 'written', path: 'out/log', content: bytes('x'), executable: true });
    await sync.flush();
    expect(textOf(store, 'out/log')).toBe('x');
    expect(sandbox.applied).toEqual([]);
  });

  test('the learner’s newer text wins, and he is told', async () => {
    store.write('hello.txt', bytes('mine'), { origin: 'editor' });
    sandbox.fileChange.emit({ kind: 'written', path: 'hello.txt', content: bytes('the guest’s'), executable: false });
    await sync.flush();
    expect(textOf(store, 'hello.txt')).toBe('mine');
    expect(messages).toEqual([expect.stringContaining('your text was kept')]);
    expect(sandbox.applied.at(-1)).toMatchObject({ path: 'hello.txt', content: bytes('mine') });
  });

  test('a program that replaces a file by renaming leaves the new text', () => {
    sandbox.fileChange.emit({ kind: 'written', path: 'sedX', content: bytes('new'), executable: false });
    sandbox.fileChange.emit({ kind: 'renamed', path: 'sedX', to: 'hello.txt' });
    expect(textOf(store, 'hello.txt')).toBe('new');
    expect(store.entries.has('sedX')).toBe(false);
  });

  test('a machine that stopped is not reported twice; another failure is', async () => {
    sandbox.applies = () => Promise.reject(new SandboxError('machine-stopped', 'Gone.'));
    store.write('t', bytes('1'), { origin: 'editor' });
    await sync.flush();
    expect(messages).toEqual([]);
    sandbox.applies = () => Promise.reject(new SandboxError('workspace-refused', 'Full.'));
    store.write('t', bytes('2'), { origin: 'editor' });
    await sync.flush();
    expect(messages).toEqual([expect.stringContaining('Full.')]);
  });
});

describe('the rows of the tree', () => {
  test('folders first, numbers in order, closed folders closed', () => {
    for (const path of ['b.txt', 'a10', 'a9', 'z/y/x', '.env']) store.write(path, bytes(''), { origin: 'page' });
    expect(treeRows(store.entries, new Set()).map(row => row.name)).toEqual(['z', '.env', 'a9', 'a10', 'b.txt', 'hello.txt']);
    const opened = treeRows(store.entries, new Set(['z', 'z/y']));
    expect(opened.slice(0, 3).map(({ name, level }) => [name, level])).toEqual([
      ['z', 1],
      ['y', 2],
      ['x', 3],
    ]);
  });
});
