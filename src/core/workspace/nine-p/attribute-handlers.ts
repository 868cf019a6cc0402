import { LinuxError } from '../linux-error.ts';
import { isExecutable, type FolderNode, type TreeNode } from '../tree-node.ts';
import type { MessageWriter } from './message-writer.ts';
import { messageType } from './message-type.ts';
import type { Handler } from './session.ts';

const typeBits = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const;
/** Which fields of the reply count: the basic ones and the time of creation. */
const GIVEN_FIELDS = 0x0fff;
const NANOSECONDS = 1_000_000_000n;
const FOLDER_BYTES = 4096;
/** stat(2) counts blocks in these. */
const BLOCK_BYTES = 512;
/** What programs take as the size of their buffers: large, because every read and write leaves the emulator. */
const PREFERRED_IO_BYTES = 65_536;

/** Which fields of a setattr request count. */
const change = {
  mode: 0x001,
  uid: 0x002,
  gid: 0x004,
  size: 0x008,
  accessed: 0x010,
  modified: 0x020,
  changed: 0x040,
  accessedIsGiven: 0x080,
  modifiedIsGiven: 0x100,
} as const;

const getattr: Handler = ({ fids, tree }, request, reply) => {
  const { node } = fids.get(request.u32());
  const size = sizeOf(node);
  reply.u64(GIVEN_FIELDS);
  reply.qid(node);
  reply.u32(typeBits[node.kind] | node.mode);
  reply.u32(node.uid);
  reply.u32(node.gid);
  reply.u64(tree.store.isLinked(node) ? linkCount(node) : 0);
  reply.u64(0); // the device's number
  reply.u64(size);
  reply.u64(PREFERRED_IO_BYTES);
  reply.u64(Math.ceil(size / BLOCK_BYTES));
  for (const time of [node.accessed, node.modified, node.changed, node.created]) writeTime(reply, time);
  reply.u64(0); // generation
  reply.u64(node.version);
};

function sizeOf(node: TreeNode): number {
  if (node.kind === 'file') return node.content.size;
  return node.kind === 'link' ? node.target.length : FOLDER_BYTES;
}

function linkCount(node: TreeNode): number {
  return node.kind === 'folder' ? 2 + subfolderCount(node) : 1;
}

function subfolderCount(folder: FolderNode): number {
  let count = 0;
  for (const child of folder.children.values()) if (child.kind === 'folder') count += 1;
  return count;
}

function writeTime(reply: MessageWriter, time: bigint): void {
  reply.u64(time / NANOSECONDS);
  reply.u64(time % NANOSECONDS);
}

const setattr: Handler = ({ fids, tree }, request) => {
  const { node } = fids.get(request.u32());
  const valid = request.u32();
  const mode = request.u32();
  const uid = request.u32();
  const gid = request.u32();
  const size = request.size();
  const accessed = request.u64() * NANOSECONDS + request.u64();
  const modified = request.u64() * NANOSECONDS + request.u64();
  if (valid & change.size) resize(tree, node, size);
  if (valid & change.mode) setMode(tree, node, mode);
  if (valid & change.uid) node.uid = uid;
  if (valid & change.gid) node.gid = gid;
  const now = tree.store.time();
  if (valid & change.accessed) node.accessed = valid & change.accessedIsGiven ? accessed : now;
  if (valid & change.modified) node.modified = valid & change.modifiedIsGiven ? modified : now;
  node.changed = now;
};

type Tree = Parameters<Handler>[0]['tree'];

function resize(tree: Tree, node: TreeNode, size: number): void {
  if (node.kind !== 'file') throw new LinuxError(node.kind === 'folder' ? 'EISDIR' : 'EINVAL');
  tree.store.resize(node, size);
  tree.guestChanges.touched(node);
}

function setMode(tree: Tree, node: TreeNode, mode: number): void {
  const before = node.mode;
  node.mode = mode & 0o7777;
  if (node.kind !== 'file') return;
  if (isExecutable(node) !== ((before & 0o111) !== 0)) tree.guestChanges.touched(node);
}

export const attributeHandlers: readonly [number, Handler][] = [
  [messageType.getattr, getattr],
  [messageType.setattr, setattr],
];
