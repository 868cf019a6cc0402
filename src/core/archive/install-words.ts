import { WholeLines } from './whole-lines.ts';

/** Options stand between the two, and no more of them than that: a long line that says "apt" often must not take long. */
const INSTALL = /\b(?:apt|apt-get|aptitude)\b[^\n;&|]{0,300}?\binstall\b([^\n;&|]*)/g;
const PACKAGE = /^[a-z0-9][a-z0-9+.-]{1,100}$/;
/** A longer line is cut: it is no command. */
const KEPT_CHARACTERS = 4000;

/**
 * The names that commands in a text have apt install: `apt-get install -y curl git`, over several lines where they end with a backslash, and in a list of
 * strings. It may find words that are no packages.
 */
export function installWords(text: string): string[] {
  if (!text.includes('install')) return [];
  const lines = text.replaceAll(/\\\r?\n(?:\s*#.*\n)*/g, ' ');
  return [...lines.matchAll(INSTALL)].flatMap(match => match[1]!.split(/[\s,]+/).flatMap(nameOf));
}

/** Of `"curl"`, `curl=8.1`, `curl/stable` and `curl:i386`, `curl`. */
function nameOf(word: string): readonly string[] {
  const name = word.replace(/^["'`[({]+/, '').replace(/[=/:"'`\]),}<>\\].*$/, '');
  return PACKAGE.test(name) && name !== 'install' ? [name] : [];
}

/** Finds the same in what a terminal shows, however it is cut: mostly what somebody typed. */
export class TypedInstalls {
  readonly #lines = new WholeLines(KEPT_CHARACTERS);

  /** Takes the next output; gives the names in lines that are whole by now. */
  take(bytes: Uint8Array): string[] {
    const lines = this.#lines.take(bytes);
    if (!lines.includes('install')) return [];
    // eslint-disable-next-line no-control-regex -- escape sequences begin with one
    return installWords(lines.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]|\r(?!\n)/g, ''));
  }
}
