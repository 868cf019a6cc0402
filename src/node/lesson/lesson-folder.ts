import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isIgnored, LESSON_FILE, MAX_LESSON_BYTES, MAX_LESSON_FILES } from '../../core/lesson/format/lesson-files.ts';
import { parseLesson, type ParsedLesson } from '../../core/lesson/format/parse-lesson.ts';
import { nearest } from '../../core/lesson/format/suggest.ts';
import { projectFolder } from '../builder/folders.ts';

/** A lesson's folder, read. */
export interface LessonFolder extends ParsedLesson {
  /** The name of the folder. */
  readonly id: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Reads and validates a lesson's folder. Throws where there is no such folder, or one that can be no lesson. */
export async function readLessonFolder(folder: string): Promise<LessonFolder> {
  const root = resolve(folder);
  const about = await stat(root).catch(() => undefined);
  if (!about?.isDirectory())
    throw new Error(`There is no folder ${folder}. ${await adviceFor(root)} Give the folder of a lesson, the one that holds ${LESSON_FILE}.`);
  const files = await readFiles(root);
  const id = basename(root);
  return { id, files, ...parseLesson(id, files) };
}

/** Which folder was probably meant: the one around a file, or a lesson of this site that was named without its path. */
async function adviceFor(root: string): Promise<string> {
  const isMeant = async (folder: string): Promise<boolean> => (await stat(join(folder, LESSON_FILE)).catch(() => undefined))?.isFile() === true;
  const lessons = join(projectFolder, 'lessons');
  const names = await readdir(lessons).catch(() => []);
  const near = nearest(basename(root), names);
  for (const folder of [dirname(root), join(lessons, basename(root)), ...(near === undefined ? [] : [join(lessons, near)])])
    if (await isMeant(folder)) return `Did you mean ${relative(process.cwd(), folder) || '.'}?`;
  return names.length === 0 ? '' : `Lessons of this site are ${names.map(name => relative(process.cwd(), join(lessons, name))).join(', ')}.`;
}

async function readFiles(root: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  let byteCount = 0;
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isIgnored(path)) continue;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) {
        const content = await readFile(join(root, path));
        byteCount += content.length;
        files.set(path, new Uint8Array(content));
        // Somebody's home folder, perhaps: it need not be read to its end.
        if (files.size > 2 * MAX_LESSON_FILES || byteCount > 2 * MAX_LESSON_BYTES) throw new Error(`${root} holds far more than a lesson may.`);
      }
    }
  };
  await visit('');
  return files;
}
