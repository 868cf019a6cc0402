import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { WorkspacePath } from '../../core/workspace/path.ts';
import type { Entry, FileStorage } from './workspace/file-storage.ts';
import type { Lessons } from './lesson/lessons.ts';
import { parseLessonParameter, type LessonSource } from './lesson/lesson-source.ts';
import type { Messages } from './messages.ts';
import type { WorkspaceStore } from './workspace/workspace-store.ts';

type Files = ReadonlyMap<WorkspacePath, Entry>;

/** A workspace that somebody's link or archive was opened in; its files are kept like the learner's own, apart from them. */
export interface SharedWorkspace {
  /** Of what it was made from. */
  readonly id: string;
  /** For the learner: the name of the archive, or some of the files. */
  readonly name: string;
  /** What `?lesson=` would say. */
  readonly lesson?: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  readonly fileCount: number;
}

export interface SharedWorkspacesOptions {
  /** Names the workspace of this page: the list is kept under it. */
  readonly scope: string;
  readonly store: WorkspaceStore;
  readonly lessons: Pick<Lessons, 'open' | 'switchTo' | 'dismiss' | 'state'>;
  readonly messages: Pick<Messages, 'announce' | 'problem'>;
  /** Where the files of a workspace are kept, by its id; the same object for the same id. */
  storageOf(id: string): FileStorage;
  /** The learner's own workspace. */
  own(): { readonly storage: FileStorage; readonly starterFiles: ReadonlyMap<WorkspacePath, Uint8Array> };
  /** Where the list is kept; in some frames asking for it throws. */
  listStorage(): Pick<Storage, 'getItem' | 'setItem'>;
}

/** The workspaces that were opened from links and archives, and which of them is open now. */
export class SharedWorkspaces {
  readonly #options: SharedWorkspacesOptions;
  readonly #list: Signal<readonly SharedWorkspace[]>;
  readonly current: ReadonlySignal<SharedWorkspace | undefined>;

  constructor(options: SharedWorkspacesOptions) {
    this.#options = options;
    this.#list = signal(this.#readList());
    this.current = computed(() => {
      const storage = options.store.storage.value;
      return this.list.value.find(({ id }) => options.storageOf(id) === storage);
    });
  }

  /** The latest first. */
  get list(): ReadonlySignal<readonly SharedWorkspace[]> {
    return this.#list;
  }

  find(id: string): SharedWorkspace | undefined {
    return this.list.value.find(workspace => workspace.id === id);
  }

  /** The id of another workspace made from the same: the first one stays as it is. */
  freshId(id: string): string {
    let number = 2;
    while (this.find(`${id}-${number}`) !== undefined) number += 1;
    return `${id}-${number}`;
  }

  /** Makes a workspace with these files and opens it. The one that was open stays in its own storage. */
  async open(workspace: Omit<SharedWorkspace, 'fileCount' | 'openedAt'>, files: Files): Promise<void> {
    const fileCount = [...files.values()].filter(({ kind }) => kind === 'file').length;
    this.#writeList([{ ...workspace, fileCount, openedAt: Date.now() }, ...this.list.value.filter(({ id }) => id !== workspace.id)]);
    await this.#show(workspace, files);
  }

  /** Opens a workspace of earlier as it was left; false where this browser does not have it. */
  async reopen(id: string): Promise<boolean> {
    const workspace = this.find(id);
    if (workspace === undefined) return false;
    const stored = await this.#options
      .storageOf(id)
      .load()
      .catch(() => undefined);
    if (stored === undefined) {
      this.#writeList(this.list.value.filter(other => other.id !== id));
      return false;
    }
    await this.#show(workspace, stored);
    return true;
  }

  /** Opens the learner's own workspace. */
  async leave(): Promise<void> {
    const { storage, starterFiles } = this.#options.own();
    await this.#options.lessons.switchTo(storage, starterFiles);
    this.#options.messages.announce('Your own files are back.');
  }

  /** Deletes a workspace that is not open, with its files. */
  async forget(id: string): Promise<void> {
    const storage = this.#options.storageOf(id);
    const stored = await storage.load();
    await storage.save(new Map(), [...(stored?.keys() ?? [])]);
    this.#writeList(this.list.value.filter(other => other.id !== id));
  }

  async #show({ id, lesson, name }: Pick<SharedWorkspace, 'id' | 'lesson' | 'name'>, files: Files): Promise<void> {
    const { lessons, messages, store } = this.#options;
    const storage = this.#options.storageOf(id);
    const source = lessonOfShare(lesson);
    if (source !== undefined) {
      await lessons.open(source, { key: `shared:${id}`, storage, files });
      const state = lessons.state.value;
      if (store.storage.value === storage) return;
      // The files are worth having without it.
      if (state.kind === 'failed') messages.problem(`The lesson could not be opened: ${state.message} Here are the files without it.`);
      lessons.dismiss();
    }
    await lessons.switchTo(storage, files);
    messages.announce(`Opened ${name} in a workspace of its own.`);
  }

  #readList(): readonly SharedWorkspace[] {
    try {
      const value: unknown = JSON.parse(this.#options.listStorage().getItem(this.#listName) ?? '[]');
      return Array.isArray(value) ? value.filter(isSharedWorkspace) : [];
    } catch {
      return [];
    }
  }

  #writeList(list: readonly SharedWorkspace[]): void {
    this.#list.value = list;
    try {
      this.#options.listStorage().setItem(this.#listName, JSON.stringify(list));
    } catch {
      // Then it lasts as long as the page.
    }
  }

  get #listName(): string {
    return `drydock.shared:${this.#options.scope}`;
  }
}

/** The lesson that a link or an archive names; undefined where it names none, or one that only its maker's browser has. */
export function lessonOfShare(lesson: string | undefined): LessonSource | undefined {
  try {
    const source = parseLessonParameter(lesson ?? null);
    return source?.kind === 'course' || source?.kind === 'address' ? source : undefined;
  } catch {
    return undefined;
  }
}

function isSharedWorkspace(value: unknown): value is SharedWorkspace {
  const { id, name, lesson, openedAt, fileCount } = (value ?? {}) as Record<string, unknown>;
  const isLesson = lesson === undefined || typeof lesson === 'string';
  return typeof id === 'string' && typeof name === 'string' && isLesson && typeof openedAt === 'number' && typeof fileCount === 'number';
}
