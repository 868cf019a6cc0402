import { documentSpan, type LogicalText } from './logical-text.ts';
import type { Span } from './source-text.ts';

/** One word of a shell command, with quotes removed. */
export interface ShellWord {
  readonly value: string;
  /** As written, quotes included. */
  readonly raw: string;
  readonly span: Span;
}

/** One simple command; `programIndex` skips what only prepares it (`DEBIAN_FRONTEND=...`, `sudo -E`, `then`). */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  /** The separator before it: `&&`, `||`, `;`, `|`, `&`, a line break, a bracket, or nothing. */
  readonly operator: string;
  /** How many round brackets (subshells) are open around it. */
  readonly depth: number;
  readonly program: string;
  readonly programIndex: number;
  readonly arguments: readonly ShellWord[];
}

const blank = /(?:[ \t\r]|\\\r?\n)+/y;
const comment = /#[^\n]*/y;
const redirection = /(?:\d*|&)(?:<<<|<<-?|>>|>&|<&|>\||<>|>|<)/y;
const operator = /&&|\|\||;;|\|&|[;&|\n()]/y;
const word = /(?:\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^}]*\}|`[^`]*`|[^\s;&|()<>'"\\`])+/y;

const preparingWords = new Set([
  'if',
  'then',
  'elif',
  'else',
  'while',
  'until',
  'do',
  '!',
  '{',
  'time',
  'exec',
  'command',
  'env',
  'nohup',
  'eatmydata',
]);

/** Splits a shell script into simple commands; it never fails, odd text only gives odd words. */
export function parseShellCommands(script: LogicalText): ShellCommand[] {
  const commands: ShellCommand[] = [];
  const { text } = script;
  let words: ShellWord[] = [];
  let before = '';
  let depth = 0;
  let isTarget = false;
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const taken = pattern.exec(text)?.[0];
    position += taken?.length ?? 0;
    return taken;
  };
  const finish = (next: string): void => {
    if (words.length > 0) commands.push(createCommand(words, before, depth));
    if (words.length > 0 || next !== '\n') before = next;
    words = [];
    isTarget = false;
    if (next === '(') depth += 1;
    else if (next === ')') depth = Math.max(0, depth - 1);
  };
  while (position < text.length) {
    if (take(blank) !== undefined || take(comment) !== undefined) continue;
    if (take(redirection) !== undefined) {
      isTarget = true;
      continue;
    }
    const found = take(operator);
    if (found !== undefined) {
      finish(found);
      continue;
    }
    const start = position;
    // An unclosed quote matches no word: step over it, the shell will complain on its own.
    if (take(word) === undefined) position += 1;
    const raw = text.slice(start, position);
    if (!isTarget) words.push({ value: unquote(raw), raw, span: documentSpan(script, start, position) });
    isTarget = false;
  }
  finish('');
  return commands;
}

/** Makes a command of words that are already split, as in the exec form. */
export function createCommand(words: readonly ShellWord[], before: string, depth: number): ShellCommand {
  let index = 0;
  while (index < words.length - 1) {
    const value = words[index]?.value ?? '';
    if (value === 'sudo') index = skipOptions(words, index + 1);
    else if (preparingWords.has(value) || /^[A-Za-z_]\w*=/.test(value)) index += 1;
    else break;
  }
  const program = (words[index]?.value ?? '').replace(/^.*\//, '');
  return { words, operator: before, depth, program, programIndex: index, arguments: words.slice(index + 1) };
}

function skipOptions(words: readonly ShellWord[], from: number): number {
  let index = from;
  while (words[index]?.value.startsWith('-') === true) index += /^-[ugpC]$/.test(words[index]?.value ?? '') ? 2 : 1;
  return Math.min(index, words.length - 1);
}

function unquote(raw: string): string {
  return raw.replace(
    /'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])/g,
    (_, single?: string, double?: string, escaped?: string) => single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
  );
}
