import { textOf } from '../../base/text.ts';
import { isIgnored, LESSON_FILE } from './lesson-files.ts';
import type { Problems } from './problems.ts';
import { nearest } from './suggest.ts';
import { references } from './variables.ts';

/** Words of other templates that look like variables: `{{end}}` in a format of `docker inspect`. */
const TEMPLATE_WORDS: ReadonlySet<string> = new Set(['end', 'else', 'break', 'continue']);

/** The text of a lesson: its lines, and those of them that become files. */
export interface LessonText {
  readonly source: string;
  /** Lines of blocks with `file=`, from 1. */
  readonly fileLines: ReadonlySet<number>;
}

/**
 * Finds `{{…}}` that were meant as variables of the lesson and are none: they would be left as they are, and only a learner would see it.
 * Files may be templates for another program, so in them a name is a mistake only if it is nearly the name of a variable.
 */
export function reportUnknownVariables(text: LessonText, files: ReadonlyMap<string, Uint8Array>, names: readonly string[], problems: Problems): void {
  const inLesson = (name: string, line: number): string | undefined =>
    text.fileLines.has(line) ? problemInFile(name, names) : problemInText(name, names);
  reportIn(LESSON_FILE, text.source, inLesson, problems);
  for (const [path, content] of files) {
    const other = path === LESSON_FILE || isIgnored(path) ? undefined : textOf(content);
    if (other !== undefined) reportIn(path, other, name => problemInFile(name, names), problems);
  }
}

function reportIn(file: string, text: string, problemOf: (name: string, line: number) => string | undefined, problems: Problems): void {
  for (const { name, offset } of references(text)) {
    const before = text.slice(0, offset).split('\n');
    const message = problemOf(name, before.length);
    if (message !== undefined) problems.add({ file, line: before.length, column: before.at(-1)!.length + 1 }, message);
  }
}

function problemInText(name: string, names: readonly string[]): string | undefined {
  const trimmed = name.trim();
  if (name !== trimmed && names.includes(trimmed)) {
    return `\`{{${name}}}\` is not a variable, because it has spaces inside: write \`{{${trimmed}}}\`. ${literally(name)}`;
  }
  if (!isLikeName(name) || names.includes(name)) return undefined;
  const near = nearest(name, names);
  const advice = near === undefined ? 'Declare it under `variables` in the front matter.' : `Did you mean \`{{${near}}}\`?`;
  return `There is no variable \`${name}\`. ${advice} ${literally(name)}`;
}

function problemInFile(name: string, names: readonly string[]): string | undefined {
  const near = isLikeName(name) && !names.includes(name) ? nearest(name, names) : undefined;
  return near === undefined ? undefined : `There is no variable \`${name}\`. Did you mean \`{{${near}}}\`? ${literally(name)}`;
}

function isLikeName(name: string): boolean {
  return /^[A-Za-z][\w-]*$/.test(name) && !TEMPLATE_WORDS.has(name);
}

function literally(name: string): string {
  return `To show these letters as they are, write \`\\{{${name}}}\`.`;
}
