import { expect } from 'vitest';
import { problemLine } from '../../src/core/lesson/problems.ts';
import type { Lesson } from '../../src/core/lesson/lesson.ts';
import { builtGuest } from './built-guest.ts';
import { readLessonFolder } from '../../src/node/lesson/lesson-folder.ts';
import { doLesson } from '../../src/node/lesson/lesson-machine.ts';
import { lessonTable } from '../../src/node/lesson/lesson-table.ts';

/** A lesson's folder that must be valid. */
export async function validLesson(folder: string): Promise<Lesson> {
  const { lesson, problems } = await readLessonFolder(folder);
  expect(problems.map(problemLine)).toEqual([]);
  return lesson!;
}

/** Does a lesson by its own solutions in a guest of its own: every check must fail before its step's solution and pass after it. */
export async function expectLessonWorks(folder: string): Promise<void> {
  const lesson = await validLesson(folder);
  const report = await doLesson(lesson, await builtGuest(), line => console.log(line));
  console.log(lessonTable(report));
  expect(report.problems.map(problemLine).join('\n')).toBe('');
  expect(report.steps).toHaveLength(lesson.steps.length);
}
