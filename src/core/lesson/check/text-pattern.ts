import { RE2JS } from 're2js';

/** How a lesson says what a text must show: a text that must occur, or `/…/flags`. */
export interface TextPattern {
  /** Does it occur in `text`? */
  matches(text: string): boolean;
  /** Whether it is the whole of `text`. If it is not a regular expression, letter case and surrounding spaces do not matter. */
  isWhole(text: string): boolean;
  /** As it was written. */
  readonly source: string;
  readonly isExpression: boolean;
}

/** Longer ones are nearly always a mistake, and slow. */
export const MAX_PATTERN_LENGTH = 500;

/** How much of a text is searched for an expression, in characters. */
const MAX_TEXT_LENGTH = 1_000_000;

const EXPRESSION = /^\/(.+)\/([a-z]*)$/s;
const FLAGS = /^[ims]*$/;

/** Reads a pattern; throws a plain `Error` whose message is for the author. */
export function parsePattern(source: string): TextPattern {
  if (source.length > MAX_PATTERN_LENGTH) throw new Error(`is longer than ${MAX_PATTERN_LENGTH} characters.`);
  const [, body, flags = ''] = EXPRESSION.exec(source) ?? [];
  // `/etc/hosts` is a path and not an expression: only flags can follow the last slash of an expression.
  if (body === undefined || (!FLAGS.test(flags) && /^[\w./-]+$/.test(source))) return textPattern(source);
  if (!FLAGS.test(flags)) throw new Error(`has unknown flags \`${flags}\`: \`i\` (letter case does not matter) and \`s\` may follow the last slash.`);
  return expressionPattern(source, body, flags);
}

function textPattern(source: string): TextPattern {
  const folded = source.trim().toLowerCase();
  return {
    source,
    isExpression: false,
    matches: text => text.includes(source),
    isWhole: text => text.trim().toLowerCase() === folded,
  };
}

function expressionPattern(source: string, body: string, flags: string): TextPattern {
  // Always by lines: `^` and `$` would else not match at the newline that every output ends with.
  const part = compile(body, flags, true);
  const whole = compile(`^(?:${body})$`, flags, false);
  return { source, isExpression: true, matches: text => occurs(part, text.slice(0, MAX_TEXT_LENGTH)), isWhole: text => whole.test(text.trim()) };
}

/** Also where the text has Windows line ends: `$` is before such a one too. */
function occurs(expression: Expression, text: string): boolean {
  return expression.test(text) || (text.includes('\r\n') && expression.test(text.replaceAll('\r\n', '\n')));
}

type Expression = Pick<RE2JS, 'test'>;

/**
 * A regular expression that takes time in proportion to the text, whatever it is: a lesson may come from anywhere, and with the browser's own
 * expressions `/(a+)+$/` would stop the page for ever. What such an engine cannot do is refused.
 */
function compile(body: string, flags: string, isByLines: boolean): Expression {
  try {
    // It explains mistakes in words that authors know from elsewhere.
    void new RegExp(body, flags);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '');
    throw new Error(`is not a valid regular expression: ${reason}. Write \`\\\` before a character that stands for itself.`, { cause: error });
  }
  const options = (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) | (flags.includes('s') ? RE2JS.DOTALL : 0) | (isByLines ? RE2JS.MULTILINE : 0);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(body), options);
  } catch (error) {
    throw new Error(refusal(body, error), { cause: error });
  }
}

/** What cannot be looked for in bounded time, and what to write in its place. */
function refusal(body: string, error: unknown): string {
  if (/\(\?<?[=!]/.test(body)) {
    return 'looks ahead or behind (`(?=…)`, `(?!…)`), which cannot be used here: write a list of patterns that must all match, or use `lacks`.';
  }
  if (/\\[1-9]|\\k</.test(body)) return 'repeats what a group has matched (`\\1`), which cannot be used here.';
  return `cannot be used here: ${(error as Error).message}. Regular expressions have the syntax of RE2, which is nearly that of JavaScript.`;
}

/** One pattern or several, as a list. */
export function patternList(value: string | readonly string[] | undefined): readonly TextPattern[] {
  return value === undefined ? [] : (typeof value === 'string' ? [value] : value).map(parsePattern);
}

/** Why `source` is not a pattern, or undefined if it is one. */
export function patternProblem(source: string): string | undefined {
  try {
    parsePattern(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The text with everything escaped that means something in a regular expression. */
export function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Is it written as `/…/flags`? */
export function isExpression(source: string): boolean {
  return patternProblem(source) === undefined && parsePattern(source).isExpression;
}

/** A regular expression without slashes that a whole text must match. Throws if it is not valid. */
export function wholeExpression(body: string): (text: string) => boolean {
  const expression = compile(`^(?:${body})$`, '', false);
  return text => expression.test(text);
}
