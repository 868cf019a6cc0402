/** One instruction of a Dockerfile, its continuation lines joined. */
export interface Instruction {
  /** In capital letters. */
  readonly keyword: string;
  /** The text after it, with single spaces. */
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** Reads a Dockerfile's instructions, as the builder does: without comments, with `\` (or what `# escape=` says) joining lines, and with here-documents. */
export function readInstructions(source: string): readonly Instruction[] {
  const lines = source.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escape = /^#\s*escape\s*=\s*([\\`])\s*$/im.exec(directives(lines))?.[1] ?? '\\';
  const instructions: Instruction[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (isSkipped(lines[index]!)) continue;
    const line = index + 1;
    let text = '';
    for (; index < lines.length; index++) {
      const part = lines[index]!;
      // Comments and empty lines between continued lines do not count.
      if (text !== '' && isSkipped(part)) continue;
      const trimmed = part.trimEnd();
      const isContinued = trimmed.endsWith(escape);
      text += ` ${isContinued ? trimmed.slice(0, -1) : trimmed}`;
      if (!isContinued) break;
    }
    const [keyword = '', ...words] = text.trim().split(/\s+/);
    instructions.push({ keyword: keyword.toUpperCase(), text: words.join(' '), line });
    index = skipHereDocuments(text, lines, index);
  }
  return instructions;
}

function isSkipped(line: string): boolean {
  return /^\s*(#.*)?$/.test(line);
}

/** The comments at the very beginning: only these can be directives. */
function directives(lines: readonly string[]): string {
  const end = lines.findIndex(line => !line.trimStart().startsWith('#'));
  return lines.slice(0, end === -1 ? lines.length : end).join('\n');
}

/** The index of the last line of what `<<EOF` begins. */
function skipHereDocuments(text: string, lines: readonly string[], index: number): number {
  if (!/^\s*(RUN|COPY|ADD)\s/i.test(text)) return index;
  let last = index;
  for (const [, dash, name] of text.matchAll(/<<(-?)["']?([A-Za-z_]\w*)["']?/g)) {
    const end = lines.findIndex((line, at) => at > last && (dash === '-' ? line.replace(/^\t+/, '') : line) === name);
    if (end !== -1) last = end;
  }
  return last;
}
