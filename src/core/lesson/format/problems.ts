import type { LessonProblem, Place } from '../lesson.ts';

/** More at once helps nobody. */
const MOST = 100;

/** Collects what is wrong with a lesson, so that its author learns all of it at once. */
export class Problems {
  readonly #found: LessonProblem[] = [];

  add(place: Place, message: string): void {
    this.#found.push({ ...place, message });
  }

  /** In the order of the files, and in each from top to bottom; of very many only the first. */
  sorted(): readonly LessonProblem[] {
    const all = [...this.#found].sort((one, other) => compareText(one.file, other.file) || one.line - other.line || one.column - other.column);
    const last = all[MOST];
    return last ? [...all.slice(0, MOST), { ...last, message: `There are ${all.length - MOST} more problems from here on.` }] : all;
  }
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A problem as compilers print it, so that editors and terminals can open the place. */
export function problemLine(problem: LessonProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}
