import { textOf } from '../../../base/text.ts';
import { allWanted, code, counted, excerpt, wanted } from '../phrases.ts';
import { patternList, type TextPattern } from '../text-pattern.ts';
import type { CheckProbe } from '../check-probe.ts';
import type { CheckRule, Failure } from './rule.ts';

export const fileRule: CheckRule<'file'> = {
  triggers: ['files'],

  describe({ file, exists, contains, lacks }) {
    if (exists === false) return `There is no file ${code(file)}`;
    const has = contains === undefined ? [] : [`contains ${allWanted(patternList(contains))}`];
    const not = lacks === undefined ? [] : [`does not contain ${allWanted(patternList(lacks))}`];
    const parts = [...has, ...not];
    return parts.length === 0 ? `There is a file ${code(file)}` : `The file ${code(file)} ${parts.join(' and ')}`;
  },

  async judge({ file, exists, contains, lacks }, probe) {
    if (exists === false) {
      const content = await probe.readFile(file);
      return content && { expected: `There is no file ${code(file)}.`, found: 'It is there.', hint: `Delete it: ${code(`rm ${file}`)}` };
    }
    const read = await readText(file, probe);
    if (typeof read !== 'string') return read;
    return missingText(file, read, patternList(contains)) ?? forbiddenText(file, read, patternList(lacks));
  },
};

/** The text of a file, or the reason why there is none. */
export async function readText(file: string, probe: CheckProbe): Promise<string | Failure> {
  const content = await probe.readFile(file);
  if (!content) {
    return {
      expected: `There is a file ${code(file)} in the workspace.`,
      found: 'There is no file of that name.',
      hint: `Look at the list of files: the name must be exactly ${code(file)}, with the same capital and small letters.`,
    };
  }
  return textOf(content) ?? { expected: `${code(file)} is a text file.`, found: 'It contains bytes that are not text.' };
}

function missingText(file: string, text: string, patterns: readonly TextPattern[]): Failure | undefined {
  const missing = patterns.find(pattern => !pattern.matches(text));
  if (!missing) return undefined;
  return { expected: `${code(file)} contains ${wanted(missing)}.`, found: insteadOf(text, missing) };
}

/** What a learner sees in the file where something is missing. */
function insteadOf(text: string, missing: TextPattern): string {
  if (text.trim() === '') return 'The file is empty.';
  const lines = text.split('\n');
  const folded = (line: string): string => line.replace(/\s+/g, '').toLowerCase();
  const index = missing.isExpression ? -1 : lines.findIndex(line => folded(line).includes(folded(missing.source)));
  if (index !== -1) return `Line ${index + 1} is nearly that: ${excerpt(lines[index]!)}. Check capital letters and spaces.`;
  const count = lines.filter(line => line.trim() !== '').length;
  return count === 1 ? `The file says ${excerpt(text)}.` : `None of its ${counted(count, 'line')} has it.`;
}

function forbiddenText(file: string, text: string, patterns: readonly TextPattern[]): Failure | undefined {
  const present = patterns.find(pattern => pattern.matches(text));
  if (!present) return undefined;
  const index = text.split('\n').findIndex(line => present.matches(line));
  const found = index === -1 ? 'It does.' : `Line ${index + 1} does: ${excerpt(text.split('\n')[index]!)}.`;
  return { expected: `${code(file)} does not contain ${wanted(present)}.`, found };
}
