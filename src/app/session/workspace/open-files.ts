import { signal, type ReadonlySignal } from '@preact/signals';
import { isWithin, type WorkspacePath } from '../../../core/workspace/path.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** A program that rewrites a file often removes it first: a tab waits this long before it goes with its file. */
const GONE_MILLISECONDS = 400;

/** The files open in the editor: their order, and which one is in front. */
export class OpenFiles {
  readonly #store: WorkspaceStore;
  readonly #paths = signal<readonly WorkspacePath[]>([]);
  readonly #active = signal<WorkspacePath | undefined>(undefined);
  readonly #lineWanted = signal<{ readonly path: WorkspacePath; readonly line: number } | undefined>(undefined);
  readonly #openCount = signal(0);
  readonly #typingCount = signal(0);

  constructor(store: WorkspaceStore) {
    this.#store = store;
    store.onChange(({ change }) => {
      if (change.kind === 'renamed') this.#rename(change.path, change.to);
      if (change.kind === 'removed') setTimeout(() => this.#closeGone(), GONE_MILLISECONDS);
    });
  }

  get paths(): ReadonlySignal<readonly WorkspacePath[]> {
    return this.#paths;
  }

  get active(): ReadonlySignal<WorkspacePath | undefined> {
    return this.#active;
  }

  /** The line that is to be seen; a new value each time one is asked for. */
  get lineWanted(): ReadonlySignal<{ readonly path: WorkspacePath; readonly line: number } | undefined> {
    return this.#lineWanted;
  }

  /** Counts the times the learner asked for a file, also for one that was already in front. */
  get openCount(): ReadonlySignal<number> {
    return this.#openCount;
  }

  /** Counts the times a file was opened to be typed in: the editor then takes the focus. */
  get typingCount(): ReadonlySignal<number> {
    return this.#typingCount;
  }

  /** Opens a file that the learner asked for. */
  open(path: WorkspacePath): void {
    this.show(path);
    this.#openCount.value += 1;
  }

  /** Puts a file in front without being asked: the learners stay with what they see. */
  show(path: WorkspacePath): void {
    if (!this.#paths.value.includes(path)) this.#paths.value = [...this.#paths.value, path];
    this.#active.value = path;
  }

  /** Opens a file at one of its lines; they are counted from 1. */
  openAt(path: WorkspacePath, line: number): void {
    this.open(path);
    this.#lineWanted.value = { path, line };
  }

  /** Opens a file that the learners have just made: what they type next belongs in it. */
  openToType(path: WorkspacePath): void {
    this.open(path);
    this.#typingCount.value += 1;
  }

  close(path: WorkspacePath): void {
    const index = this.#paths.value.indexOf(path);
    if (index < 0) return;
    const left = this.#paths.value.filter(other => other !== path);
    this.#paths.value = left;
    if (this.#active.value === path) this.#active.value = left[Math.min(index, left.length - 1)];
  }

  closeAll(): void {
    this.#paths.value = [];
    this.#active.value = undefined;
  }

  #closeGone(): void {
    for (const path of this.#paths.value) if (this.#store.entries.get(path)?.kind !== 'file') this.close(path);
  }

  #rename(path: WorkspacePath, to: WorkspacePath): void {
    const moved = (open: WorkspacePath): WorkspacePath => (isWithin(open, path) ? to + open.slice(path.length) : open);
    this.#paths.value = [...new Set(this.#paths.value.map(moved))];
    if (this.#active.value !== undefined) this.#active.value = moved(this.#active.value);
  }
}
