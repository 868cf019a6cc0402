import type { TextPosition, TextRange } from './finding.ts';

/** A stretch of the document in offsets; `end` is not part of it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A document that converts between offsets and positions. */
export interface SourceText {
  readonly text: string;
  readonly lineBreak: '\n' | '\r\n';
  offsetAt(position: TextPosition): number;
  positionAt(offset: number): TextPosition;
  spanOf(range: TextRange): Span;
  rangeOf(span: Span): TextRange;
  slice(span: Span): string;
}

/** Indexes the lines of a document once, so that rules may convert freely. */
export function createSourceText(text: string): SourceText {
  const lineStarts = [0];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) lineStarts.push(index + 1);

  const offsetAt = ({ line, character }: TextPosition): number => {
    const start = lineStarts[line] ?? text.length;
    const end = lineStarts[line + 1] ?? text.length;
    return Math.min(start + character, end);
  };
  const positionAt = (offset: number): TextPosition => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: offset - (lineStarts[low] ?? 0) };
  };
  return {
    text,
    lineBreak: text.includes('\r\n') ? '\r\n' : '\n',
    offsetAt,
    positionAt,
    spanOf: ({ start, end }) => ({ start: offsetAt(start), end: offsetAt(end) }),
    rangeOf: ({ start, end }) => ({ start: positionAt(start), end: positionAt(end) }),
    slice: ({ start, end }) => text.slice(start, end),
  };
}
