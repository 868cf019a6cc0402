import type { FileContent } from './file-content.ts';
import { joinPath, type WorkspacePath } from './path.ts';

/** What every node of the tree has. Times are nanoseconds since 1970. */
interface NodeBase {
  /** Never used twice in the life of a machine: the guest tells files apart by it. */
  readonly id: number;
  /** Rises with every change of content; never 0, which Linux takes for "do not cache". */
  version: number;
  /** Permission bits only. */
  mode: number;
  uid: number;
  gid: number;
  accessed: bigint;
  modified: bigint;
  changed: bigint;
  readonly created: bigint;
  /** None for the root, and for a node that was removed while the guest still holds it. */
  parent: FolderNode | undefined;
  name: string;
  /** Where a listing of the parent goes on after this node: rises in the order of `children`. */
  position: number;
  /** How many of the guest's handles (fids) hold it. */
  holders: number;
}

export interface FileNode extends NodeBase {
  readonly kind: 'file';
  readonly content: FileContent;
  /** Has the page heard of it? A file that comes and goes in an instant is never told. */
  known: boolean;
}

export interface FolderNode extends NodeBase {
  readonly kind: 'folder';
  readonly children: Map<string, TreeNode>;
}

/** A symbolic link, of which the page knows nothing. */
export interface LinkNode extends NodeBase {
  readonly kind: 'link';
  /** As the guest gave it: any bytes. */
  readonly target: Uint8Array;
}

export type TreeNode = FileNode | FolderNode | LinkNode;

/** Is `node` the folder itself or somewhere in it? */
export function isInside(node: TreeNode, folder: TreeNode): boolean {
  for (let at: TreeNode | undefined = node; at !== undefined; at = at.parent) if (at === folder) return true;
  return false;
}

/** The path inside a folder's path; '' is the root itself. */
export function pathInside(folder: FolderNode, name: string): WorkspacePath {
  const names = [];
  for (let at = folder; at.parent !== undefined; at = at.parent) names.push(at.name);
  return joinPath(names.reverse().join('/'), name);
}

/** May anyone run it? */
export function isExecutable(node: FileNode): boolean {
  return (node.mode & 0o111) !== 0;
}
