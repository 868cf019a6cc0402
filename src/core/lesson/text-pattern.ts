/** How a lesson says what a text must show: a text that must occur, or `/…/flags`. */
export interface TextPattern {
  /** Does it occur in `text`? */
  matches(text: string): boolean;
  /** Is it the whole of `text`? Without regard to letter case and blanks around, where it is no regular expression. */
  isWhole(text: string): boolean;
  /** As it was written. */
  readonly source: string;
  readonly isExpression: boolean;
}

/** Longer ones are nearly always a mistake, and slow. */
export const MAX_PATTERN_LENGTH = 500;

const EXPRESSION = /^\/(.+)\/([a-z]*)$/s;
const FLAGS = /^[ims]*$/;

/** Reads a pattern; throws a plain `Error` whose message is for the author. */
export function parsePattern(source: string): TextPattern {
  if (source.length > MAX_PATTERN_LENGTH) throw new Error(`is longer than ${MAX_PATTERN_LENGTH} characters.`);
  const [, body, flags = ''] = EXPRESSION.exec(source) ?? [];
  // `/etc/hosts` is a path and no expression: what stands after the last slash of an expression can only be flags.
  if (body === undefined || (!FLAGS.test(flags) && /^[\w./-]+$/.test(source))) return textPattern(source);
  if (!FLAGS.test(flags))
    throw new Error(`has unknown flags \`${flags}\`: after the last slash may stand \`i\` (letter case does not matter) and \`s\`.`);
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
  const all = [...new Set(`${flags}m`)].join('');
  const part = compile(body, all);
  const whole = compile(`^(?:${body})$`, all.replace('m', ''));
  return { source, isExpression: true, matches: text => part.test(text), isWhole: text => whole.test(text.trim()) };
}

function compile(body: string, flags: string): RegExp {
  try {
    return new RegExp(body, flags);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '');
    throw new Error(`is no valid regular expression: ${reason}. Write \`\\\` before a character that is meant as itself.`, { cause: error });
  }
}

/** One pattern or several, as a list. */
export function patternList(value: string | readonly string[] | undefined): readonly TextPattern[] {
  return value === undefined ? [] : (typeof value === 'string' ? [value] : value).map(parsePattern);
}

/** Why `source` is no pattern, or undefined if it is one. */
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
