import { expect, test } from 'vitest';
import { packagesWantedIn } from '../../../src/core/sandbox/outside/wanted-packages.ts';
import { WorkspaceTree } from '../../../src/core/workspace/workspace-tree.ts';

function treeOf(files: Record<string, string>): WorkspaceTree {
  const tree = new WorkspaceTree();
  for (const [path, text] of Object.entries(files)) {
    tree.apply({ kind: 'written', path, content: new TextEncoder().encode(text), executable: false });
  }
  return tree;
}

test('Dockerfiles, scripts and texts of the workspace say what apt is to install', () => {
  const tree = treeOf({
    Dockerfile: 'FROM debian\nRUN apt-get update && apt-get install -y rig',
    'web/Dockerfile.dev': 'RUN apt-get install -y \\\n  sl',
    'setup.sh': 'apt install figlet',
    'README.md': 'Then: `apt-get install toilet`',
    'main.py': '# apt-get install nothing-from-here',
  });
  expect([...packagesWantedIn(tree)].sort()).toEqual(['figlet', 'rig', 'sl', 'toilet']);
});

test('what is too long to be one of these is passed over', () => {
  expect(packagesWantedIn(treeOf({ 'data.txt': `apt-get install rig\n${'x'.repeat(70_000)}` }))).toEqual([]);
});

test('of very many files those that lie deep are passed over', () => {
  const deep = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`node_modules/a/b/${index}.md`, `apt install deep-${index}`]));
  const found = packagesWantedIn(treeOf({ ...deep, 'z/Dockerfile': 'RUN apt install rig' }));
  expect(found[0]).toBe('rig');
  expect(found).toHaveLength(300);
});
