import { isMap, isPair, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import type { Place } from '../lesson.ts';
import type { Problems } from './problems.ts';

/** A piece of YAML in a file of the lesson. */
export interface YamlSource {
  readonly file: string;
  readonly text: string;
  /** The line of the file on which it begins. */
  readonly line: number;
  /** How many columns of the file stand before each of its lines. */
  readonly indent: number;
}

/** Steps into a value: names of fields and indexes of lists. */
export type ValuePath = readonly PropertyKey[];

/** More aliases than this stand in no lesson, but in files that are to fill the memory. */
const MAX_ALIASES = 100;

/** YAML that was read, and where each of its values stands. */
export class YamlBlock {
  readonly #lines: LineCounter;
  readonly #source: YamlSource;
  readonly #document: Document.Parsed;

  private constructor(
    source: YamlSource,
    document: Document.Parsed,
    lines: LineCounter,
    readonly value: unknown,
  ) {
    this.#source = source;
    this.#document = document;
    this.#lines = lines;
  }

  /** Reads it. Undefined if it is not YAML; one problem then says why, because later mistakes mostly follow from the first. */
  static read(source: YamlSource, problems: Problems): YamlBlock | undefined {
    const lines = new LineCounter();
    const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true, version: '1.2' } as const;
    const document = parseDocument(source.text, options);
    const [fault] = [...document.errors, ...document.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
    if (fault) {
      const { offset, sentence } = mistakeOf(fault, source.text);
      problems.add(placeIn(source, lines, offset), sentence);
      return undefined;
    }
    try {
      return new YamlBlock(source, document, lines, document.toJS({ maxAliasCount: MAX_ALIASES }));
    } catch (error) {
      problems.add(placeIn(source, lines, 0), `This YAML cannot be read: ${(error as Error).message}.`);
      return undefined;
    }
  }

  /** The place of the value at `path`; if there is no such value, the place of the nearest value around it. */
  placeOf(path: ValuePath): Place {
    for (let length = path.length; length >= 0; length--) {
      const start = rangeStart(length === 0 ? this.#document.contents : this.#document.getIn(path.slice(0, length), true));
      if (start !== undefined) return placeIn(this.#source, this.#lines, start);
    }
    return placeIn(this.#source, this.#lines, 0);
  }

  /** Where the name of the field at `path` stands. */
  placeOfName(path: ValuePath): Place {
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    const name = String(path.at(-1));
    const pair = isMap(parent) ? parent.items.find(item => isPair(item) && String(item.key) === name) : undefined;
    const start = rangeStart(pair?.key);
    return start === undefined ? this.placeOf(path) : placeIn(this.#source, this.#lines, start);
  }
}

function rangeStart(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0];
}

function placeIn(source: YamlSource, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(Math.min(offset, source.text.length));
  return { file: source.file, line: source.line + Math.max(1, line) - 1, column: source.indent + Math.max(1, col) };
}

/** What an author has done where the YAML library has found a fault. */
function mistakeOf(fault: YAMLError, text: string): { readonly offset: number; readonly sentence: string } {
  const [offset] = fault.pos;
  const tab = tabAt(text, offset);
  if (tab !== undefined) return { offset: tab, sentence: 'This line is indented with a tab: indent with spaces, not with tabs.' };
  const [start, line] = lineAt(text, offset);
  const variable = /(^|[-:]\s+|[[,{]\s*)(\{\{[^{}]*\}\}[^\s,\]]*)/.exec(line);
  if (!variable) return { offset, sentence: sentenceOf(fault) };
  const [, before = '', written = ''] = variable;
  return {
    offset: start + variable.index + before.length,
    sentence: `A text that begins with \`{{\` needs quotes in YAML: \`'${written}'\`.`,
  };
}

/** The place of the tab that causes a fault: the text of the previous line continues in a line that YAML does not take for indented. */
function tabAt(text: string, offset: number): number | undefined {
  const [start, line] = lineAt(text, offset);
  const [next = ''] = text.slice(start + line.length + 1).split('\n', 1);
  const tabOf = (one: string): number => /^ *\t/.exec(one)?.[0].length ?? 0;
  if (tabOf(line) > 0) return start + tabOf(line) - 1;
  return tabOf(next) > 0 ? start + line.length + tabOf(next) : undefined;
}

/** What the YAML library found, with what to do about it. */
function sentenceOf(fault: YAMLError): string {
  if (fault.code === 'NON_STRING_KEY') return 'The name of a field is a text. A value that begins with `{` or `[` needs quotes.';
  if (fault.code === 'BLOCK_AS_IMPLICIT_KEY' || fault.code === 'MULTILINE_IMPLICIT_KEY') {
    return 'This line is not valid YAML. A text with `: ` in it needs quotes; a list has `- ` before each item.';
  }
  if (fault.code === 'DUPLICATE_KEY') return 'This field is here twice: keep one.';
  if (fault.code === 'TAB_AS_INDENT') return 'Indent YAML with spaces, never with tabs.';
  if (fault.code === 'TAG_RESOLVE_FAILED') return 'A text that begins with `!` needs quotes in YAML.';
  if (fault.code === 'BAD_DQ_ESCAPE') return 'In double quotes `\\` begins an escape: write the text in single quotes.';
  const reason = fault.message.replace(/ at line \d+, column \d+.*$/s, '').replace(/[.:]?$/, '.');
  return `This is not valid YAML: ${reason} Texts with special characters need quotes.`;
}

/** The line around an offset, and where it begins. */
function lineAt(text: string, offset: number): readonly [start: number, line: string] {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return [start, text.slice(start, end === -1 ? undefined : end)];
}
