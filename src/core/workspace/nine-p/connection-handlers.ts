import { LinuxError } from '../linux-error.ts';
import { MAX_WORKSPACE_BYTES, MAX_WORKSPACE_ENTRIES } from '../file-change.ts';
import { MAX_NAME_BYTES } from '../path.ts';
import type { TreeNode } from '../tree-node.ts';
import { isWritable } from './fid-table.ts';
import { messageType } from './message-type.ts';
import type { Handler } from './session.ts';

const VERSION = '9P2000.L';
/** Linux refuses less. */
const SMALLEST_MESSAGE_BYTES = 4096;
const LARGEST_MESSAGE_BYTES = 512 * 1024;
/** The most names of one walk. */
const MAX_WALK_NAMES = 16;
/** "No user given": the mount's own attach. */
const NO_UID = 0xffff_ffff;
/** Linux's numeric "nobody", which it gives where no user was named. */
const NOBODY_UID = 0xffff_fffe;
/** What statfs(2) says of a 9P mount. */
const FILE_SYSTEM_MAGIC = 0x0102_1997;
const BLOCK_BYTES = 4096;

const version: Handler = (session, request, reply) => {
  const offered = request.u32();
  const name = request.name();
  if (offered < SMALLEST_MESSAGE_BYTES) throw new LinuxError('EINVAL');
  // A version message begins a new session: whatever was open before is not any more.
  session.fids.clear();
  session.messageBytes = Math.min(offered, LARGEST_MESSAGE_BYTES);
  reply.u32(session.messageBytes);
  reply.string(name.startsWith(VERSION) ? VERSION : 'unknown');
};

const attach: Handler = (session, request, reply) => {
  const fid = request.u32();
  request.u32(); // the fid of an authentication, of which there is none
  request.rawString(); // the user's name
  request.rawString(); // which tree: there is one
  const uid = request.u32();
  const root = session.tree.store.root;
  session.fids.add(fid, { node: root, uid: uid === NO_UID || uid === NOBODY_UID ? 0 : uid, openFlags: undefined });
  reply.qid(root);
};

const walk: Handler = ({ fids }, request, reply) => {
  const from = request.u32();
  const to = request.u32();
  const count = request.u16();
  const start = fids.get(from);
  if (count > MAX_WALK_NAMES) throw new LinuxError('EINVAL');
  const names = Array.from({ length: count }, () => readName(request));
  const walked: TreeNode[] = [];
  let node = start.node;
  for (const name of names) {
    const next = step(node, name);
    // Only the first name's failure is an error; later ones show in how many were walked.
    if (typeof next === 'string' && walked.length === 0) throw new LinuxError(next);
    if (typeof next === 'string') break;
    walked.push((node = next));
  }
  if (walked.length === count) {
    const fid = { node, uid: start.uid, openFlags: undefined };
    if (to === from) fids.set(to, fid);
    else fids.add(to, fid);
  }
  reply.u16(walked.length);
  for (const passed of walked) reply.qid(passed);
};

/** A name that is no UTF-8 cannot be here, so looking for it is no error of its own. */
function readName(request: Parameters<Handler>[1]): string | undefined {
  try {
    return request.name();
  } catch (error) {
    if (error instanceof LinuxError && error.code === 'EILSEQ') return undefined;
    throw error;
  }
}

function step(node: TreeNode, name: string | undefined): TreeNode | 'ENOENT' | 'ENOTDIR' {
  if (node.kind !== 'folder') return 'ENOTDIR';
  if (name === '..') return node.parent ?? node;
  if (name === '.') return node;
  return (name !== undefined && node.children.get(name)) || 'ENOENT';
}

const clunk: Handler = ({ fids, tree }, request) => {
  const number = request.u32();
  const fid = fids.get(number);
  fids.remove(number);
  if (isWritable(fid)) tree.guestChanges.settled(fid.node);
};

/** Every request is answered before the next is read: nothing is under way that could be called off. */
const flush: Handler = (_session, request) => {
  request.u16();
};

const statfs: Handler = ({ fids, tree }, request, reply) => {
  fids.get(request.u32());
  const { usedBytes, entryCount } = tree.store;
  const blocks = MAX_WORKSPACE_BYTES / BLOCK_BYTES;
  const freeBlocks = blocks - Math.ceil(usedBytes / BLOCK_BYTES);
  reply.u32(FILE_SYSTEM_MAGIC);
  reply.u32(BLOCK_BYTES);
  reply.u64(blocks);
  reply.u64(freeBlocks);
  reply.u64(freeBlocks);
  reply.u64(MAX_WORKSPACE_ENTRIES);
  reply.u64(MAX_WORKSPACE_ENTRIES - entryCount);
  reply.u64(0); // the file system's number
  reply.u32(MAX_NAME_BYTES);
};

export const connectionHandlers: readonly [number, Handler][] = [
  [messageType.version, version],
  [messageType.attach, attach],
  [messageType.walk, walk],
  [messageType.clunk, clunk],
  [messageType.flush, flush],
  [messageType.statfs, statfs],
];
