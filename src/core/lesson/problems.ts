import type { LessonProblem, Place } from './lesson.ts';

/** Collects what is wrong with a lesson, so that its author learns all of it at once. */
export class Problems {
  readonly #found: LessonProblem[] = [];

  add(place: Place, message: string): void {
    this.#found.push({ ...place, message });
  }

  /** In the order of the files, and in each from top to bottom. */
  sorted(): readonly LessonProblem[] {
    return [...this.#found].sort((one, other) => compareText(one.file, other.file) || one.line - other.line || one.column - other.column);
  }
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A problem as compilers print it, so that editors and terminals can open the place. */
export function problemLine(problem: LessonProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}
