import type { Definition, Node } from 'mdast';
import type { Place } from '../lesson.ts';
import type { Problems } from './problems.ts';
import type { VariableValues } from './variables.ts';

/** What reading a part of `lesson.md` needs of the whole. */
export interface SectionContext {
  readonly file: string;
  /** The lines of the file. */
  readonly lines: readonly string[];
  readonly problems: Problems;
  /** The defaults of the variables: values are checked with these defaults in place. */
  readonly defaults: VariableValues;
  /** `[name]: https://…` lines by name. */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Files that links open: whether they exist is known when everything was read. */
  readonly linkedFiles: { readonly path: string; readonly place: Place }[];
  /** Files that blocks with `file=` write. */
  readonly savedFiles: Set<string>;
}

/** Where a node of the Markdown begins. */
export function placeOf(node: Node, context: SectionContext): Place {
  const { line = 1, column = 1 } = node.position?.start ?? {};
  return { file: context.file, line, column };
}

export function report(node: Node, context: SectionContext, message: string): void {
  context.problems.add(placeOf(node, context), message);
}
