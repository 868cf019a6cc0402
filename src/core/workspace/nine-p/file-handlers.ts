import { LinuxError } from '../linux-error.ts';
import type { FileNode, TreeNode } from '../tree-node.ts';
import type { WorkspaceTree } from '../workspace-tree.ts';
import { isWritable } from './fid-table.ts';
import { HEADER_BYTES, IO_HEADER_BYTES, messageType } from './message-type.ts';
import type { MessageWriter } from './message-writer.ts';
import { folderOf, type Handler, type Session } from './session.ts';

/** The flags of open(2) that matter here, as i386 Linux numbers them. */
const openFlag = { accessMode: 0o3, exclusive: 0o200, truncate: 0o1000, append: 0o2000, folder: 0o200000 } as const;

/** The types a listing gives, those of readdir(3). */
const entryTypes = { folder: 4, file: 8, link: 10 } as const;
const SELF_POSITION = 1;
const PARENT_POSITION = 2;
/** qid[13] position[8] type[1] and the length of the name[2]. */
const ENTRY_HEADER_BYTES = 24;

/** Locks are kept by the guest's own kernel: it is the only one who locks. */
const LOCK_GRANTED = 0;
const LOCK_TYPE_NONE = 2;

const lopen: Handler = (session, request, reply) => {
  const number = request.u32();
  const flags = request.u32();
  const fid = session.fids.get(number);
  if (fid.openFlags !== undefined) throw new LinuxError('EBADF');
  openNode(session, fid.node, flags);
  session.fids.set(number, { ...fid, openFlags: flags });
  writeOpened(reply, fid.node);
};

function openNode({ tree }: Session, node: TreeNode, flags: number): void {
  if (node.kind === 'link') throw new LinuxError('ELOOP');
  if (node.kind === 'folder' && (flags & (openFlag.accessMode | openFlag.truncate)) !== 0) throw new LinuxError('EISDIR');
  if (node.kind === 'file' && (flags & openFlag.folder) !== 0) throw new LinuxError('ENOTDIR');
  if (node.kind === 'file' && (flags & openFlag.truncate) !== 0) {
    tree.store.resize(node, 0);
    tree.guestChanges.touched(node);
  }
}

function writeOpened(reply: MessageWriter, node: TreeNode): void {
  reply.qid(node);
  reply.u32(0); // as much per read and write as a message holds
}

const lcreate: Handler = (session, request, reply) => {
  const number = request.u32();
  const name = request.name();
  const flags = request.u32();
  const mode = request.u32();
  const gid = request.u32();
  const fid = session.fids.get(number);
  if (fid.openFlags !== undefined) throw new LinuxError('EBADF');
  const folder = folderOf(fid);
  const existing = folder.children.get(name);
  if (existing !== undefined && (existing.kind === 'link' || (flags & openFlag.exclusive) !== 0)) throw new LinuxError('EEXIST');
  if (existing !== undefined) openNode(session, existing, flags);
  const node = existing ?? session.tree.store.createFile(folder, name, { uid: fid.uid, gid, mode }, false);
  if (existing === undefined) session.tree.guestChanges.touched(node as FileNode);
  session.fids.set(number, { node, uid: fid.uid, openFlags: flags });
  writeOpened(reply, node);
};

const read: Handler = (session, request, reply) => {
  const { node } = session.fids.getOpen(request.u32());
  const offset = request.size();
  const count = Math.min(request.u32(), session.messageBytes - IO_HEADER_BYTES);
  if (node.kind !== 'file') throw new LinuxError('EISDIR');
  const bytes = node.content.view(offset, count);
  reply.u32(bytes.length);
  reply.bytes(bytes);
};

const write: Handler = ({ fids, tree }, request, reply) => {
  const fid = fids.getOpen(request.u32());
  const offset = request.size();
  const bytes = request.bytes(request.u32());
  const { node } = fid;
  if (node.kind !== 'file' || !isWritable(fid)) throw new LinuxError('EBADF');
  // The page may have changed the file's length since the guest looked: appending means the end there is now.
  const appending = ((fid.openFlags ?? 0) & openFlag.append) !== 0;
  if (bytes.length > 0) {
    writeOrSayFull(tree, node, appending ? node.content.size : offset, bytes);
    tree.guestChanges.touched(node);
  }
  reply.u32(bytes.length);
};

/**
 * A file that grows too large is refused as ENOSPC: Linux 6.12 (netfs, mapping_set_error) shows a program every other errno of a write
 * as "Input/output error", and learners would think that their disk is broken.
 */
function writeOrSayFull(tree: WorkspaceTree, node: FileNode, offset: number, bytes: Uint8Array): void {
  try {
    tree.store.write(node, offset, bytes);
  } catch (error) {
    throw error instanceof LinuxError && error.code === 'EFBIG' ? new LinuxError('ENOSPC') : error;
  }
}

const fsync: Handler = ({ fids, tree }, request) => {
  const fid = fids.getOpen(request.u32());
  if (isWritable(fid)) tree.guestChanges.settled(fid.node);
};

/**
 * A listing goes on after a position, not an index: programs that list and remove by turns (rm -r) neither skip nor repeat.
 */
const readdir: Handler = (session, request, reply) => {
  const folder = folderOf(session.fids.getOpen(request.u32()));
  const after = request.size();
  const room = Math.min(request.u32(), session.messageBytes - IO_HEADER_BYTES);
  const start = reply.length;
  reply.u32(0);
  const end = start + 4 + room;
  if (after < SELF_POSITION && !writeEntry(reply, end, folder, '.', SELF_POSITION)) return;
  if (after < PARENT_POSITION && !writeEntry(reply, end, folder.parent ?? folder, '..', PARENT_POSITION)) return;
  for (const child of folder.children.values()) {
    if (child.position > after && !writeEntry(reply, end, child, child.name, child.position)) return;
  }
};

const encoder = new TextEncoder();

/** Adds an entry and counts it in; false when there is no room for it. */
function writeEntry(reply: MessageWriter, end: number, node: TreeNode, name: string, position: number): boolean {
  const bytes = encoder.encode(name);
  if (reply.length + ENTRY_HEADER_BYTES + bytes.length > end) return false;
  reply.qid(node);
  reply.u64(position);
  reply.u8(entryTypes[node.kind]);
  reply.string(bytes);
  reply.patch(HEADER_BYTES, reply.length - HEADER_BYTES - 4);
  return true;
}

const lock: Handler = ({ fids }, request, reply) => {
  fids.get(request.u32());
  reply.u8(LOCK_GRANTED);
};

const getlock: Handler = ({ fids }, request, reply) => {
  fids.get(request.u32());
  request.u8(); // the wanted type: nothing stands against any
  reply.u8(LOCK_TYPE_NONE);
  reply.u64(request.u64()); // start
  reply.u64(request.u64()); // length
  reply.u32(request.u32()); // process
  reply.string(request.rawString()); // client
};

export const fileHandlers: readonly [number, Handler][] = [
  [messageType.lopen, lopen],
  [messageType.lcreate, lcreate],
  [messageType.read, read],
  [messageType.write, write],
  [messageType.fsync, fsync],
  [messageType.readdir, readdir],
  [messageType.lock, lock],
  [messageType.getlock, getlock],
];
