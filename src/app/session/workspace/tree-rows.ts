import { baseName, isWithin, parentOf, type WorkspacePath } from '../../../core/workspace/path.ts';
import type { Entry } from './file-storage.ts';

/** One visible line of the file tree. */
export interface TreeRow {
  readonly path: WorkspacePath;
  readonly name: string;
  readonly kind: Entry['kind'];
  /** 1 for what lies in the workspace itself. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly expanded: boolean;
}

// "file2" before "file10", and upper and lower case together, as people sort.
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The lines of the tree, folders first, without what lies in closed folders. */
export function treeRows(entries: ReadonlyMap<WorkspacePath, Entry>, expanded: ReadonlySet<WorkspacePath>): TreeRow[] {
  const children = new Map<WorkspacePath, WorkspacePath[]>();
  for (const path of entries.keys()) {
    const parent = parentOf(path);
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [path]);
    else list.push(path);
  }
  const rows: TreeRow[] = [];
  const add = (folder: WorkspacePath, level: number): void => {
    const paths = children.get(folder) ?? [];
    const isFolder = (path: WorkspacePath): number => (entries.get(path)?.kind === 'folder' ? 0 : 1);
    paths.sort((a, b) => isFolder(a) - isFolder(b) || collator.compare(baseName(a), baseName(b)) || (a < b ? -1 : 1));
    for (const [index, path] of paths.entries()) {
      const kind = entries.get(path)?.kind ?? 'file';
      const isExpanded = kind === 'folder' && expanded.has(path);
      rows.push({ path, name: baseName(path), kind, level, position: index + 1, siblings: paths.length, expanded: isExpanded });
      if (isExpanded) add(path, level + 1);
    }
  };
  add('', 1);
  return rows;
}

/** Every folder a path lies in, outermost first. */
export function ancestorsOf(path: WorkspacePath): WorkspacePath[] {
  const parent = parentOf(path);
  return parent === '' ? [] : [...ancestorsOf(parent), parent];
}

/** The row that is in front when `path` is gone: the next one, else the one before. */
export function rowAfterRemoval(rows: readonly TreeRow[], path: WorkspacePath): WorkspacePath | undefined {
  const index = rows.findIndex(row => row.path === path);
  const after = rows.slice(index + 1).find(row => !isWithin(row.path, path));
  return (after ?? rows[index - 1])?.path;
}
