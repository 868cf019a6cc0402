import { FileContent } from './file-content.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES, MAX_WORKSPACE_ENTRIES } from './file-change.ts';
import { LinuxError } from './linux-error.ts';
import { baseName, nameByteLength, MAX_NAME_BYTES, parentOf, type WorkspacePath } from './path.ts';
import { isInside, type FileNode, type FolderNode, type LinkNode, type TreeNode } from './tree-node.ts';

/** The owner of a new node, and its permission bits. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A node of an earlier life of the same guest, which knows it by its number. */
export interface SavedNode extends Ownership {
  readonly kind: TreeNode['kind'];
  readonly id: number;
  readonly version: number;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
  readonly created: bigint;
  readonly known?: boolean;
  /** A file's content, or a link's target. */
  readonly bytes: Uint8Array;
}

const ROOT_ID = 1;
/** Longest target of a symbolic link, in bytes: PATH_MAX without its NUL. */
const MAX_TARGET_BYTES = 4095;
/** Listings give `.` and `..` the positions 1 and 2. */
const FIRST_POSITION = 3;

/**
 * The nodes of the workspace and the rules of a Linux file system over them: names, limits, what may replace what.
 * Refusals are LinuxErrors. It tells nobody of changes; see GuestChanges.
 */
export class NodeStore {
  readonly root: FolderNode;
  #now: () => number;
  #nextId = ROOT_ID + 1;
  #nextPosition = FIRST_POSITION;
  #usedBytes = 0;
  #entryCount = 0;

  /** `now` gives milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.root = { kind: 'folder', children: new Map(), ...this.#base(ROOT_ID, { uid: 0, gid: 0, mode: 0o755 }) };
  }

  /** The bytes of all files, removed ones that the guest still holds among them. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** Never hands out an id below `id` again. */
  reserveIds(id: number): void {
    this.#nextId = Math.max(this.#nextId, id);
  }

  /** Nanoseconds since 1970. */
  time(): bigint {
    return BigInt(Math.floor(this.#now() * 1000)) * 1000n;
  }

  resolve(path: WorkspacePath): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    if (path === '') return node;
    for (const name of path.split('/')) node = node?.kind === 'folder' ? node.children.get(name) : undefined;
    return node;
  }

  isLinked(node: TreeNode): boolean {
    return node.parent !== undefined || node === this.root;
  }

  createFile(folder: FolderNode, name: string, ownership: Ownership, known: boolean): FileNode {
    this.#checkRoom(folder, name);
    const node: FileNode = { kind: 'file', content: new FileContent(), known, ...this.#base(this.#nextId++, ownership) };
    this.#insert(node, folder, name);
    return node;
  }

  createFolder(folder: FolderNode, name: string, ownership: Ownership): FolderNode {
    this.#checkRoom(folder, name);
    const node: FolderNode = { kind: 'folder', children: new Map(), ...this.#base(this.#nextId++, ownership) };
    this.#insert(node, folder, name);
    return node;
  }

  createLink(folder: FolderNode, name: string, target: Uint8Array, ownership: Ownership): LinkNode {
    this.#checkRoom(folder, name);
    if (target.length > MAX_TARGET_BYTES) throw new LinuxError('ENAMETOOLONG');
    const node: LinkNode = { kind: 'link', target: target.slice(), ...this.#base(this.#nextId++, ownership) };
    this.#insert(node, folder, name);
    return node;
  }

  /**
   * Puts nodes of an earlier life at their paths, each folder before what is in it. Rules and limits hold as for new ones. What a folder's times and version
   * are is said last: whatever is put into it changes them.
   */
  adopt(saved: readonly (readonly [path: WorkspacePath, node: SavedNode])[]): void {
    const nodes = saved.map(([path, node]) => [this.#adoptOne(path, node), node] as const);
    for (const [node, { version, accessed, modified, changed, created }] of nodes)
      Object.assign(node, { version, accessed, modified, changed, created });
  }

  #adoptOne(path: WorkspacePath, saved: SavedNode): TreeNode {
    const folder = this.resolve(parentOf(path));
    if (folder?.kind !== 'folder') throw new LinuxError('ENOENT');
    const node = this.#make(folder, baseName(path), saved);
    // The number is for good as far as anybody else is concerned.
    Object.assign(node, { id: saved.id });
    this.reserveIds(saved.id + 1);
    return node;
  }

  #make(folder: FolderNode, name: string, saved: SavedNode): TreeNode {
    if (saved.kind === 'folder') return this.createFolder(folder, name, saved);
    if (saved.kind === 'link') return this.createLink(folder, name, saved.bytes, saved);
    const file = this.createFile(folder, name, saved, saved.known ?? false);
    this.replace(file, saved.bytes);
    return file;
  }

  /** An empty file that is nowhere in the tree, for a handle whose own file is gone. */
  removedFile(): FileNode {
    return { kind: 'file', content: new FileContent(), known: false, ...this.#base(this.#nextId++, { uid: 0, gid: 0, mode: 0o644 }) };
  }

  /** Takes a node, and all in it, out of the tree. What the guest holds lives on until it lets go. */
  remove(node: TreeNode): void {
    const folder = node.parent;
    if (folder === undefined) throw new LinuxError('EINVAL');
    folder.children.delete(node.name);
    this.#stamp(folder);
    const removed: TreeNode[] = [node];
    for (let at = removed.pop(); at !== undefined; at = removed.pop()) {
      at.parent = undefined;
      at.changed = this.time();
      this.#entryCount -= 1;
      if (at.kind === 'folder') {
        removed.push(...at.children.values());
        at.children.clear();
      }
      this.#freeIfUnused(at);
    }
  }

  /** Moves a node to `name` in `folder`, over what is there if Linux allows that. Gives back what it replaced. */
  rename(node: TreeNode, folder: FolderNode, name: string): TreeNode | undefined {
    this.#checkName(name);
    if (node.parent === undefined || !this.isLinked(folder)) throw new LinuxError('ENOENT');
    const target = folder.children.get(name);
    if (target === node) return undefined;
    if (isInside(folder, node)) throw new LinuxError('EINVAL');
    if (target !== undefined) {
      if (target.kind === 'folder' && node.kind !== 'folder') throw new LinuxError('EISDIR');
      if (target.kind !== 'folder' && node.kind === 'folder') throw new LinuxError('ENOTDIR');
      if (target.kind === 'folder' && target.children.size > 0) throw new LinuxError('ENOTEMPTY');
      this.remove(target);
    }
    node.parent.children.delete(node.name);
    this.#stamp(node.parent);
    node.changed = this.time();
    this.#place(node, folder, name);
    return target;
  }

  write(file: FileNode, offset: number, bytes: Uint8Array): void {
    this.#charge(file, Math.max(file.content.size, offset + bytes.length));
    file.content.write(offset, bytes);
    this.#stamp(file);
  }

  resize(file: FileNode, size: number): void {
    this.#charge(file, size);
    file.content.resize(size);
    this.#stamp(file);
  }

  replace(file: FileNode, bytes: Uint8Array): void {
    this.#charge(file, bytes.length);
    file.content.replace(bytes);
    this.#stamp(file);
  }

  /** One of the guest's handles now holds the node. */
  hold(node: TreeNode): void {
    node.holders += 1;
  }

  /** One of the guest's handles let go: a removed file's bytes are freed with the last. */
  letGo(node: TreeNode): void {
    node.holders -= 1;
    this.#freeIfUnused(node);
  }

  #base(id: number, { uid, gid, mode }: Ownership) {
    const now = this.time();
    const times = { accessed: now, modified: now, changed: now, created: now };
    return { id, version: 1, mode: mode & 0o7777, uid, gid, ...times, parent: undefined, name: '', position: 0, holders: 0 };
  }

  #checkName(name: string): void {
    if (name === '' || name.includes('/') || name.includes('\0')) throw new LinuxError('EINVAL');
    if (name === '.' || name === '..') throw new LinuxError('EEXIST');
    if (nameByteLength(name) > MAX_NAME_BYTES) throw new LinuxError('ENAMETOOLONG');
  }

  #checkRoom(folder: FolderNode, name: string): void {
    this.#checkName(name);
    if (!this.isLinked(folder)) throw new LinuxError('ENOENT');
    if (folder.children.has(name)) throw new LinuxError('EEXIST');
    if (this.#entryCount >= MAX_WORKSPACE_ENTRIES) throw new LinuxError('ENOSPC');
  }

  #insert(node: TreeNode, folder: FolderNode, name: string): void {
    this.#entryCount += 1;
    this.#place(node, folder, name);
  }

  #place(node: TreeNode, folder: FolderNode, name: string): void {
    node.parent = folder;
    node.name = name;
    node.position = this.#nextPosition++;
    folder.children.set(name, node);
    this.#stamp(folder);
  }

  #charge(file: FileNode, size: number): void {
    if (size > MAX_FILE_BYTES) throw new LinuxError('EFBIG');
    const growth = size - file.content.size;
    if (growth > 0 && this.#usedBytes + growth > MAX_WORKSPACE_BYTES) throw new LinuxError('ENOSPC');
    this.#usedBytes += growth;
  }

  #stamp(node: TreeNode): void {
    node.modified = node.changed = this.time();
    node.version = (node.version % 0xffff_ffff) + 1;
  }

  #freeIfUnused(node: TreeNode): void {
    if (node.kind !== 'file' || this.isLinked(node) || node.holders > 0) return;
    this.#usedBytes -= node.content.size;
    node.content.resize(0);
  }
}
