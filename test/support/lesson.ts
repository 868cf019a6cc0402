import { expect } from 'vitest';
import { problemLine } from '../../src/core/lesson/format/problems.ts';
import type { Lesson } from '../../src/core/lesson/lesson.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { builtGuest } from './built-guest.ts';
import { readLessonFolder } from '../../src/node/lesson/lesson-folder.ts';
import { needsLab } from '../../src/node/lesson/lab-driver.ts';
import { openLab } from '../../src/node/lesson/lesson-machine.ts';
import { lessonTable } from '../../src/node/lesson/lesson-table.ts';
import { runLesson } from '../../src/node/lesson/run-lesson.ts';

/** A lesson's folder that must be valid. */
export async function validLesson(folder: string): Promise<Lesson> {
  const { lesson, problems } = await readLessonFolder(folder);
  expect(problems.map(problemLine)).toEqual([]);
  return lesson!;
}

/** Does a lesson by its own solutions: every check must fail before its step's solution and pass after it. */
export async function expectLessonWorks(folder: string, sandbox: LocalSandbox): Promise<void> {
  const lesson = await validLesson(folder);
  const lab = needsLab(lesson) ? openLab(await builtGuest()) : undefined;
  try {
    lab?.attach(sandbox);
    const report = await runLesson(lesson, sandbox, { lab, report: line => console.log(line) });
    console.log(lessonTable(report));
    expect(report.problems.map(problemLine).join('\n')).toBe('');
    expect(report.steps).toHaveLength(lesson.steps.length);
  } finally {
    await lab?.dispose();
  }
}
