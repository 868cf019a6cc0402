import type { Code } from 'mdast';
import { parsePath } from '../../workspace/path.ts';
import type { CodeBlock } from '../lesson.ts';
import { placeOf, report, type SectionContext } from './section-context.ts';
import { nearest, quotedList } from './suggest.ts';
import { substitute } from './variables.ts';

/** Blocks that are not code to be shown. */
export const instructionBlocks = ['check', 'quiz', 'solution'] as const;

/** Languages that a block of code may have, with Monaco's names. */
export const languages: Readonly<Record<string, string>> = {
  sh: 'shell',
  bash: 'shell',
  console: '',
  text: '',
  c: 'c',
  cpp: 'cpp',
  css: 'css',
  dockerfile: 'dockerfile',
  Dockerfile: 'dockerfile',
  go: 'go',
  html: 'html',
  ini: 'ini',
  java: 'java',
  javascript: 'javascript',
  js: 'javascript',
  json: 'json',
  markdown: 'markdown',
  nginx: '',
  py: 'python',
  python: 'python',
  rust: 'rust',
  sql: 'sql',
  toml: 'ini',
  ts: 'typescript',
  typescript: 'typescript',
  xml: 'xml',
  yaml: 'yaml',
  yml: 'yaml',
};

/** Names that other systems give to these. */
const aliases: Readonly<Record<string, string>> = {
  ash: 'sh',
  shell: 'sh',
  zsh: 'sh',
  terminal: 'sh',
  cmd: 'sh',
  commands: 'sh',
  'shell-session': 'console',
  shellsession: 'console',
  output: 'console',
  log: 'console',
  txt: 'text',
  plain: 'text',
  plaintext: 'text',
  docker: 'dockerfile',
  containerfile: 'dockerfile',
  compose: 'yaml',
  'docker-compose': 'yaml',
  'c++': 'cpp',
  golang: 'go',
  htm: 'html',
  conf: 'ini',
  cfg: 'ini',
  env: 'ini',
  properties: 'ini',
  node: 'js',
  mjs: 'js',
  jsonc: 'json',
  md: 'markdown',
  python3: 'python',
  rs: 'rust',
  svg: 'xml',
  checks: 'check',
  question: 'quiz',
  answer: 'solution',
};

const SHELLS: readonly string[] = ['sh', 'bash'];

/** Reads a fenced block of code and what its info string says: `python file=hello.py`, `sh norun`. */
export function readCodeBlock(node: Code, context: SectionContext): CodeBlock {
  const word = node.lang ?? '';
  if (word !== '' && !Object.hasOwn(languages, word)) {
    report(node, context, `Unknown language \`${word}\`. ${languageAdvice(word)}`);
  }
  let file: string | undefined;
  let isRun = SHELLS.includes(word);
  for (const flag of (node.meta ?? '').split(/\s+/).filter(part => part !== '')) {
    if (flag === 'norun' && SHELLS.includes(word)) isRun = false;
    else if (flag.startsWith('file=')) file = readFile(flag.slice('file='.length), node, context);
    else report(node, context, unknownFlag(flag, word));
  }
  const language = languages[word] ?? '';
  if (word === 'console') return { language, text: node.value, actions: [] };
  if (file !== undefined) return { language, text: `${node.value}\n`, actions: ['save', 'copy'], file };
  return { language, text: node.value, actions: isRun ? ['run', 'copy'] : ['copy'] };
}

function languageAdvice(word: string): string {
  const known = [...instructionBlocks, ...Object.keys(languages)];
  const lower = word.toLowerCase();
  const meant = nearest(word, known) ?? (Object.hasOwn(aliases, lower) ? aliases[lower] : undefined);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  return `For a language that is not known here, write \`text\`. Commands to run are \`sh\`, and what they show is \`console\`. Known: ${quotedList(known)}.`;
}

function readFile(path: string, node: Code, context: SectionContext): string | undefined {
  try {
    context.savedFiles.add(parsePath(substitute(path, context.defaults)));
    return path;
  } catch {
    report(node, context, `\`file=${path}\` names no file in the workspace: write it like \`file=app.py\` or \`file=site/index.html\`.`);
    return undefined;
  }
}

function unknownFlag(flag: string, word: string): string {
  const near = nearest(flag.split('=')[0]!, ['norun', 'file']);
  if (flag === 'norun') return `\`norun\` goes with \`sh\` only: a block of \`${word}\` has no Run button.`;
  if (near === undefined || flag === 'file')
    return `\`${flag}\` means nothing here. \`file=name\` (without spaces) or \`norun\` may follow the language.`;
  return `\`${flag}\` means nothing here. Did you mean \`${near === 'file' ? 'file=…' : near}\`?`;
}

/** What is wrong with a block of code in a list or a quote, if anything is. */
export function codeProblem(node: Code): string | undefined {
  if (instructionBlocks.some(name => name === node.lang)) return `A \`${node.lang}\` block must stand by itself: not in a list, a quote or a hint.`;
  const hasButton = (SHELLS.includes(node.lang ?? '') && !/\bnorun\b/.test(node.meta ?? '')) || /\bfile=/.test(node.meta ?? '');
  return hasButton ? 'A block with a button must stand by itself, not in a list or a quote: do not indent it.' : undefined;
}

/** Says so where a block of code runs on to the end of the lesson. */
export function reportUnclosed(node: Code, context: SectionContext): void {
  const { line } = placeOf(node, context);
  const end = node.position?.end.line ?? line;
  if (end === line || !/^[\s>]*(`{3,}|~{3,})\s*$/.test(context.lines[end - 1] ?? '')) {
    report(node, context, 'This block is never closed: end it with a line of ``` (as many backticks as it begins with).');
  }
}
