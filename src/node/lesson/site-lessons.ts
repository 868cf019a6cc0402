import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../core/base/sha256.ts';
import type { Lesson } from '../../core/lesson/lesson.ts';
import { packLesson } from '../../core/lesson/format/packed-lesson.ts';
import { problemLine } from '../../core/lesson/format/problems.ts';
import { withVariables } from '../../core/lesson/format/variables.ts';
import { projectFolder } from '../builder/folders.ts';
import { readLessonFolder } from './lesson-folder.ts';

/** The folder of the lessons that the site serves. */
export const lessonsFolder = join(projectFolder, 'lessons');

/** One lesson in the site's `lessons/index.json`. */
export interface LessonEntry {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly minutes: number;
  readonly steps: readonly { readonly id: string; readonly title: string }[];
  /** SHA-256 of the packed file: another one means that the lesson was changed. */
  readonly sha256: string;
}

/** The folders of the lessons that the site serves, in the order of their names. */
export async function lessonFolders(folder = lessonsFolder): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter(entry => entry.isDirectory() && !entry.name.startsWith('.')).map(entry => entry.name);
  return names.sort().map(name => join(folder, name));
}

/** Puts `index.json` and a packed file for each lesson into the site's `lessons/`. Throws with all their problems where a lesson is not valid. */
export async function writeSiteLessons(site: string, source = lessonsFolder): Promise<void> {
  const target = join(site, 'lessons');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const entries: LessonEntry[] = [];
  const problems: string[] = [];
  for (const folder of await lessonFolders(source)) {
    const { id, files, lesson, problems: found } = await readLessonFolder(folder);
    problems.push(...found.map(problem => problemLine({ ...problem, file: join(folder, problem.file) })));
    if (!lesson) continue;
    const packed = packLesson(id, files);
    await writeFile(join(target, `${id}.lesson.json`), packed);
    entries.push(entryOf(lesson, await sha256Of(new TextEncoder().encode(packed))));
  }
  if (problems.length > 0) throw new Error(`The lessons have problems:\n${problems.join('\n')}`);
  await writeFile(join(target, 'index.json'), `${JSON.stringify(entries, undefined, 1)}\n`);
}

function entryOf(lesson: Lesson, sha256: string): LessonEntry {
  const { id, frontMatter, steps } = withVariables(lesson, {});
  const { title, summary, minutes } = frontMatter;
  return { id, title, summary, minutes, steps: steps.map(step => ({ id: step.id, title: step.title })), sha256 };
}
