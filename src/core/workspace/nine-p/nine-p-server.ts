import { SandboxError } from '../../base/errors.ts';
import { LinuxError } from '../linux-error.ts';
import type { WorkspacePath } from '../path.ts';
import { pathInside, type TreeNode } from '../tree-node.ts';
import type { WorkspaceTree } from '../workspace-tree.ts';
import { attributeHandlers } from './attribute-handlers.ts';
import { connectionHandlers } from './connection-handlers.ts';
import { FidTable } from './fid-table.ts';
import { fileHandlers } from './file-handlers.ts';
import { folderHandlers } from './folder-handlers.ts';
import { MessageReader } from './message-reader.ts';
import { ERROR_REPLY, HEADER_BYTES } from './message-type.ts';
import { MessageWriter } from './message-writer.ts';
import type { Handler, Session } from './session.ts';

const STATE_FORMAT = 1;
/** What a message may be before the two sides have agreed. */
const INITIAL_MESSAGE_BYTES = 8192;
const NO_TAG = 0xffff;

/** What a mounted workspace needs to go on in another server: plain data for JSON. The files themselves are not in it. */
export interface NinePState {
  readonly format: number;
  readonly messageBytes: number;
  /** No file may get a lower number: the guest may still know it by another file's. */
  readonly nextId: number;
  readonly fids: readonly SavedFid[];
}

interface SavedFid {
  readonly fid: number;
  /** '' is the workspace itself; null a file that was removed while open. */
  readonly path: WorkspacePath | null;
  readonly uid: number;
  /** The flags of open(2), or null while it is only a place. */
  readonly openFlags: number | null;
}

/** Serves one guest's mount of the workspace. */
export interface NinePServer {
  /** Answers one whole request message by one whole reply, at once. Never throws: what is wrong with a request is told in the reply. */
  handle(request: Uint8Array, reply: (response: Uint8Array) => void): void;
  saveState(): NinePState;
  /**
   * Takes over a mount saved by `saveState`. A handle whose file is not in this tree goes to an empty removed file.
   * Throws `snapshot-mismatch` when the state is of another format.
   */
  restoreState(state: NinePState): void;
}

// Hard links, extended attributes and authentication have no handler: they get EOPNOTSUPP like everything unknown,
// which Linux, git and pip take for "not here" and do without.
const handlers = new Map<number, Handler>([...connectionHandlers, ...attributeHandlers, ...fileHandlers, ...folderHandlers]);

/** A 9P2000.L server over the tree, for v86's `handle9p`. */
export function createNinePServer(tree: WorkspaceTree): NinePServer {
  const session: Session = { tree, fids: new FidTable(tree.store), messageBytes: INITIAL_MESSAGE_BYTES };
  return {
    handle: (request, reply) => reply(answer(session, request)),
    saveState: () => saveState(session),
    restoreState: state => restoreState(session, state),
  };
}

function answer(session: Session, request: Uint8Array): Uint8Array {
  if (request.length < HEADER_BYTES) return errorReply(new LinuxError('EPROTO'), NO_TAG);
  const header = new MessageReader(request, 0);
  const length = header.u32();
  const type = header.u8();
  const tag = header.u16();
  try {
    if (length < HEADER_BYTES || length > request.length) throw new LinuxError('EPROTO');
    const handler = handlers.get(type);
    if (handler === undefined) throw new LinuxError('EOPNOTSUPP');
    const reply = new MessageWriter();
    handler(session, new MessageReader(request.subarray(0, length), HEADER_BYTES), reply);
    return reply.finish(type + 1, tag);
  } catch (error) {
    return errorReply(error, tag);
  }
}

function errorReply(error: unknown, tag: number): Uint8Array {
  if (!(error instanceof LinuxError)) console.error('the workspace failed on a request', error);
  const reply = new MessageWriter(HEADER_BYTES + 4);
  reply.u32((error instanceof LinuxError ? error : new LinuxError('EIO')).number);
  return reply.finish(ERROR_REPLY, tag);
}

function saveState({ tree, fids, messageBytes }: Session): NinePState {
  const saved = [...fids.entries()].map(([fid, { node, uid, openFlags }]) => {
    return { fid, path: pathOf(tree, node), uid, openFlags: openFlags ?? null };
  });
  return { format: STATE_FORMAT, messageBytes, nextId: tree.store.nextId, fids: saved };
}

function pathOf(tree: WorkspaceTree, node: TreeNode): WorkspacePath | null {
  if (node === tree.store.root) return '';
  return node.parent === undefined ? null : pathInside(node.parent, node.name);
}

function restoreState(session: Session, state: NinePState): void {
  if (state.format !== STATE_FORMAT) {
    throw new SandboxError('snapshot-mismatch', 'The saved machine keeps its workspace in a different format from this version of Drydock.');
  }
  const { tree, fids } = session;
  fids.clear();
  tree.store.reserveIds(state.nextId);
  session.messageBytes = state.messageBytes;
  for (const { fid, path, uid, openFlags } of state.fids) {
    const node = (path === null ? undefined : tree.store.resolve(path)) ?? tree.store.removedFile();
    fids.set(fid, { node, uid, openFlags: openFlags ?? undefined });
  }
}
