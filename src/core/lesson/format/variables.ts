import { textOf } from '../../base/text.ts';
import type { Lesson } from '../lesson.ts';
import type { FrontMatter } from './lesson-schema.ts';
import { escapeExpression, isExpression, wholeExpression } from '../check/text-pattern.ts';

/** What the learner has set, by name. */
export type VariableValues = Readonly<Record<string, string>>;

/** One variable of a lesson, as its front matter declares it. */
export type Variable = NonNullable<FrontMatter['variables']>[string];

/** What a value may be where the lesson gives no `pattern`: it goes into commands and names of images. */
const DEFAULT_PATTERN = '[A-Za-z0-9._-]{1,40}';

/**
 * Stands for the `\` of `\{{…}}` from the moment a lesson is read: Markdown and YAML would each treat the backslash in a way of
 * their own. Private use, one character like the backslash, so that all places stay right.
 */
const ESCAPE = '\uE000';

const REFERENCE = /([\\\uE000]?)\{\{([^{}\n]*)\}\}/g;

/** Marks every `\{{…}}` of a source. */
export function markEscapes(source: string): string {
  return source.replace(/\\(?=\{\{[^{}\n]*\}\})/g, ESCAPE);
}

/** A `{{…}}` of a text, be it a variable or not; without those that a backslash marks as text. */
export interface Reference {
  /** The text between the braces. */
  readonly name: string;
  /** Where it begins. */
  readonly offset: number;
}

/** Finds every `{{…}}` of a text. */
export function references(text: string): readonly Reference[] {
  return [...text.matchAll(REFERENCE)].flatMap(({ 1: escape, 2: name, index }) => (escape === '' ? [{ name: name!, offset: index }] : []));
}

/** Puts values in for `{{name}}`; takes the backslash from `\{{…}}`; leaves any other `{{…}}` as it is. */
export function substitute(text: string, values: VariableValues): string {
  return text.replace(REFERENCE, (whole: string, escape: string, name: string) => {
    if (escape !== '') return whole.slice(1);
    return Object.hasOwn(values, name) ? values[name]! : whole;
  });
}

/** Why `value` cannot be the value of a variable, in the learner's words, or undefined if it can. */
export function variableProblem(variable: Variable, value: string): string | undefined {
  if (wholeExpression(variable.pattern ?? DEFAULT_PATTERN)(value)) return undefined;
  const rule = variable.pattern ?? 'letters, digits, `.`, `_` and `-`, 40 at most';
  return value === '' ? `${variable.label}: this cannot be empty.` : `${variable.label}: "${value}" does not fit; it must be ${rule}.`;
}

/** A value for every variable of the lesson: the learner's if it fits, otherwise the default. */
export function variableValues(frontMatter: FrontMatter, values: VariableValues): VariableValues {
  const entries = Object.entries(frontMatter.variables ?? {}).map(([name, variable]) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return [name, value !== undefined && variableProblem(variable, value) === undefined ? value : variable.default] as const;
  });
  return Object.fromEntries(entries);
}

/** The lesson with the learner's values in its texts, code, checks, solutions and files. Do this with every lesson, also with one that has no variables. */
export function withVariables(lesson: Lesson, values: VariableValues): Lesson {
  const all = variableValues(lesson.frontMatter, values);
  const { files, steps, frontMatter, introduction } = lesson;
  const inTexts = <T>(value: T): T => replaceDeep(value, text => substitute(text, all)) as T;
  // A value that ends up in a regular expression is taken literally there.
  const inChecks = <T>(value: T): T => replaceDeep(value, text => substitute(text, isExpression(text) ? escaped(all) : all)) as T;
  // The declaration of the variables stays as it is: a default cannot contain another variable.
  const { variables, ...rest } = frontMatter;
  return {
    id: lesson.id,
    frontMatter: { ...inTexts(rest), ...(variables && { variables }) },
    introduction: inTexts(introduction),
    steps: steps.map(step => ({
      ...inTexts({ id: step.id, title: step.title, blocks: step.blocks }),
      checks: inChecks(step.checks),
      quizzes: inChecks(step.quizzes),
      solution: { files: replaceInFiles(step.solution.files, all), lines: inTexts(step.solution.lines) },
    })),
    files: replaceInFiles(files, all),
  };
}

/** A value with `replace` done to every string in it; names of fields stay. */
export function replaceDeep(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map(item => replaceDeep(item, replace));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceDeep(item, replace)]));
  }
  return value;
}

function escaped(values: VariableValues): VariableValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, escapeExpression(value)]));
}

function replaceInFiles(files: ReadonlyMap<string, Uint8Array>, values: VariableValues): ReadonlyMap<string, Uint8Array> {
  return new Map([...files].map(([path, content]) => [substitute(path, values), replaceInContent(content, values)]));
}

/** Only in text: anything that is not UTF-8 is left as it is. */
function replaceInContent(content: Uint8Array, values: VariableValues): Uint8Array {
  const text = textOf(content);
  if (text === undefined) return content;
  const replaced = substitute(text, values);
  return replaced === text ? content : new TextEncoder().encode(replaced);
}
