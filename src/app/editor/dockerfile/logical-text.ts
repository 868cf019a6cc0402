import type { Span } from './source-text.ts';

/** Text as Docker sees it (lines joined, comments gone), each character with its place in the document. */
export interface LogicalText {
  readonly text: string;
  readonly offsets: readonly number[];
}

/** An instruction's first logical line and the bodies of the heredocs that it opens. */
export interface LogicalInstruction {
  readonly line: LogicalText;
  readonly heredocs: readonly HeredocBody[];
}

/** The lines between `<<NAME` and `NAME`. */
export interface HeredocBody {
  readonly name: string;
  /** The place of the name after `<<`, quotes included. */
  readonly nameSpan: Span;
  /** In quotes: nothing in the body is replaced. */
  readonly isQuoted: boolean;
  readonly body: LogicalText;
}

/** Turns a stretch of logical text back into a stretch of the document. */
export function documentSpan({ offsets }: LogicalText, start: number, end: number): Span {
  const first = offsets[start] ?? (offsets.at(-1) ?? -1) + 1;
  const last = offsets[end - 1];
  return { start: first, end: last === undefined || end <= start ? first : last + 1 };
}

/** Text of the document taken as it stands. */
export function verbatim(source: string, { start, end }: Span): LogicalText {
  const text = source.slice(start, end);
  return { text, offsets: Array.from({ length: text.length }, (_, index) => start + index) };
}

/** Reads the text between two offsets the way Docker's parser does. */
export function readLogicalInstruction(source: string, { start, end }: Span, escapeCharacter: string): LogicalInstruction {
  const characters: string[] = [];
  const offsets: number[] = [];
  const continuation = escapeCharacter === '`' ? /`[ \t]*\r?\n/y : /\\[ \t]*\r?\n/y;
  // After a continuation Docker drops comment lines, and empty lines with a complaint.
  const dropped = /(?:[ \t]*(?:#[^\n]*)?\r?\n)*(?:[ \t]*#[^\n]*$)?/y;
  let position = start;
  while (position < end) {
    continuation.lastIndex = position;
    if (continuation.test(source)) {
      dropped.lastIndex = continuation.lastIndex;
      dropped.test(source);
      position = Math.max(continuation.lastIndex, dropped.lastIndex);
      continue;
    }
    const character = source.charAt(position);
    if (character === '\n') break;
    if (character !== '\r') {
      characters.push(character);
      offsets.push(position);
    }
    position += 1;
  }
  const line = { text: characters.join(''), offsets };
  return { line, heredocs: readHeredocs(source, { start: position + 1, end }, line) };
}

function readHeredocs(source: string, { start, end }: Span, firstLine: LogicalText): HeredocBody[] {
  const heredocs: HeredocBody[] = [];
  let position = start;
  for (const match of firstLine.text.matchAll(/(?:^|\s)\d*<<(-?)(["']?([A-Za-z_][\w.]*)["']?)/g)) {
    const [all, dash, written = '', name] = match;
    if (name === undefined || position >= end) break;
    const bodyStart = position;
    let bodyEnd = end;
    while (position < end) {
      const lineEnd = source.indexOf('\n', position);
      const next = lineEnd === -1 || lineEnd >= end ? end : lineEnd + 1;
      const content = source.slice(position, next).replace(/\r?\n$/, '');
      const isDelimiter = (dash === '-' ? content.replace(/^\t+/, '') : content) === name;
      if (isDelimiter) bodyEnd = position;
      position = next;
      if (isDelimiter) break;
    }
    const nameEnd = match.index + all.length;
    const nameSpan = documentSpan(firstLine, nameEnd - written.length, nameEnd);
    heredocs.push({ name, nameSpan, isQuoted: written !== name, body: verbatim(source, { start: bodyStart, end: bodyEnd }) });
  }
  return heredocs;
}
