import { expect, test } from 'vitest';
import type { FileNode } from '../../../src/core/workspace/tree-node.ts';
import { restoreTree, saveTree } from '../../../src/core/workspace/tree-state.ts';
import { WorkspaceTree } from '../../../src/core/workspace/workspace-tree.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const root = { uid: 0, gid: 0, mode: 0o644 };

function filled(): WorkspaceTree {
  let now = 1_000_000;
  const tree = new WorkspaceTree(() => (now += 7));
  tree.apply({ kind: 'written', path: 'app/deep/main.py', content: bytes('print(1)\n'), executable: true });
  tree.apply({ kind: 'written', path: 'empty', content: bytes(''), executable: false });
  tree.apply({ kind: 'folder', path: 'nothing in it' });
  tree.apply({ kind: 'removed', path: 'empty' });
  tree.apply({ kind: 'written', path: 'grüße.txt', content: bytes('grüße'), executable: false });
  const { store } = tree;
  const link = store.createLink(store.root, 'link', bytes('app/deep'), { uid: 5, gid: 6, mode: 0o777 });
  link.accessed = 123_456_789_012_345_678n;
  const own = store.createFile(store.root, 'own', { uid: 1000, gid: 1001, mode: 0o600 }, false);
  store.write(own, 10, bytes('after a gap'));
  return tree;
}

/** Everything a guest could see of a tree. */
function seen(tree: WorkspaceTree): unknown {
  const look = (node: ReturnType<WorkspaceTree['store']['resolve']>): unknown => {
    if (node === undefined) return undefined;
    const { kind, id, version, mode, uid, gid, accessed, modified, changed, created, name } = node;
    const common = { kind, id, version, mode, uid, gid, accessed, modified, changed, created, name };
    if (node.kind === 'folder') return { ...common, children: [...node.children.values()].map(look) };
    return node.kind === 'file' ? { ...common, known: node.known, content: [...node.content.copy()] } : { ...common, target: [...node.target] };
  };
  return look(tree.store.root);
}

test('another tree goes on as the guest knows it', () => {
  const tree = filled();
  const other = new WorkspaceTree();
  restoreTree(other.store, saveTree(tree.store));
  // When the root was made is the other tree's own.
  const { created } = tree.store.root;
  expect({ ...(seen(other) as object), created }).toEqual(seen(tree));
  expect(other.store.usedBytes).toBe(tree.store.usedBytes);
  expect(other.store.entryCount).toBe(tree.store.entryCount);
});

test('new files get numbers that no file had', () => {
  const tree = filled();
  const other = new WorkspaceTree();
  restoreTree(other.store, saveTree(tree.store));
  const highest = Math.max(...[...tree.store.root.children.values()].map(({ id }) => id));
  expect(other.store.createFile(other.store.root, 'new', root, true).id).toBeGreaterThan(highest);
});

test('an empty tree is nothing special', () => {
  const other = new WorkspaceTree();
  restoreTree(other.store, saveTree(new WorkspaceTree().store));
  expect(other.list()).toEqual([]);
});

test('a state of another format is refused', () => {
  const state = saveTree(filled().store);
  const text = new TextDecoder().decode(state);
  const changed = bytes(text.replace('"format":1', '"format":9'));
  changed.set(state.subarray(0, 4));
  expect(() => restoreTree(new WorkspaceTree().store, changed)).toThrow(/different format/);
});

test('the page puts its files in place of those of the saved machine, and leaves alone what is the same', () => {
  const tree = filled();
  const before = tree.store.resolve('app/deep/main.py') as FileNode;
  const { version } = before;
  tree.replaceAll([
    { kind: 'written', path: 'app/deep/main.py', content: bytes('print(1)\n'), executable: true },
    { kind: 'written', path: 'grüße.txt', content: bytes('changed'), executable: false },
    { kind: 'folder', path: 'new' },
  ]);
  expect(
    tree
      .list()
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['app', 'app/deep', 'app/deep/main.py', 'grüße.txt', 'new']);
  expect(tree.store.resolve('app/deep/main.py')).toBe(before);
  expect(before.version).toBe(version);
  expect(tree.store.resolve('link')?.kind).toBe('link');
});
