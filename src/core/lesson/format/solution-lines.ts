import type { Place, SolutionLine } from '../lesson.ts';
import type { Problems } from './problems.ts';
import { suggestion } from './suggest.ts';

/** What a `lab:` line of a solution can do. */
export const labActions = ['start vm', 'start container', 'stop vm', 'stop container', 'crash vm', 'kill container', 'remove container'] as const;
export type LabAction = (typeof labActions)[number];

/** Reads a `solution` block. Empty lines and lines that begin with `#` are for the author. A `\` at the end joins the next line. */
export function readSolution(text: string, placeOfLine: (index: number) => Place, problems: Problems): readonly SolutionLine[] {
  const lines = text.split('\n');
  const solution: SolutionLine[] = [];
  for (let index = 0; index < lines.length; index++) {
    const start = index;
    let line = lines[index]!;
    if (line.trim() === '' || line.startsWith('#')) continue;
    while (isCommand(line) && /(^|[^\\])(\\\\)*\\$/.test(line) && index + 1 < lines.length) line += `\n${lines[++index]!}`;
    const read = readLine(line);
    if (typeof read === 'string') problems.add(placeOfLine(start), read);
    else solution.push(read);
  }
  return solution;
}

function isCommand(line: string): boolean {
  return !line.startsWith('>') && !line.startsWith('^') && !line.startsWith('lab:');
}

/** A line, or what is wrong with it. */
function readLine(line: string): SolutionLine | string {
  if (line.startsWith('>')) return { kind: 'input', text: line.slice(1).replace(/^ /, '') };
  if (line.startsWith('^')) {
    const key = line.trim().slice(1);
    return key === 'C' || key === 'D' ? { kind: 'key', key } : `Unknown key \`${line.trim()}\`: a line can be \`^C\` or \`^D\`.`;
  }
  if (line.startsWith('lab:')) {
    const wanted = line.slice('lab:'.length).trim();
    const action = labActions.find(one => one === wanted);
    return action ? { kind: 'lab', action } : `The lab cannot \`${wanted}\`. ${suggestion(wanted, labActions)}`;
  }
  return { kind: 'command', text: line.trimEnd() };
}
