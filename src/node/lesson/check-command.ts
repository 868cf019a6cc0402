import { join, relative } from 'node:path';
import { messageOf } from '../../core/base/errors.ts';
import { Lab } from '../../core/lab/lab.ts';
import { loadVm } from '../../core/lab/v86-vm.ts';
import { eagerPolicy } from '../../core/machine/compile-governor.ts';
import type { Lesson, LessonProblem } from '../../core/lesson/lesson.ts';
import { problemLine } from '../../core/lesson/problems.ts';
import { createSandbox } from '../../core/sandbox/create-sandbox.ts';
import { buildGuest, type BuiltGuest } from '../builder/build-guest.ts';
import { folderHost } from '../machine/folder-host.ts';
import { readLessonFolder } from './lesson-folder.ts';
import { needsLab } from './lab-driver.ts';
import { lessonTable } from './lesson-table.ts';
import { runLesson, type LessonReport } from './run-lesson.ts';

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
  const sandbox = createSandbox(folderHost(guest), { compilePolicy: eagerPolicy });
  const lab = needsLab(lesson) ? openLab(guest) : undefined;
  try {
    await sandbox.ready;
    lab?.attach(sandbox);
    const report = await runLesson(lesson, sandbox, { lab, report: line => console.log(`  ${line}`) });
    return printReport(folder, report);
  } catch (error) {
    console.error(`${folder}: the machine failed: ${messageOf(error)}`);
    return false;
  } finally {
    await lab?.dispose();
    await sandbox.dispose();
  }
}

/** The lab, with its virtual machine in this process; `attach` gives it the sandbox. */
export function openLab(guest: BuiltGuest): Lab {
  return new Lab(() => loadVm(folderHost(guest), { compilePolicy: eagerPolicy }));
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
