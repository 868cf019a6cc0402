import { expect } from 'vitest';
import type { Block, Lesson } from '../../../src/core/lesson/lesson.ts';
import { parseLesson } from '../../../src/core/lesson/format/parse-lesson.ts';
import { problemLine } from '../../../src/core/lesson/format/problems.ts';

const encoder = new TextEncoder();

/** Front matter that is right. */
export const HEAD = '---\ntitle: T\nsummary: S\nminutes: 5\n---\n';

/** A lesson's folder from texts. */
export function folder(files: Readonly<Record<string, string | Uint8Array>>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(files).map(([path, content]) => [path, typeof content === 'string' ? encoder.encode(content) : content]));
}

/** What is wrong with a lesson, as `npm run lesson -- check` prints it. */
export function problemsOf(text: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  return parseLesson('test', folder({ 'lesson.md': text, ...files })).problems.map(problemLine);
}

/** A lesson that must be right. */
export function lessonOf(text: string, files: Readonly<Record<string, string>> = {}): Lesson {
  const { lesson, problems } = parseLesson('test', folder({ 'lesson.md': text, ...files }));
  expect(problems.map(problemLine)).toEqual([]);
  return lesson!;
}

/** The blocks of the first step of a lesson with this text below its heading. */
export function blocksOf(text: string, files?: Readonly<Record<string, string>>): readonly Block[] {
  return lessonOf(`${HEAD}## One\n\n${text}\n`, files).steps[0]!.blocks;
}

/** The problems of a step with this text, whose first line is line 1 here. */
export function stepProblems(text: string, files?: Readonly<Record<string, string>>): readonly string[] {
  return problemsOf(`${HEAD}## One\n${text}\n`, files).map(line => line.replace(/^lesson\.md:(\d+)/, (_, number) => String(Number(number) - 6)));
}
