import { LinuxError } from '../linux-error.ts';
import type { FolderNode, TreeNode } from '../tree-node.ts';
import type { WorkspaceTree } from '../workspace-tree.ts';
import type { Fid, FidTable } from './fid-table.ts';
import type { MessageReader } from './message-reader.ts';
import type { MessageWriter } from './message-writer.ts';

/** What one mount of the workspace has: the tree, its handles, and the size of its messages. */
export interface Session {
  readonly tree: WorkspaceTree;
  readonly fids: FidTable;
  /** The largest message either side may send, in bytes. */
  messageBytes: number;
}

/** Answers one kind of request: reads its fields, acts, writes the reply's fields. Throws a LinuxError to refuse. */
export type Handler = (session: Session, request: MessageReader, reply: MessageWriter) => void;

export function folderOf(fid: Fid): FolderNode {
  if (fid.node.kind !== 'folder') throw new LinuxError('ENOTDIR');
  return fid.node;
}

/** The child of that name; throws ENOENT. */
export function childOf(folder: FolderNode, name: string): TreeNode {
  const child = folder.children.get(name);
  if (child === undefined) throw new LinuxError('ENOENT');
  return child;
}
