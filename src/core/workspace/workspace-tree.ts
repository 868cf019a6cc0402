import { messageOf, SandboxError } from '../base/errors.ts';
import type { Event } from '../base/events.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES, MAX_WORKSPACE_ENTRIES, type FileChange } from './file-change.ts';
import { GuestChanges } from './guest-changes.ts';
import { LinuxError } from './linux-error.ts';
import { NodeStore } from './node-store.ts';
import { baseName, joinPath, parentOf, parsePath, type WorkspacePath } from './path.ts';
import { isExecutable, isInside, type FileNode, type FolderNode, type TreeNode } from './tree-node.ts';

/** A file or folder of the workspace, as the page lists them. */
export type WorkspaceEntry =
  | { readonly kind: 'file'; readonly path: WorkspacePath; readonly sizeBytes: number; readonly executable: boolean }
  | { readonly kind: 'folder'; readonly path: WorkspacePath };

const MEBIBYTE = 1024 * 1024;

/**
 * The guest's /workspace. The page reads and changes it here; the guest does through a 9P server over the same nodes
 * (createNinePServer), so each sees the other's changes at once.
 */
export class WorkspaceTree {
  readonly store: NodeStore;
  readonly guestChanges = new GuestChanges();

  /** Changes that programs in the guest made. What `apply` does is never told here. */
  readonly onGuestChange: Event<FileChange> = this.guestChanges.event;

  /** `now` gives milliseconds since 1970, for the files' times. */
  constructor(now?: () => number) {
    this.store = new NodeStore(now);
  }

  /**
   * Makes a change of the page. Removing what is not there and making a folder that is there do nothing.
   * Throws `workspace-refused` where a file and a folder are in each other's way, or something is too large.
   */
  apply(change: FileChange): void {
    parsePath(change.path);
    try {
      switch (change.kind) {
        case 'written':
          return this.#write(change.path, change.content, change.executable);
        case 'folder':
          this.#folderAt(change.path);
          return;
        case 'removed':
          return this.#remove(change.path);
        case 'renamed':
          return this.#rename(change.path, parsePath(change.to));
      }
    } catch (error) {
      throw error instanceof LinuxError ? refusal(change.path, error) : error;
    }
  }

  /** Makes the workspace hold these files and folders and no others; what is the same already is left alone. Links are kept where their folder is. */
  replaceAll(changes: readonly FileChange[]): void {
    const wanted = new Set(changes.flatMap(({ path }) => withParents(path)));
    for (const { path } of this.list()) if (!wanted.has(path)) this.#remove(path);
    for (const change of changes) if (!this.#isThere(change)) this.apply(change);
  }

  #isThere(change: FileChange): boolean {
    const node = this.store.resolve(change.path);
    if (change.kind !== 'written') return false;
    if (node?.kind !== 'file' || node.content.size !== change.content.length || isExecutable(node) !== change.executable) return false;
    return node.content.view(0, node.content.size).every((byte, index) => byte === change.content[index]);
  }

  /** A copy of a file's content, or undefined where there is no file. */
  read(path: WorkspacePath): Uint8Array | undefined {
    const node = this.store.resolve(path);
    return node?.kind === 'file' ? node.content.copy() : undefined;
  }

  /** All files and folders, each folder before what is in it. Symbolic links are left out. */
  list(): readonly WorkspaceEntry[] {
    const entries: WorkspaceEntry[] = [];
    const folders: [WorkspacePath, FolderNode][] = [['', this.store.root]];
    for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
      for (const child of at[1].children.values()) {
        const path = joinPath(at[0], child.name);
        if (child.kind === 'folder') {
          entries.push({ kind: 'folder', path });
          folders.push([path, child]);
        } else if (child.kind === 'file') {
          entries.push({ kind: 'file', path, sizeBytes: child.content.size, executable: isExecutable(child) });
        }
      }
    }
    return entries;
  }

  #write(path: WorkspacePath, content: Uint8Array, executable: boolean): void {
    if (content.length > MAX_FILE_BYTES) throw new LinuxError('EFBIG');
    const existing = this.store.resolve(path);
    if (existing !== undefined && existing.kind !== 'file') throw inTheWay(path, existing);
    const file = existing ?? this.#newFile(path);
    try {
      this.store.replace(file, content);
    } catch (error) {
      if (existing === undefined) this.store.remove(file);
      throw error;
    }
    if (executable !== isExecutable(file)) file.mode = executable ? file.mode | 0o111 : file.mode & ~0o111;
    this.guestChanges.overwritten(file);
  }

  #newFile(path: WorkspacePath): FileNode {
    return this.store.createFile(this.#folderAt(parentOf(path)), baseName(path), { uid: 0, gid: 0, mode: 0o644 }, true);
  }

  /** The folder at a path, made if need be, with its parents. */
  #folderAt(path: WorkspacePath): FolderNode {
    let folder = this.store.root;
    let at = '';
    for (const name of path === '' ? [] : path.split('/')) {
      at = joinPath(at, name);
      const child = folder.children.get(name) ?? this.store.createFolder(folder, name, { uid: 0, gid: 0, mode: 0o755 });
      if (child.kind !== 'folder') throw inTheWay(at, child);
      folder = child;
    }
    return folder;
  }

  #remove(path: WorkspacePath): void {
    const node = this.store.resolve(path);
    if (node !== undefined) this.store.remove(node);
  }

  #rename(path: WorkspacePath, to: WorkspacePath): void {
    const node = this.store.resolve(path);
    if (node === undefined) throw new SandboxError('workspace-refused', `"${path}" is no longer there: it cannot be renamed.`);
    const target = this.store.resolve(to);
    if (target === node) return;
    if (target !== undefined && (target.kind !== 'file' || node.kind !== 'file')) throw inTheWay(to, target);
    const parent = this.store.resolve(parentOf(to));
    if (parent !== undefined && isInside(parent, node)) {
      throw new SandboxError('workspace-refused', `"${path}" cannot be moved into itself.`);
    }
    this.store.rename(node, this.#folderAt(parentOf(to)), baseName(to));
  }
}

/** A path and the folders it is in. */
function withParents(path: WorkspacePath): WorkspacePath[] {
  return path === '' ? [] : [...withParents(parentOf(path)), path];
}

function inTheWay(path: WorkspacePath, node: TreeNode): SandboxError {
  const what = { file: 'a file', folder: 'a folder', link: 'a symbolic link, made in the terminal,' }[node.kind];
  return new SandboxError('workspace-refused', `"${path}" is already ${what} in the workspace: remove or rename it first.`);
}

function refusal(path: WorkspacePath, error: LinuxError): SandboxError {
  const reasons: Partial<Record<string, string>> = {
    EFBIG: `it is larger than ${MAX_FILE_BYTES / MEBIBYTE} MB, the most one file may have.`,
    ENOSPC: `the workspace is full (at most ${MAX_WORKSPACE_BYTES / MEBIBYTE} MB and ${MAX_WORKSPACE_ENTRIES} files). Remove something first.`,
  };
  const reason = reasons[error.code] ?? `the workspace refuses it (${messageOf(error)}).`;
  return new SandboxError('workspace-refused', `"${path}" was not saved: ${reason}`, { cause: error });
}
