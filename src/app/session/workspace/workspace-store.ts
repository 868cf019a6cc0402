import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import { Emitter, type Event } from '../../../core/base/events.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES, type FileChange } from '../../../core/workspace/file-change.ts';
import { baseName, isWithin, parentOf, parsePath, type WorkspacePath } from '../../../core/workspace/path.ts';
import type { Entry, FileStorage } from './file-storage.ts';
import { formatBytes } from '../format.ts';

/** The origin of a change: the editor, something else on the page, or a program in the guest. */
export type ChangeOrigin = 'editor' | 'page' | 'guest';

/** A change that the store has taken. */
export interface StoreChange {
  readonly change: FileChange;
  readonly origin: ChangeOrigin;
}

/** How long typed text may wait before it is written to the browser's storage. */
const SAVE_DELAY_MILLISECONDS = 100;

/**
 * The learner's files. The browser's storage is the truth: what is typed goes there at once, and to the guest from there.
 * Works in memory alone where the browser refuses, and says so in `storageProblem`.
 */
export class WorkspaceStore {
  readonly #storage: Signal<FileStorage>;
  readonly #entries = new Map<WorkspacePath, Entry>();
  readonly #change = new Emitter<StoreChange>();
  readonly #structure = signal(0);
  readonly #storageProblem = signal<string | undefined>(undefined);
  readonly #dirty = new Set<WorkspacePath>();
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #totalBytes = 0;
  #isFrozen = false;

  constructor(storage: FileStorage) {
    this.#storage = signal(storage);
  }

  /** Where the files of the workspace that is open are kept: another storage is another workspace. */
  get storage(): ReadonlySignal<FileStorage> {
    return this.#storage;
  }

  /** Changes whenever a path appears or goes: read it to be told. */
  get structure(): ReadonlySignal<number> {
    return this.#structure;
  }

  /** Why the files are not being stored, in the learner's words; undefined while they are. */
  get storageProblem(): ReadonlySignal<string | undefined> {
    return this.#storageProblem;
  }

  readonly onChange: Event<StoreChange> = listener => this.#change.event(listener);

  get entries(): ReadonlyMap<WorkspacePath, Entry> {
    return this.#entries;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Reads what an earlier visit left; a first visit gets `starterFiles`. */
  async load(starterFiles: ReadonlyMap<WorkspacePath, Uint8Array>): Promise<void> {
    let stored: Map<WorkspacePath, Entry> | undefined;
    try {
      stored = await this.#storage.value.load();
    } catch (error) {
      this.#refused(error);
    }
    if (stored === undefined) {
      this.#fill(starterFiles);
    } else {
      for (const [path, entry] of stored) this.#set(path, entry);
    }
    this.#structure.value += 1;
  }

  /**
   * Replaces this workspace with another one. This one stays in its own storage. One that was never stored begins with `initial`.
   * Editors and the guest follow as by any other change.
   */
  async switchTo(storage: FileStorage, initial: ReadonlyMap<WorkspacePath, Uint8Array | Entry>): Promise<void> {
    let problem: unknown;
    const stored = await storage.load().catch((error: unknown) => {
      problem = error;
      return undefined;
    });
    // What is typed while the last letters are stored is stored as well, or kept in memory where the browser stores nothing.
    do await this.flush();
    while (this.#dirty.size > 0 && this.#storageProblem.value === undefined);
    this.#storage.value = storage;
    this.#storageProblem.value = undefined;
    for (const path of [...this.#entries.keys()].filter(path => !path.includes('/'))) this.remove(path, 'page');
    this.#dirty.clear();
    if (stored === undefined) this.#fill(initial);
    else for (const [path, entry] of [...stored].sort(byPath)) this.#bringBack(path, entry);
    if (problem !== undefined) this.#refused(problem);
  }

  /** Makes the workspace hold just these files. */
  replaceAll(files: ReadonlyMap<WorkspacePath, Uint8Array>): void {
    for (const path of [...this.#entries.keys()].filter(path => !path.includes('/'))) {
      if (this.#entries.get(path)?.kind === 'folder' || !files.has(path)) this.remove(path, 'page');
    }
    this.#fill(files);
  }

  #fill(files: ReadonlyMap<WorkspacePath, Uint8Array | Entry>): void {
    for (const [path, file] of files) {
      if (file instanceof Uint8Array) this.write(path, file, { executable: isScript(file), origin: 'page' });
      else this.#bringBack(path, file);
    }
  }

  #bringBack(path: WorkspacePath, entry: Entry): void {
    if (entry.kind === 'folder') this.makeFolder(path, 'page');
    else this.write(path, entry.content, { executable: entry.executable, origin: 'page' });
  }

  /** Writes a file and makes its parents. Throws `workspace-refused` with the reason where that cannot be. */
  write(path: WorkspacePath, content: Uint8Array, options: { executable?: boolean; origin: ChangeOrigin }): void {
    this.#checkWritable(path, content.length);
    const before = this.#entries.get(path);
    const executable = options.executable ?? (before?.kind === 'file' && before.executable);
    this.#makeParents(path);
    this.#put(path, { kind: 'file', content, executable });
    if (before === undefined) this.#structure.value += 1;
    this.#tell({ kind: 'written', path, content, executable }, options.origin);
  }

  makeFolder(path: WorkspacePath, origin: ChangeOrigin): void {
    parsePath(path);
    if (this.#entries.get(path)?.kind === 'folder') return;
    if (this.#entries.has(path)) throw refusal(`There is already a file "${path}".`);
    this.#makeParents(path);
    this.#put(path, { kind: 'folder' });
    this.#structure.value += 1;
    this.#tell({ kind: 'folder', path }, origin);
  }

  /** Removes a file, or a folder with all in it, and gives back what it was, for `restore`. */
  remove(path: WorkspacePath, origin: ChangeOrigin): ReadonlyMap<WorkspacePath, Entry> {
    const removed = this.#within(path);
    for (const gone of removed.keys()) this.#delete(gone);
    if (removed.size > 0) {
      this.#structure.value += 1;
      this.#tell({ kind: 'removed', path }, origin);
    }
    return removed;
  }

  /** Undoes a `remove`. What has since been made at the same place stays as it is. */
  restore(removed: ReadonlyMap<WorkspacePath, Entry>): void {
    for (const [path, entry] of removed) {
      if (this.#entries.has(path)) continue;
      this.#bringBack(path, entry);
    }
  }

  /** Moves a file or folder. Throws `workspace-refused` where something is already there (a guest may replace a file). */
  rename(path: WorkspacePath, to: WorkspacePath, origin: ChangeOrigin): void {
    parsePath(to);
    if (path === to) return;
    const there = this.#entries.get(to);
    if (there !== undefined && origin !== 'guest') throw refusal(`"${baseName(to)}" already exists.`);
    if (isWithin(to, path)) throw refusal('A folder cannot be moved into itself.');
    const moved = this.#within(path);
    if (there !== undefined) for (const gone of this.#within(to).keys()) this.#delete(gone);
    this.#makeParents(to);
    for (const [from, entry] of moved) {
      this.#delete(from);
      this.#put(to + from.slice(path.length), entry);
    }
    this.#structure.value += 1;
    this.#tell({ kind: 'renamed', path, to }, origin);
  }

  /** Takes a change that a program in the guest made. */
  applyGuestChange(change: FileChange): void {
    if (change.kind === 'written') {
      const before = this.#entries.get(change.path);
      if (before?.kind === 'file' && before.executable === change.executable && sameBytes(before.content, change.content)) return;
      if (before?.kind === 'folder') this.remove(change.path, 'guest');
      this.write(change.path, change.content, { executable: change.executable, origin: 'guest' });
    } else if (change.kind === 'folder') this.makeFolder(change.path, 'guest');
    else if (change.kind === 'removed') this.remove(change.path, 'guest');
    else this.rename(change.path, change.to, 'guest');
  }

  /** Every entry as the changes that make it, parents first. */
  asChanges(): FileChange[] {
    const paths = [...this.#entries.keys()].sort();
    return paths.map((path): FileChange => {
      const entry = this.#entries.get(path);
      return entry?.kind === 'file' ? { kind: 'written', path, content: entry.content, executable: entry.executable } : { kind: 'folder', path };
    });
  }

  /** Resolves when everything written so far is in the browser's storage, or `storageProblem` says why not. */
  flush(): Promise<void> {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  /** Writes nothing from now on: another tab owns the workspace. */
  freeze(): void {
    this.#isFrozen = true;
    clearTimeout(this.#saveTimer);
  }

  async #save(): Promise<void> {
    if (this.#dirty.size === 0 || this.#isFrozen) return;
    const puts = new Map<WorkspacePath, Entry>();
    const deletes: WorkspacePath[] = [];
    for (const path of this.#dirty) {
      const entry = this.#entries.get(path);
      if (entry === undefined) deletes.push(path);
      else puts.set(path, entry);
    }
    this.#dirty.clear();
    try {
      await this.#storage.value.save(puts, deletes);
      this.#storageProblem.value = undefined;
    } catch (error) {
      // Kept as unsaved: the next change tries them again.
      for (const path of [...puts.keys(), ...deletes]) this.#dirty.add(path);
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    this.#storageProblem.value = `${messageOf(error)} Your files live only in this tab: download what you want to keep.`;
  }

  #tell(change: FileChange, origin: ChangeOrigin): void {
    this.#saveTimer ??= setTimeout(() => void this.flush(), SAVE_DELAY_MILLISECONDS);
    this.#change.emit({ change, origin });
  }

  #checkWritable(path: WorkspacePath, byteCount: number): void {
    parsePath(path);
    const before = this.#entries.get(path);
    if (before?.kind === 'folder') throw refusal(`There is already a folder "${path}".`);
    if (byteCount > MAX_FILE_BYTES) {
      throw refusal(`"${baseName(path)}" is ${formatBytes(byteCount)}: a file can be at most ${formatBytes(MAX_FILE_BYTES)}.`);
    }
    const after = this.#totalBytes + byteCount - (before?.content.length ?? 0);
    if (after > MAX_WORKSPACE_BYTES) {
      throw refusal(
        `"${baseName(path)}" (${formatBytes(byteCount)}) does not fit: all files together can be at most ${formatBytes(MAX_WORKSPACE_BYTES)}.`,
      );
    }
  }

  #makeParents(path: WorkspacePath): void {
    const parent = parentOf(path);
    if (parent === '') return;
    const entry = this.#entries.get(parent);
    if (entry?.kind === 'folder') return;
    if (entry?.kind === 'file') throw refusal(`"${parent}" is a file, not a folder.`);
    this.#makeParents(parent);
    this.#put(parent, { kind: 'folder' });
    this.#structure.value += 1;
  }

  #within(path: WorkspacePath): Map<WorkspacePath, Entry> {
    return new Map([...this.#entries].filter(([candidate]) => isWithin(candidate, path)));
  }

  #put(path: WorkspacePath, entry: Entry): void {
    this.#set(path, entry);
    this.#dirty.add(path);
  }

  #set(path: WorkspacePath, entry: Entry): void {
    this.#totalBytes += bytesOf(entry) - bytesOf(this.#entries.get(path));
    this.#entries.set(path, entry);
  }

  #delete(path: WorkspacePath): void {
    this.#totalBytes -= bytesOf(this.#entries.get(path));
    this.#entries.delete(path);
    this.#dirty.add(path);
  }
}

/** What begins like a script is meant to be run. */
function isScript(content: Uint8Array): boolean {
  return content[0] === 0x23 && content[1] === 0x21;
}

/** Parents before what is in them. */
function byPath([one]: readonly [WorkspacePath, Entry], [other]: readonly [WorkspacePath, Entry]): number {
  return one < other ? -1 : 1;
}

function bytesOf(entry: Entry | undefined): number {
  return entry?.kind === 'file' ? entry.content.length : 0;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function refusal(message: string): SandboxError {
  return new SandboxError('workspace-refused', message);
}
