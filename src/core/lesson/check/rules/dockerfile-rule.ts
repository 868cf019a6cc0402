import { readInstructions, type Instruction } from '../dockerfile-instructions.ts';
import { code, counted, excerpt } from '../phrases.ts';
import { parsePattern } from '../text-pattern.ts';
import { readText } from './file-rule.ts';
import type { CheckRule, Failure } from './rule.ts';

export const dockerfileRule: CheckRule<'dockerfile'> = {
  triggers: ['files'],

  describe({ dockerfile, instructions, lacks, stages }) {
    const parts = [
      ...(instructions ? [`has ${instructions.map(code).join(', ')}`] : []),
      ...(lacks ? [`has no ${lacks.map(code).join(', no ')}`] : []),
      ...(stages === undefined ? [] : [`has ${counted(stages, 'build stage')}`]),
    ];
    return parts.length === 0 ? `There is a Dockerfile ${code(dockerfile)}` : `${code(dockerfile)} ${parts.join(' and ')}`;
  },

  async judge({ dockerfile, instructions = [], lacks = [], stages }, probe) {
    const text = await readText(dockerfile, probe);
    if (typeof text !== 'string') return text;
    const found = readInstructions(text);
    return (
      missingInstruction(dockerfile, found, instructions) ?? forbiddenInstruction(dockerfile, found, lacks) ?? wrongStages(dockerfile, found, stages)
    );
  },
};

interface Wanted {
  readonly source: string;
  readonly keyword: string;
  fits(instruction: Instruction): boolean;
}

function wantedInstruction(source: string): Wanted {
  const [keyword = '', ...words] = source.trim().split(/\s+/);
  const upper = keyword.toUpperCase();
  const text = words.join(' ');
  // An expression is taken as it was written: its blanks may mean something.
  const behind = source.trim().slice(keyword.length).trim();
  const pattern = behind === '' ? undefined : parsePattern(behind);
  const fitsText = (found: string): boolean => !pattern || (pattern.isExpression ? pattern.matches(found) : found === text);
  return { source, keyword: upper, fits: found => found.keyword === upper && fitsText(found.text) };
}

function missingInstruction(file: string, found: readonly Instruction[], sources: readonly string[]): Failure | undefined {
  let next = 0;
  let before: string | undefined;
  for (const wanted of sources.map(wantedInstruction)) {
    const index = found.findIndex((instruction, at) => at >= next && wanted.fits(instruction));
    if (index === -1) return explainMissing(file, found, wanted, before);
    next = index + 1;
    before = wanted.source;
  }
  return undefined;
}

function explainMissing(file: string, found: readonly Instruction[], wanted: Wanted, before: string | undefined): Failure {
  const order = before === undefined ? '' : `, below ${code(before)}`;
  const expected = `${code(file)} has an instruction ${code(wanted.source)}${order}.`;
  const misplaced = found.find(instruction => wanted.fits(instruction));
  if (misplaced)
    return {
      expected,
      found: `It is on line ${misplaced.line}, above that.`,
      hint: 'Instructions are carried out from top to bottom: move the line.',
    };
  const others = found.filter(instruction => instruction.keyword === wanted.keyword);
  if (others.length > 0) return { expected, found: `${others.map(whole).join('; ')}.` };
  return { expected, found: found.length === 0 ? 'The file has no instruction yet.' : `It has no ${code(wanted.keyword)}.` };
}

function whole({ line, keyword, text }: Instruction): string {
  return `Line ${line} says ${excerpt(`${keyword} ${text}`)}`;
}

function forbiddenInstruction(file: string, found: readonly Instruction[], sources: readonly string[]): Failure | undefined {
  for (const wanted of sources.map(wantedInstruction)) {
    const present = found.find(instruction => wanted.fits(instruction));
    if (present) return { expected: `${code(file)} has no instruction ${code(wanted.source)}.`, found: `${whole(present)}.` };
  }
  return undefined;
}

function wrongStages(file: string, found: readonly Instruction[], stages: number | undefined): Failure | undefined {
  const count = found.filter(({ keyword }) => keyword === 'FROM').length;
  if (stages === undefined || count === stages) return undefined;
  return {
    expected: `${code(file)} has ${counted(stages, 'build stage')}: that many lines begin with ${code('FROM')}.`,
    found: `It has ${counted(count, 'stage')}.`,
  };
}
