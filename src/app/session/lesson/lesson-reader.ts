import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import type { Lesson, LessonProblem } from '../../../core/lesson/lesson.ts';
import type { WorkspacePath } from '../../../core/workspace/path.ts';
import type { Course } from './course.ts';
import type { Entry, FileStorage } from '../workspace/file-storage.ts';
import type * as LessonCode from './lesson-code.ts';
import { fetchLessonText, idOfAddress, type LessonSource } from './lesson-source.ts';

/** A lesson as it was found, or the reason why there is none. */
export type ReadLesson =
  | { readonly kind: 'lesson'; readonly lesson: Lesson; readonly code: typeof LessonCode }
  /** `problems` are for the author: they have places in its files. */
  | { readonly kind: 'problem'; readonly message: string; readonly problems: readonly LessonProblem[] };

/** The files of a lesson's folder. */
export interface LessonFolder {
  readonly id: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Where the folders are kept that were dropped on the page, by the lesson's id. */
export type DroppedStorage = (id: string) => FileStorage;

/** Reads a lesson from wherever it comes. Never rejects. */
export async function readLesson(source: LessonSource, course: Course, dropped: DroppedStorage): Promise<ReadLesson> {
  try {
    // Imported and fetched side by side.
    const [code, text] = await Promise.all([importCode(), textOf(source, course)]);
    const { id, files } = source.kind === 'dropped' ? await folderOf(source.id, dropped) : unpack(source, text, code);
    const { lesson, problems } = code.parseLesson(id, files);
    if (lesson !== undefined) return { kind: 'lesson', lesson, code };
    return { kind: 'problem', message: 'It has mistakes that its author must fix.', problems };
  } catch (error) {
    return { kind: 'problem', message: messageOf(error), problems: [] };
  }
}

/** Keeps a dropped folder, in place of an earlier one with the same name. */
export async function keepDropped({ id, files }: LessonFolder, dropped: DroppedStorage): Promise<void> {
  const storage = dropped(id);
  const before = await storage.load().catch(() => undefined);
  const puts = new Map<WorkspacePath, Entry>([...files].map(([path, content]) => [path, { kind: 'file', content, executable: false }]));
  const deletes = [...(before?.keys() ?? [])].filter(path => !files.has(path));
  // Where the browser stores nothing it is remembered as long as the page is open.
  await storage.save(puts, deletes).catch(() => undefined);
}

/** Loads what reads and checks lessons. */
export async function importCode(): Promise<typeof LessonCode> {
  try {
    return await import('./lesson-code.ts');
  } catch (error) {
    throw new SandboxError('download-failed', 'The part of the page that reads lessons could not be loaded. Check the connection, then try again.', {
      cause: error,
    });
  }
}

async function textOf(source: LessonSource, course: Course): Promise<string> {
  if (source.kind === 'course') return fetchLessonText(course.addressOf(source.id), false);
  if (source.kind === 'address') return fetchLessonText(source.url, true);
  return source.kind === 'packed' ? source.text : '';
}

function unpack(source: LessonSource, text: string, code: typeof LessonCode): LessonFolder {
  const isMarkdown = source.kind === 'address' && new URL(source.url).pathname.endsWith('.md');
  if (!isMarkdown) return code.unpackLesson(text);
  return { id: idOfAddress(source.url), files: new Map([['lesson.md', new TextEncoder().encode(text)]]) };
}

async function folderOf(id: string, dropped: DroppedStorage): Promise<LessonFolder> {
  const entries = await dropped(id).load();
  if (entries === undefined) throw new SandboxError('storage-refused', 'This browser no longer has that folder: drop it on the page again.');
  return { id, files: new Map([...entries].flatMap(([path, entry]) => (entry.kind === 'file' ? [[path, entry.content] as const] : []))) };
}
