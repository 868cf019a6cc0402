import { join, relative } from 'node:path';
import { messageOf } from '../../core/base/errors.ts';
import type { Lesson, LessonProblem } from '../../core/lesson/lesson.ts';
import { problemLine } from '../../core/lesson/format/problems.ts';
import { buildGuest, type BuiltGuest } from '../builder/build-guest.ts';
import { readLessonFolder } from './lesson-folder.ts';
import { doLesson } from './lesson-machine.ts';
import { lessonTable } from './lesson-table.ts';
import type { LessonReport } from './run-lesson.ts';

/** `npm run lesson -- check [--quick] <folder>…`: gives how many of the lessons have problems. */
export async function checkLessons(folders: readonly string[], isQuick: boolean): Promise<number> {
  const found: { readonly folder: string; readonly lesson: Lesson }[] = [];
  let failed = 0;
  for (const folder of folders) {
    const { lesson, problems } = await readLessonFolder(folder);
    for (const problem of problems) console.error(`${placeIn(folder, problem)}`);
    if (lesson) found.push({ folder, lesson });
    else failed++;
    console.log(
      lesson
        ? `${folder}: read, ${lesson.steps.length} steps, no problems`
        : `${folder}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
    );
  }
  if (isQuick || found.length === 0) return failed;
  const guest = await buildGuest();
  for (const { folder, lesson } of found) {
    if (!(await tryLesson(folder, lesson, guest))) failed++;
  }
  return failed;
}

/** Does one lesson in a machine of its own, and prints what came of it. */
async function tryLesson(folder: string, lesson: Lesson, guest: BuiltGuest): Promise<boolean> {
  console.log(`\n${folder}: "${lesson.frontMatter.title}" in a machine of its own`);
  try {
    return printReport(folder, await doLesson(lesson, guest, line => console.log(`  ${line}`)));
  } catch (error) {
    console.error(`${folder}: the machine failed: ${messageOf(error)}`);
    return false;
  }
}

function printReport(folder: string, report: LessonReport): boolean {
  if (report.steps.length > 0) console.log(`\n${lessonTable(report)}\n`);
  for (const problem of report.problems) console.error(`${placeIn(folder, problem)}`);
  const count = report.problems.length;
  console.log(
    count === 0
      ? `${folder}: every check failed before its step's solution and passed after it.`
      : `${folder}: ${count} problem${count === 1 ? '' : 's'}`,
  );
  return count === 0;
}

/** A problem with a place that a terminal or an editor can open from here. */
function placeIn(folder: string, problem: LessonProblem): string {
  return problemLine({ ...problem, file: join(relative(process.cwd(), folder), problem.file) });
}
