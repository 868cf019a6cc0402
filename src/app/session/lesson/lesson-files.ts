import { signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { Lesson } from '../../../core/lesson/lesson.ts';
import type { WorkspacePath } from '../../../core/workspace/path.ts';
import type { Entry } from '../workspace/file-storage.ts';
import type { LessonWorld } from './lesson-world.ts';

type Files = ReadonlyMap<WorkspacePath, Uint8Array>;

/** What was there before files of the lesson were written, so that it can be brought back. */
interface Replaced {
  readonly written: Files;
  readonly before: ReadonlyMap<WorkspacePath, Entry | undefined>;
}

/** The files that a lesson puts into the workspace. */
export class LessonFiles {
  readonly #world: Pick<LessonWorld, 'store' | 'openFiles' | 'messages' | 'showSidePane'>;
  readonly #replaced = signal<Replaced | undefined>(undefined);

  constructor(world: Pick<LessonWorld, 'store' | 'openFiles' | 'messages' | 'showSidePane'>) {
    this.#world = world;
  }

  /** What the last `write` wrote and can be undone; undefined where there is nothing to undo. */
  get replaced(): ReadonlySignal<Replaced | undefined> {
    return this.#replaced;
  }

  /** The workspace as the lesson begins. */
  startAnew(lesson: Lesson): void {
    this.#world.openFiles.closeAll();
    this.#world.store.replaceAll(lesson.files);
    this.#replaced.value = undefined;
    this.openFirst(lesson);
  }

  /** Puts in front what the lesson wants to be seen first. */
  openFirst({ files, frontMatter }: Lesson): void {
    const { openFiles, showSidePane, store } = this.#world;
    const first = frontMatter.open ?? [...files.keys()][0] ?? [...store.entries.keys()].find(path => store.entries.get(path)?.kind === 'file');
    if (first !== undefined && store.entries.get(first)?.kind === 'file') openFiles.show(first);
    if (frontMatter.panel !== undefined) showSidePane(frontMatter.panel);
  }

  /** Files of the lesson that the learner has not touched take the new values of its variables. */
  follow(before: Files, after: Files): void {
    const { store } = this.#world;
    for (const [index, [path, content]] of [...before].entries()) {
      const entry = store.entries.get(path);
      const next = [...after][index];
      if (next === undefined || entry?.kind !== 'file' || !sameBytes(entry.content, content)) continue;
      const [nextPath, nextContent] = next;
      if (nextPath !== path) store.remove(path, 'page');
      if (nextPath !== path || !sameBytes(content, nextContent)) store.write(nextPath, nextContent, { executable: entry.executable, origin: 'page' });
    }
  }

  /** Writes files and puts the first in front; what the learner had there can be brought back with `undo`. True when all were written. */
  write(files: Files, { isOpened = true } = {}): boolean {
    const { messages, openFiles, store } = this.#world;
    const before = new Map([...files.keys()].map(path => [path, store.entries.get(path)] as const));
    const written = new Map<WorkspacePath, Uint8Array>();
    try {
      for (const [path, content] of files) {
        const entry = before.get(path);
        if (entry?.kind === 'file' && sameBytes(entry.content, content)) continue;
        store.write(path, content, { ...(isScript(content) && { executable: true }), origin: 'page' });
        written.set(path, content);
      }
    } catch (error) {
      messages.problem(messageOf(error));
      return false;
    } finally {
      this.#replaced.value = written.size === 0 ? undefined : { written, before };
    }
    const [first] = written.size > 0 ? written.keys() : files.keys();
    if (first !== undefined && isOpened) openFiles.open(first);
    else if (first !== undefined) openFiles.show(first);
    return true;
  }

  /** Brings back what was there before the last `write`. */
  undo(): void {
    const { store } = this.#world;
    const replaced = this.#replaced.value;
    this.#replaced.value = undefined;
    for (const path of replaced?.written.keys() ?? []) {
      const entry = replaced?.before.get(path);
      if (entry?.kind === 'file') store.write(path, entry.content, { executable: entry.executable, origin: 'page' });
      else store.remove(path, 'page');
    }
  }
}

function isScript(content: Uint8Array): boolean {
  return content[0] === 0x23 && content[1] === 0x21;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
