import type { RootContent } from 'mdast';
import type { WorkspacePath } from '../workspace/path.ts';
import type { CheckKind, CheckOf } from './check/check-schema.ts';
import type { FrontMatter, QuizKind, QuizOf } from './format/lesson-schema.ts';
import type { LabAction } from './format/solution-lines.ts';

export type { QuizOf } from './format/lesson-schema.ts';

/** A lesson, read and found valid. Variables (`{{user}}`) still stand in its texts, checks and solutions: `withVariables` puts the learner's values in. */
export interface Lesson {
  /** The name of its folder. */
  readonly id: string;
  readonly frontMatter: FrontMatter;
  /** The content before the first step. */
  readonly introduction: readonly Block[];
  readonly steps: readonly Step[];
  /** What the workspace holds at the beginning: the content of `files/`. */
  readonly files: ReadonlyMap<WorkspacePath, Uint8Array>;
}

/** A second-level heading (`## Title {#id}`) and everything below it. */
export interface Step {
  /** From `{#id}`, or made from the title. Progress is kept under it. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly checks: readonly Check[];
  readonly quizzes: readonly Quiz[];
  readonly solution: Solution;
}

/** What the page shows, in order. */
export type Block =
  /** Markdown without HTML. Links with a scheme of `lesson-link.ts` do something on the page. */
  | { readonly kind: 'text'; readonly content: readonly RootContent[] }
  | { readonly kind: 'code'; readonly code: CodeBlock }
  /** Folded until the learner opens it. */
  | { readonly kind: 'hint'; readonly title: string; readonly blocks: readonly Block[] }
  /** The place of the quiz in the text. */
  | { readonly kind: 'quiz'; readonly quiz: Quiz };

/** A fenced block of code. */
export interface CodeBlock {
  /** As Monaco names it; empty for plain text. */
  readonly language: string;
  readonly text: string;
  /** `run` types it into the terminal; `save` writes it to a file; every block can be copied, unless it is output to be compared (`console`). */
  readonly actions: readonly ('run' | 'copy' | 'save')[];
  /** For `save`: from `file=…` in the info string. */
  readonly file?: WorkspacePath;
}

/** One check of a step; `id` is unique in the lesson, and the same as long as the check stays where it is. */
export type Check = {
  readonly [K in CheckKind]: { readonly id: string; readonly kind: K; readonly source: CheckOf<K>; readonly place: Place };
}[CheckKind];

/** One question of a step. */
export type Quiz = {
  readonly [K in QuizKind]: { readonly id: string; readonly kind: K; readonly source: QuizOf<K>; readonly place: Place };
}[QuizKind];

/** How a step is done: files first, then lines typed into a terminal. */
export interface Solution {
  /** The content of `solution/<step id>/`. */
  readonly files: ReadonlyMap<WorkspacePath, Uint8Array>;
  /** The lines of the step's `solution` block. */
  readonly lines: readonly SolutionLine[];
}

/** A line of a `solution` block. */
export type SolutionLine =
  /** Typed at the shell's prompt; the next one waits until the command has ended. */
  | { readonly kind: 'command'; readonly text: string }
  /** `> …`: typed into the program that runs (a shell in a container), once that shows a prompt. */
  | { readonly kind: 'input'; readonly text: string }
  /** `^C` or `^D`. */
  | { readonly kind: 'key'; readonly key: 'C' | 'D' }
  /** `lab: …`: something done in the lab. */
  | { readonly kind: 'lab'; readonly action: LabAction };

/** A place in a file of the lesson. Lines and columns begin at 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong with a lesson, for its author. */
export interface LessonProblem extends Place {
  /** What is wrong and what to write instead. */
  readonly message: string;
}

/** Markdown as it was parsed, for those who render it. */
export type { RootContent } from 'mdast';
