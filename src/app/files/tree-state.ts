import { signal } from '@preact/signals';
import { messageOf } from '../../core/base/errors.ts';
import { baseName, joinPath, nameProblem, parentOf, type WorkspacePath } from '../../core/workspace/path.ts';
import { ask } from '../ui/dialog.tsx';
import { visibleName } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { ancestorsOf } from '../session/workspace/tree-rows.ts';
import { saveFile } from '../ui/save-file.ts';

/** What the file tree shows as open and chosen, and what can be done there. */
export class TreeState {
  readonly expanded = signal<ReadonlySet<WorkspacePath>>(new Set());
  readonly selected = signal<WorkspacePath | undefined>(undefined);
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
    session.store.onChange(({ change }) => {
      if (change.kind === 'renamed' && this.selected.value === change.path) this.select(change.to);
      if (change.kind === 'renamed' && this.expanded.value.has(change.path)) this.setExpanded(change.to, true);
    });
  }

  select(path: WorkspacePath): void {
    this.expanded.value = new Set([...this.expanded.value, ...ancestorsOf(path)]);
    this.selected.value = path;
  }

  setExpanded(path: WorkspacePath, isExpanded: boolean): void {
    const expanded = new Set(this.expanded.value);
    if (isExpanded) expanded.add(path);
    else expanded.delete(path);
    this.expanded.value = expanded;
  }

  /** Opens a file in the editor, or a folder in the tree. */
  activate(path: WorkspacePath): void {
    this.selected.value = path;
    if (this.#session.store.entries.get(path)?.kind === 'folder') this.setExpanded(path, !this.expanded.value.has(path));
    else this.#session.openFiles.open(path);
  }

  /** The folder in which something new is made: the chosen one, or that of the chosen file. */
  get folder(): WorkspacePath {
    const path = this.selected.value;
    if (path === undefined) return '';
    return this.#session.store.entries.get(path)?.kind === 'folder' ? path : parentOf(path);
  }

  async create(kind: 'file' | 'folder'): Promise<void> {
    const { folder } = this;
    const where = folder === '' ? 'the workspace' : visibleName(folder);
    const name = await ask({
      title: kind === 'file' ? `New file in ${where}` : `New folder in ${where}`,
      confirm: 'Create',
      field: { label: 'Name', initial: '', problem: text => this.#nameProblem(folder, text) },
    });
    if (name === undefined) return;
    const path = joinPath(folder, name);
    this.#try(() => {
      if (kind === 'folder') this.#session.store.makeFolder(path, 'page');
      else this.#session.store.write(path, new Uint8Array(), { origin: 'page' });
      this.select(path);
      if (kind === 'file') this.#session.openFiles.openToType(path);
    });
  }

  async rename(path: WorkspacePath): Promise<void> {
    const name = baseName(path);
    const dot = name.lastIndexOf('.');
    const answer = await ask({
      title: `Rename ${visibleName(name)}`,
      confirm: 'Rename',
      field: {
        label: 'New name',
        initial: name,
        selectTo: dot > 0 ? dot : name.length,
        problem: text => (text === name ? undefined : this.#nameProblem(parentOf(path), text)),
      },
    });
    if (answer === undefined || answer === name) return;
    this.#try(() => this.#session.store.rename(path, joinPath(parentOf(path), answer), 'page'));
  }

  remove(path: WorkspacePath): void {
    const { messages, store } = this.#session;
    const removed = store.remove(path, 'page');
    if (removed.size === 0) return;
    messages.show(`Deleted ${visibleName(baseName(path))}.`, {
      action: {
        label: 'Undo',
        run: () => {
          this.#try(() => store.restore(removed));
          this.select(path);
        },
      },
    });
  }

  download(path: WorkspacePath): void {
    const entry = this.#session.store.entries.get(path);
    if (entry?.kind !== 'file') return;
    saveFile(baseName(path), entry.content);
  }

  #nameProblem(folder: WorkspacePath, name: string): string | undefined {
    const problem = nameProblem(name);
    if (problem !== undefined) return problem;
    return this.#session.store.entries.has(joinPath(folder, name)) ? `"${name}" already exists here.` : undefined;
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#session.messages.problem(messageOf(error));
    }
  }
}
