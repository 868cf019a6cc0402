/** A place in the text, both counted from zero, as the language server protocol counts. */
export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

/** A stretch of the text; `end` is not part of it. */
export interface TextRange {
  readonly start: TextPosition;
  readonly end: TextPosition;
}

/** One replacement; an empty range inserts. */
export interface TextChange {
  readonly range: TextRange;
  readonly newText: string;
}

/** A change that the learner can accept with one click. */
export interface QuickFix {
  readonly title: string;
  readonly changes: readonly TextChange[];
}

/** How loud a finding is: only `error` means that the build or the container will fail. */
export type Severity = 'error' | 'warning' | 'info' | 'hint';

/** One remark about a Dockerfile, ready to be shown. */
export interface Finding {
  /** `drydock` for our teaching rules, `docker` for the syntax check of the language service. */
  readonly source: 'drydock' | 'docker';
  readonly id: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: TextRange;
  readonly fixes: readonly QuickFix[];
}

/** What a lint needs to know besides the text. */
export interface LintOptions {
  /** The engine's own images as `name:tag`; empty while the engine has not answered yet. */
  readonly imageReferences: readonly string[];
  /** What can be pulled, as `name:tag`; empty while it is not known. */
  readonly hubReferences: readonly string[];
  /** Whether the nearest image answers to the name asked for, where it may. */
  readonly givesNearest?: boolean;
}
