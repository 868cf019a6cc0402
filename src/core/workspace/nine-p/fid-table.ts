import { LinuxError } from '../linux-error.ts';
import type { NodeStore } from '../node-store.ts';
import type { TreeNode } from '../tree-node.ts';

const ACCESS_MODE = 3;

/** One of the guest's handles: a place in the tree, and an open file once it was opened. */
export interface Fid {
  readonly node: TreeNode;
  /** The user whose processes use it: new files belong to this user. */
  readonly uid: number;
  /** The flags of open(2), or undefined while it is only a place. */
  readonly openFlags: number | undefined;
}

/** Was it opened for writing? */
export function isWritable(fid: Fid): boolean {
  return fid.openFlags !== undefined && (fid.openFlags & ACCESS_MODE) !== 0;
}

/** The guest's handles by number. Every one holds its node, so that a removed file lives while it is open. */
export class FidTable {
  readonly #fids = new Map<number, Fid>();
  readonly #store: NodeStore;

  constructor(store: NodeStore) {
    this.#store = store;
  }

  /** Throws EBADF for a number the guest has not been given. */
  get(number: number): Fid {
    const fid = this.#fids.get(number);
    if (fid === undefined) throw new LinuxError('EBADF');
    return fid;
  }

  /** Throws EBADF unless the handle is an open file or folder. */
  getOpen(number: number): Fid {
    const fid = this.get(number);
    if (fid.openFlags === undefined) throw new LinuxError('EBADF');
    return fid;
  }

  /** Throws EBADF when the number is taken. */
  add(number: number, fid: Fid): void {
    if (this.#fids.has(number)) throw new LinuxError('EBADF');
    this.set(number, fid);
  }

  /** Puts a handle in place of what the number meant before. */
  set(number: number, fid: Fid): void {
    this.#store.hold(fid.node);
    const before = this.#fids.get(number);
    this.#fids.set(number, fid);
    if (before !== undefined) this.#store.letGo(before.node);
  }

  remove(number: number): void {
    const fid = this.get(number);
    this.#fids.delete(number);
    this.#store.letGo(fid.node);
  }

  clear(): void {
    for (const number of [...this.#fids.keys()]) this.remove(number);
  }

  entries(): Iterable<[number, Fid]> {
    return this.#fids.entries();
  }
}
