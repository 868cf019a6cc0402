import { isMap, isPair, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import type { Place } from './lesson.ts';
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

  /** Reads it; undefined where it is no YAML, and then the problems say why. */
  static read(source: YamlSource, problems: Problems): YamlBlock | undefined {
    const lines = new LineCounter();
    const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2' });
    const faults = [...document.errors, ...document.warnings];
    for (const fault of faults) problems.add(placeIn(source, lines, fault.pos[0]), sentenceOf(fault, source.text));
    if (faults.length > 0) return undefined;
    try {
      return new YamlBlock(source, document, lines, document.toJS({ maxAliasCount: MAX_ALIASES }));
    } catch (error) {
      problems.add(placeIn(source, lines, 0), `This YAML cannot be read: ${(error as Error).message}.`);
      return undefined;
    }
  }

  /** Where the value at `path` stands; that of the nearest value around it where there is none. */
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

/** What the YAML library found, with what to do about it. */
function sentenceOf(fault: YAMLError, text: string): string {
  const line = lineAt(text, fault.pos[0]);
  if (/(^|[-:[,{]\s+)\{\{/.test(line)) return "A text that begins with `{{` needs quotes in YAML: `'{{user}}/hello:v1'`.";
  if (fault.code === 'BLOCK_AS_IMPLICIT_KEY' || fault.code === 'MULTILINE_IMPLICIT_KEY') {
    return 'This line is no valid YAML. A text with `: ` in it needs quotes; a list has `- ` before each item.';
  }
  if (fault.code === 'DUPLICATE_KEY') return 'This field stands here twice: keep one.';
  if (fault.code === 'TAB_AS_INDENT') return 'YAML is indented with blanks, never with tabs.';
  if (fault.code === 'TAG_RESOLVE_FAILED') return 'A text that begins with `!` needs quotes in YAML.';
  if (fault.code === 'BAD_DQ_ESCAPE') return 'In double quotes `\\` begins an escape: write the text in single quotes.';
  const reason = fault.message.replace(/ at line \d+, column \d+.*$/s, '').replace(/[.:]?$/, '.');
  return `This is no valid YAML: ${reason} Texts with special characters need quotes.`;
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1, end === -1 ? undefined : end);
}
