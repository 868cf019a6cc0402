import { beforeEach, describe, expect, test } from 'vitest';
import { BulkChange } from '../../../src/app/session/workspace/bulk-change.ts';
import type { Entry } from '../../../src/app/session/workspace/file-storage.ts';
import { WorkspaceStore } from '../../../src/app/session/workspace/workspace-store.ts';
import { MAX_FILE_BYTES } from '../../../src/core/workspace/file-change.ts';
import { bytes, MemoryFileStorage } from '../lesson/fake-page.ts';

const file = (text: string, executable = false): Entry => ({ kind: 'file', content: bytes(text), executable });
const folder: Entry = { kind: 'folder' };
let store: WorkspaceStore;
let change: BulkChange;
beforeEach(async () => {
  store = new WorkspaceStore(new MemoryFileStorage());
  await store.load(
    new Map([
      ['own.txt', bytes('mine')],
      ['src/a', bytes('a')],
    ]),
  );
  change = new BulkChange(store);
});
const now = (): Record<string, string> =>
  Object.fromEntries(
    [...store.entries]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, entry]) => [path, entry.kind === 'folder' ? '/' : `${new TextDecoder().decode(entry.content)}${entry.executable ? '*' : ''}`]),
  );
const first = { 'own.txt': 'mine', src: '/', 'src/a': 'a' };

describe('adding', () => {
  const files = new Map([
    ['own.txt', file('theirs')],
    ['src', folder],
    ['src/b', file('b', true)],
    ['empty', folder],
  ]);

  test('is one step that can be taken back and made again', () => {
    change.add('adding x.zip', files);
    const added = { empty: '/', 'own.txt': 'theirs', src: '/', 'src/a': 'a', 'src/b': 'b*' };
    expect(now()).toEqual(added);
    expect(change.last.value).toMatchObject({ label: 'adding x.zip', isUndone: false });
    change.toggle();
    expect(now()).toEqual(first);
    expect(change.last.value?.isUndone).toBe(true);
    change.toggle();
    expect(now()).toEqual(added);
  });

  test('what was made since is not lost by taking it back', () => {
    change.add('adding x.zip', files);
    store.write('empty/new.txt', bytes('typed since'), { origin: 'editor' });
    store.write('src/b', bytes('changed since'), { origin: 'editor' });
    change.toggle();
    expect(now()).toEqual({ ...first, empty: '/', 'empty/new.txt': 'typed since' });
    change.toggle();
    expect(now()['src/b']).toBe('changed since*');
  });

  test('that cannot be done changes nothing', () => {
    const tooLarge: Entry = { kind: 'file', content: new Uint8Array(MAX_FILE_BYTES + 1), executable: false };
    expect(() =>
      change.add(
        'x',
        new Map([
          ['a', file('a')],
          ['own.txt', file('b')],
          ['z', tooLarge],
        ]),
      ),
    ).toThrow(/at most 32 MB/);
    expect(now()).toEqual(first);
    expect(change.last.value).toBeUndefined();
  });
});

describe('replacing', () => {
  test('leaves just what comes, and brings back what was there', () => {
    change.replaceAll(
      'replacing',
      new Map([
        ['src', file('a file now')],
        ['own.txt', folder],
        ['own.txt/inside', file('x')],
      ]),
    );
    expect(now()).toEqual({ 'own.txt': '/', 'own.txt/inside': 'x', src: 'a file now' });
    change.toggle();
    expect(now()).toEqual(first);
  });

  test('by nothing', () => {
    change.replaceAll('replacing', new Map());
    expect(now()).toEqual({});
    change.toggle();
    expect(now()).toEqual(first);
  });

  test('is told to the guest in an order that it can follow', () => {
    const told: string[] = [];
    store.onChange(({ change: one }) => told.push(`${one.kind} ${one.path}`));
    change.replaceAll('replacing', new Map([['src', file('x')]]));
    expect(told).toEqual(['removed src/a', 'removed src', 'removed own.txt', 'written src']);
  });
});

test('in another workspace there is nothing to take back', async () => {
  change.add('adding', new Map([['b', file('b')]]));
  await store.switchTo(new MemoryFileStorage(), new Map());
  expect(change.last.value).toBeUndefined();
  change.toggle();
  expect(now()).toEqual({});
});
