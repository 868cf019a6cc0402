import type { CheckProbe } from '../../core/lesson/check/check-probe.ts';
import type { Quiz } from '../../core/lesson/lesson.ts';
import { judgeAnswer, lookUp } from '../../core/lesson/check/quiz.ts';
import { isExpression } from '../../core/lesson/check/text-pattern.ts';

/** Nobody's answer. */
const NONSENSE = 'zzqx 9174';

/** Gives the right answers and wrong ones to a quiz; tells what was judged as it should not be. */
export async function tryQuiz(quiz: Quiz, run: CheckProbe['run']): Promise<readonly string[]> {
  const { right, wrong, problem } = await answersTo(quiz, run);
  const problems = problem === undefined ? [] : [problem];
  for (const answer of right)
    if (!(await judgeAnswer(quiz, answer, run)).isRight) problems.push(`the right answer ${JSON.stringify(answer)} is judged wrong`);
  for (const answer of wrong)
    if ((await judgeAnswer(quiz, answer, run)).isRight) problems.push(`the wrong answer ${JSON.stringify(answer)} is judged right`);
  return problems;
}

interface Answers {
  readonly right: readonly (string | readonly number[])[];
  readonly wrong: readonly (string | readonly number[])[];
  readonly problem?: string;
}

async function answersTo(quiz: Quiz, run: CheckProbe['run']): Promise<Answers> {
  switch (quiz.kind) {
    case 'choice': {
      const indexes = quiz.source.options.map((_, index) => index);
      const isRight = (index: number): boolean => quiz.source.options[index]?.correct === true;
      return { right: [indexes.filter(isRight)], wrong: [...indexes.filter(index => !isRight(index)).map(index => [index]), indexes] };
    }
    case 'prediction':
      return { right: [quiz.source.predict === 'number' ? '12,5' : 'something'], wrong: [''] };
    case 'answer': {
      const { answer, answerFrom = '' } = quiz.source;
      // What a regular expression fits only its author knows: that it does not fit everything can be tried.
      if (answer !== undefined) return { right: isExpression(answer) ? [] : [answer], wrong: [NONSENSE] };
      const found = await lookUp(answerFrom, run);
      return 'problem' in found
        ? { right: [], wrong: [], problem: `\`${answerFrom}\`: ${found.problem}` }
        : { right: [found.answer], wrong: [NONSENSE, `${found.answer}7`] };
    }
  }
}
