import { describe, expect, test } from 'vitest';
import type { QuizKind, QuizOf } from '../../../src/core/lesson/format/lesson-schema.ts';
import type { Quiz } from '../../../src/core/lesson/lesson.ts';
import { judgeAnswer } from '../../../src/core/lesson/check/quiz.ts';

function quizOf<K extends QuizKind>(kind: K, source: QuizOf<K>): Quiz {
  return { id: 'step/quiz-1', kind, source, place: { file: 'lesson.md', line: 1, column: 1 } } as Quiz;
}

const never = () => Promise.reject(new Error('this quiz must not run anything'));

describe('choice', () => {
  const one = quizOf('choice', {
    question: 'Q',
    options: [{ text: 'FROM', correct: true, why: 'It names it.' }, { text: 'BASE', why: 'No such thing.' }, { text: 'X' }],
  });
  const two = quizOf('choice', { question: 'Q', options: [{ text: 'a', correct: true }, { text: 'b', correct: true }, { text: 'c' }] });
  test.each([
    [one, [0], { isRight: true, say: 'It names it.' }],
    [one, [1], { isRight: false, say: 'No such thing.' }],
    [one, [2], { isRight: false, say: 'That is not it.' }],
    [one, [], { isRight: false, say: 'Choose an answer.' }],
    [one, [7], { isRight: false, say: 'That is not it.' }],
    [two, [1, 0], { isRight: true }],
    [two, [0], { isRight: false, say: 'Right so far, but there are more.' }],
    [two, [0, 1, 2], { isRight: false, say: 'Not all of these are right.' }],
  ])('%# %j', async (quiz, chosen, verdict) => expect(await judgeAnswer(quiz, chosen, never)).toEqual(verdict));
});

describe('answer', () => {
  const fixed = quizOf('answer', { question: 'Q', answer: 'FROM', hint: 'Four letters.', why: 'It names the base.' });
  const expression = quizOf('answer', { question: 'Q', answer: '/(port )?80/i' });
  test.each([
    [fixed, ' from ', { isRight: true, say: 'It names the base.' }],
    [fixed, 'FROMS', { isRight: false, say: 'Four letters.' }],
    [fixed, ' ', { isRight: false, say: 'Write an answer.' }],
    [expression, 'Port 80', { isRight: true }],
    [expression, 'port 8080', { isRight: false }],
  ])('%# %j', async (quiz, given, verdict) => expect(await judgeAnswer(quiz, given, never)).toEqual(verdict));

  test('from a command', async () => {
    const quiz = quizOf('answer', { question: 'Q', answerFrom: 'count', why: 'W' });
    const says =
      (exitCode: number, stdout: string, stderr = '') =>
      (command: string) => {
        expect(command).toBe('count');
        return Promise.resolve({ exitCode, stdout, stderr });
      };
    expect(await judgeAnswer(quiz, '7', says(0, ' 7\n'))).toEqual({ isRight: true, say: 'W' });
    expect(await judgeAnswer(quiz, '8', says(0, '7\n'))).toEqual({ isRight: false });
    expect(await judgeAnswer(quiz, '', says(0, ''))).toEqual({ isRight: false, say: 'Write an answer.' });
    expect(await judgeAnswer(quiz, '7', says(0, ''))).toEqual({
      isRight: false,
      say: 'The right answer could not be determined: the command said nothing.',
    });
    expect(await judgeAnswer(quiz, '7', says(1, '', 'No such image'))).toEqual({
      isRight: false,
      say: 'The right answer could not be determined: `No such image`',
    });
    expect(await judgeAnswer(quiz, '7', never)).toMatchObject({ isRight: false, say: expect.stringContaining('this quiz must not run anything') });
  });
});

test.each([
  ['number', '1,5', true],
  ['number', ' 12 ', true],
  ['number', 'a lot', false],
  ['number', '', false],
  ['text', 'a lot', true],
  ['text', ' ', false],
] as const)('a prediction of a %s: %j', async (predict, given, isRight) => {
  expect((await judgeAnswer(quizOf('prediction', { question: 'Q', predict }), given, never)).isRight).toBe(isRight);
});
