import { LinuxError } from '../linux-error.ts';
import { pathInside, type FolderNode, type TreeNode } from '../tree-node.ts';
import type { WorkspaceTree } from '../workspace-tree.ts';
import { messageType } from './message-type.ts';
import { childOf, folderOf, type Handler } from './session.ts';

/** unlinkat(2)'s flag for rmdir(2). */
const REMOVE_FOLDER = 0x200;
const TYPE_BITS = 0o170000;
const REGULAR_FILE = 0o100000;

const mkdir: Handler = ({ fids, tree }, request, reply) => {
  const fid = fids.get(request.u32());
  const name = request.name();
  const mode = request.u32();
  const parent = folderOf(fid);
  const folder = tree.store.createFolder(parent, name, { uid: fid.uid, gid: request.u32(), mode });
  tree.guestChanges.folderMade(folder, parent);
  reply.qid(folder);
};

const symlink: Handler = ({ fids, tree }, request, reply) => {
  const fid = fids.get(request.u32());
  const name = request.name();
  const target = request.rawString();
  reply.qid(tree.store.createLink(folderOf(fid), name, target, { uid: fid.uid, gid: request.u32(), mode: 0o777 }));
};

/** Makes plain files only: a device, pipe or socket could not be shown, kept or copied out, so they are refused as on FAT. */
const mknod: Handler = ({ fids, tree }, request, reply) => {
  const fid = fids.get(request.u32());
  const name = request.name();
  const mode = request.u32();
  request.u64(); // the device's two numbers
  if ((mode & TYPE_BITS) !== REGULAR_FILE) throw new LinuxError('EPERM');
  const file = tree.store.createFile(folderOf(fid), name, { uid: fid.uid, gid: request.u32(), mode }, false);
  tree.guestChanges.touched(file);
  reply.qid(file);
};

const readlink: Handler = ({ fids }, request, reply) => {
  const { node } = fids.get(request.u32());
  if (node.kind !== 'link') throw new LinuxError('EINVAL');
  reply.string(node.target);
};

const rename: Handler = ({ fids, tree }, request) => {
  const { node } = fids.get(request.u32());
  const folder = folderOf(fids.get(request.u32()));
  move(tree, node, folder, request.name());
};

const renameat: Handler = ({ fids, tree }, request) => {
  const from = folderOf(fids.get(request.u32()));
  const node = childOf(from, request.name());
  const folder = folderOf(fids.get(request.u32()));
  move(tree, node, folder, request.name());
};

function move(tree: WorkspaceTree, node: TreeNode, folder: FolderNode, name: string): void {
  if (node.parent === undefined) throw new LinuxError('ENOENT');
  if (node.parent === folder && node.name === name) return;
  const path = pathInside(node.parent, node.name);
  const replaced = tree.store.rename(node, folder, name);
  tree.guestChanges.renamed(node, path, replaced);
}

const unlinkat: Handler = ({ fids, tree }, request) => {
  const folder = folderOf(fids.get(request.u32()));
  const node = childOf(folder, request.name());
  const isFolderWanted = (request.u32() & REMOVE_FOLDER) !== 0;
  if (isFolderWanted && node.kind !== 'folder') throw new LinuxError('ENOTDIR');
  if (!isFolderWanted && node.kind === 'folder') throw new LinuxError('EISDIR');
  unlink(tree, node);
};

/** Removes what the handle names. The handle is gone afterwards, even where that fails. */
const remove: Handler = ({ fids, tree }, request) => {
  const number = request.u32();
  const { node } = fids.get(number);
  try {
    unlink(tree, node);
  } finally {
    fids.remove(number);
  }
};

function unlink(tree: WorkspaceTree, node: TreeNode): void {
  if (node === tree.store.root) throw new LinuxError('EPERM');
  if (node.parent === undefined) throw new LinuxError('ENOENT');
  if (node.kind === 'folder' && node.children.size > 0) throw new LinuxError('ENOTEMPTY');
  const path = pathInside(node.parent, node.name);
  tree.store.remove(node);
  tree.guestChanges.removed(node, path);
}

export const folderHandlers: readonly [number, Handler][] = [
  [messageType.mkdir, mkdir],
  [messageType.symlink, symlink],
  [messageType.mknod, mknod],
  [messageType.readlink, readlink],
  [messageType.rename, rename],
  [messageType.renameat, renameat],
  [messageType.unlinkat, unlinkat],
  [messageType.remove, remove],
];
