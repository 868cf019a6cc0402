import { joined } from '../base/bytes.ts';
import { SandboxError } from '../base/errors.ts';
import type { NodeStore, SavedNode } from './node-store.ts';
import { joinPath, type WorkspacePath } from './path.ts';
import type { FolderNode, TreeNode } from './tree-node.ts';

const STATE_FORMAT = 1;
const LENGTH_BYTES = 4;

/** What stands before the files' bytes, as JSON. */
interface TreeHead {
  readonly format: number;
  readonly root: NodeRecord;
  /** Each folder before what is in it, and what is in it in its order. */
  readonly nodes: readonly NodeRecord[];
}

interface NodeRecord {
  readonly kind: TreeNode['kind'];
  readonly path: WorkspacePath;
  readonly id: number;
  readonly version: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970, in decimal: accessed, modified, changed, created. */
  readonly times: readonly [string, string, string, string];
  readonly known?: boolean;
  /** Of a file's content or a link's target. */
  readonly bytes?: number;
}

/** All files, folders and links, with the numbers and times by which a guest knows them: a saved machine resumes with these. */
export function saveTree(store: NodeStore): Uint8Array<ArrayBuffer> {
  const nodes: NodeRecord[] = [];
  const contents: Uint8Array[] = [];
  const folders: [WorkspacePath, FolderNode][] = [['', store.root]];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const child of at[1].children.values()) {
      const path = joinPath(at[0], child.name);
      nodes.push(recordOf(child, path));
      if (child.kind === 'folder') folders.push([path, child]);
      else contents.push(child.kind === 'file' ? child.content.view(0, child.content.size) : child.target);
    }
  }
  const head: TreeHead = { format: STATE_FORMAT, root: recordOf(store.root, ''), nodes };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, json.length, true);
  return joined(length, json, ...contents);
}

function recordOf(node: TreeNode, path: WorkspacePath): NodeRecord {
  const { kind, id, version, mode, uid, gid, accessed, modified, changed, created } = node;
  const times = [`${accessed}`, `${modified}`, `${changed}`, `${created}`] as const;
  const record = { kind, path, id, version, mode, uid, gid, times };
  if (node.kind === 'file') return { ...record, known: node.known, bytes: node.content.size };
  return node.kind === 'link' ? { ...record, bytes: node.target.length } : record;
}

/** Fills an empty store with what `saveTree` gave. Throws `snapshot-mismatch` where that is of another format. */
export function restoreTree(store: NodeStore, state: Uint8Array): void {
  const length = new DataView(state.buffer, state.byteOffset).getUint32(0, true);
  let at = LENGTH_BYTES + length;
  const head = JSON.parse(new TextDecoder().decode(state.subarray(LENGTH_BYTES, at))) as TreeHead;
  if (head.format !== STATE_FORMAT) {
    throw new SandboxError('snapshot-mismatch', 'The saved machine keeps its workspace in a different format from this version of Drydock.');
  }
  store.adopt(
    head.nodes.map(record => {
      const bytes = state.subarray(at, (at += record.bytes ?? 0));
      return [record.path, { ...record, ...timesOf(record), bytes }] as const;
    }),
  );
  Object.assign(store.root, attributesOf(head.root));
}

function timesOf({ times }: NodeRecord): Pick<SavedNode, 'accessed' | 'modified' | 'changed' | 'created'> {
  const [accessed, modified, changed, created] = times.map(BigInt) as [bigint, bigint, bigint, bigint];
  return { accessed, modified, changed, created };
}

/** What of a folder that is there already is taken over. */
function attributesOf(record: NodeRecord): Partial<FolderNode> {
  const { version, mode, uid, gid } = record;
  const { accessed, modified, changed } = timesOf(record);
  return { version, mode, uid, gid, accessed, modified, changed };
}
