import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { isWithin, type WorkspacePath } from '../../../core/workspace/path.ts';
import type { Entry } from './file-storage.ts';
import type { WorkspaceStore } from './workspace-store.ts';

type Files = ReadonlyMap<WorkspacePath, Entry>;

/** What paths are to be: an entry, or nothing. */
type Wanted = ReadonlyMap<WorkspacePath, Entry | undefined>;

/** The last change of many files at once, which can be taken back or, once taken back, made again. */
export interface UndoableChange {
  /** For "Undo: …" and "Redo: …". */
  readonly label: string;
  readonly isUndone: boolean;
}

/** Changes many files of the workspace as one step that can be taken back while the workspace is open. */
export class BulkChange {
  readonly #store: WorkspaceStore;
  readonly #last = signal<(UndoableChange & { readonly before: Wanted }) | undefined>(undefined);

  constructor(store: WorkspaceStore) {
    this.#store = store;
    effect(() => {
      // What was done in one workspace cannot be taken back in another.
      void store.storage.value;
      this.#last.value = undefined;
    });
  }

  /** Undefined where there is nothing to take back. */
  get last(): ReadonlySignal<UndoableChange | undefined> {
    return this.#last;
  }

  /** Adds files; what is there under the same paths is replaced. Throws `workspace-refused`, having changed nothing, where that cannot be. */
  add(label: string, files: Files): void {
    this.#apply(label, files, false);
  }

  /** Makes the workspace hold just these files. Throws `workspace-refused`, having changed nothing, where that cannot be. */
  replaceAll(label: string, files: Files): void {
    const removed = [...this.#store.entries.keys()].filter(path => !files.has(path)).map(path => [path, undefined] as const);
    this.#apply(label, new Map([...removed, ...files]), false);
  }

  /** Takes the last change back, or makes it again if it was taken back. */
  toggle(): void {
    const last = this.#last.value;
    if (last !== undefined) this.#apply(last.label, last.before, !last.isUndone);
  }

  #apply(label: string, wanted: Wanted, isUndone: boolean): void {
    const before: Wanted = new Map([...wanted.keys()].map(path => [path, this.#store.entries.get(path)]));
    try {
      this.#make(wanted);
    } catch (error) {
      this.#make(before);
      throw error;
    }
    this.#last.value = { label, isUndone, before };
    // Many files at once are not to wait for the next letter typed.
    void this.#store.flush();
  }

  /** First what goes, from the inside out, then what comes, from the outside in. */
  #make(wanted: Wanted): void {
    const paths = [...wanted.keys()].sort();
    for (const path of [...paths].reverse()) {
      const there = this.#store.entries.get(path);
      if (there !== undefined && there.kind !== wanted.get(path)?.kind) this.#remove(path, there);
    }
    for (const path of paths) {
      const entry = wanted.get(path);
      if (entry?.kind === 'folder') this.#store.makeFolder(path, 'page');
      else if (entry !== undefined && this.#store.entries.get(path) !== entry) {
        this.#store.write(path, entry.content, { executable: entry.executable, origin: 'page' });
      }
    }
  }

  /** A folder in which something else was put since stays. */
  #remove(path: WorkspacePath, { kind }: Entry): void {
    const isKept = kind === 'folder' && [...this.#store.entries.keys()].some(other => other !== path && isWithin(other, path));
    if (!isKept) this.#store.remove(path, 'page');
  }
}
