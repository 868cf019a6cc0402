import { messageOf } from '../../base/errors.ts';
import type { CheckProbe } from './check-probe.ts';
import type { Quiz, QuizOf } from '../lesson.ts';
import { excerpt } from './phrases.ts';
import { parsePattern } from './text-pattern.ts';

/** What is said of an answer to a quiz. */
export interface QuizVerdict {
  readonly isRight: boolean;
  /** For the learner: why, or what to think of. */
  readonly say?: string;
}

/** Judges an answer: the indexes of the chosen options, or a text. Never rejects. */
export async function judgeAnswer(quiz: Quiz, given: string | readonly number[], run: CheckProbe['run']): Promise<QuizVerdict> {
  switch (quiz.kind) {
    case 'choice':
      return judgeChoice(quiz.source, typeof given === 'string' ? [] : given);
    case 'answer':
      return judgeText(quiz.source, String(given), run);
    case 'prediction':
      return judgePrediction(quiz.source, String(given));
  }
}

/** Is more than one option right? */
export function hasSeveralAnswers(quiz: QuizOf<'choice'>): boolean {
  return quiz.options.filter(option => option.correct).length > 1;
}

function judgeChoice(quiz: QuizOf<'choice'>, chosen: readonly number[]): QuizVerdict {
  const { options } = quiz;
  if (chosen.length === 0) return verdict(false, 'Choose an answer.');
  const wrong = chosen.flatMap(index => (options[index]?.correct ? [] : [options[index]]));
  if (wrong.length > 0) return verdict(false, reasons(wrong) ?? (hasSeveralAnswers(quiz) ? 'Not all of these are right.' : 'That is not it.'));
  const isWhole = options.every((option, index) => !option.correct || chosen.includes(index));
  return isWhole ? verdict(true, reasons(chosen.map(index => options[index]))) : verdict(false, 'Right so far, but there are more.');
}

function reasons(options: readonly (QuizOf<'choice'>['options'][number] | undefined)[]): string | undefined {
  const texts = options.flatMap(option => option?.why ?? []);
  return texts.length === 0 ? undefined : texts.join(' ');
}

async function judgeText(quiz: QuizOf<'answer'>, given: string, run: CheckProbe['run']): Promise<QuizVerdict> {
  if (given.trim() === '') return verdict(false, 'Write an answer.');
  if (quiz.answer !== undefined) {
    const isRight = parsePattern(quiz.answer).isWhole(given);
    return verdict(isRight, isRight ? quiz.why : quiz.hint);
  }
  const found = await lookUp(quiz.answerFrom ?? '', run);
  if ('problem' in found) return verdict(false, `The right answer could not be determined: ${found.problem}`);
  const isRight = evened(found.answer) === evened(given);
  return verdict(isRight, isRight ? quiz.why : quiz.hint);
}

/** What the command of an `answerFrom` says, or why it says nothing. */
export async function lookUp(command: string, run: CheckProbe['run']): Promise<{ readonly answer: string } | { readonly problem: string }> {
  try {
    const { exitCode, stdout, stderr } = await run(command);
    if (exitCode !== 0) return { problem: stderr.trim() === '' ? `the command ended with exit code ${exitCode}.` : excerpt(stderr) };
    return stdout.trim() === '' ? { problem: 'the command said nothing.' } : { answer: stdout.trim() };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function evened(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

function judgePrediction({ predict }: QuizOf<'prediction'>, given: string): QuizVerdict {
  if (given.trim() === '') return verdict(false, 'Write down a guess: it cannot be wrong.');
  return predict === 'text' || numberOf(given) !== undefined ? verdict(true) : verdict(false, 'Write a number.');
}

/** A number as people write it, with a comma or a point. */
export function numberOf(text: string): number | undefined {
  const plain = text.trim().replace(',', '.');
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}

function verdict(isRight: boolean, say?: string): QuizVerdict {
  return say === undefined ? { isRight } : { isRight, say };
}
