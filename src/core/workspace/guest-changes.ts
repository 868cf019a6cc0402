import { Emitter } from '../base/events.ts';
import type { FileChange } from './file-change.ts';
import type { WorkspacePath } from './path.ts';
import { isExecutable, pathInside, type FileNode, type FolderNode, type TreeNode } from './tree-node.ts';

/** A file that stays open is told once nobody has written to it for this long. */
const QUIET_MILLISECONDS = 250;
/** A file that keeps changing is reported at least this often: learners want to see their log grow. */
const LONGEST_WAIT_MILLISECONDS = 2000;

interface Waiting {
  readonly since: number;
  lastWrite: number;
}

/**
 * Tells the page what programs in the guest did. Content is told when a file is closed, synced or quiet, never per write;
 * folders, removals and renames at once. Symbolic links are never told.
 */
export class GuestChanges {
  readonly #emitter = new Emitter<FileChange>();
  readonly #waiting = new Map<FileNode, Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly event = this.#emitter.event;

  /** The guest changed a file's content or whether it can be run. */
  touched(file: FileNode): void {
    const now = performance.now();
    const waiting = this.#waiting.get(file);
    if (waiting === undefined) this.#waiting.set(file, { since: now, lastWrite: now });
    else waiting.lastWrite = now;
    this.#timer ??= setTimeout(() => this.#tellDue(), QUIET_MILLISECONDS);
  }

  /** The guest closed or synced a file: what it wrote is whole now. */
  settled(node: TreeNode): void {
    if (node.kind === 'file' && this.#waiting.has(node)) this.#tellContent(node);
  }

  /** The page has put its own content there: what the guest wrote before is gone and not worth telling. */
  overwritten(file: FileNode): void {
    this.#waiting.delete(file);
    file.known = true;
  }

  folderMade(folder: FolderNode, parent: FolderNode): void {
    this.#emitter.emit({ kind: 'folder', path: pathInside(parent, folder.name) });
  }

  /** `path` is where the node was. */
  removed(node: TreeNode, path: WorkspacePath): void {
    if (node.kind === 'file') this.#waiting.delete(node);
    if (isTold(node)) this.#emitter.emit({ kind: 'removed', path });
  }

  /**
   * `node` went from `path` to where it is now, over `replaced`. A file put over another, as editors save, is told as the other's
   * new content, so that an editor tab of it stays open.
   */
  renamed(node: TreeNode, path: WorkspacePath, replaced: TreeNode | undefined): void {
    if (replaced?.kind === 'file') this.#waiting.delete(replaced);
    if (node.parent === undefined) return;
    const to = pathInside(node.parent, node.name);
    const replacedIsTold = replaced !== undefined && isTold(replaced);
    if (node.kind === 'file' && replacedIsTold) {
      const wasTold = isTold(node);
      this.#tellContent(node);
      if (wasTold) this.#emitter.emit({ kind: 'removed', path });
      return;
    }
    if (replacedIsTold) this.#emitter.emit({ kind: 'removed', path: to });
    if (isTold(node)) this.#emitter.emit({ kind: 'renamed', path, to });
  }

  /** Tells at once what waits to be told. */
  tellAll(): void {
    for (const file of [...this.#waiting.keys()]) this.#tellContent(file);
  }

  #tellContent(file: FileNode): void {
    this.#waiting.delete(file);
    if (file.parent === undefined) return;
    file.known = true;
    const path = pathInside(file.parent, file.name);
    this.#emitter.emit({ kind: 'written', path, content: file.content.copy(), executable: isExecutable(file) });
  }

  #tellDue(): void {
    this.#timer = undefined;
    const now = performance.now();
    let nextDue = Infinity;
    for (const [file, { since, lastWrite }] of [...this.#waiting]) {
      const due = Math.min(lastWrite + QUIET_MILLISECONDS, since + LONGEST_WAIT_MILLISECONDS);
      if (due <= now) this.#tellContent(file);
      else nextDue = Math.min(nextDue, due);
    }
    if (nextDue !== Infinity) this.#timer ??= setTimeout(() => this.#tellDue(), Math.max(1, Math.ceil(nextDue - now)));
  }
}

function isTold(node: TreeNode): boolean {
  return node.kind === 'folder' || (node.kind === 'file' && node.known);
}
