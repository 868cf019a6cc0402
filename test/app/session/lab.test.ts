import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { LabSession } from '../../../src/app/session/lab/lab.ts';
import type { LessonRun } from '../../../src/app/session/lesson/lesson-run.ts';
import type { QuizState } from '../../../src/app/session/lesson/lesson-quizzes.ts';

test('a guess that a lesson asks for stands in the table', () => {
  const lab = new LabSession('http://localhost/', {} as ConstructorParameters<typeof LabSession>[1]);
  const states = signal<ReadonlyMap<string, QuizState>>(new Map());
  const quiz = (id: string, measure?: string) => ({ id, kind: 'prediction', source: { question: '?', predict: 'number', measure } });
  const steps = [{ quizzes: [quiz('a', 'time.vm'), quiz('b'), quiz('c', 'memory.container')] }];
  lab.follow(signal({ lesson: signal({ steps }), quizzes: { states } } as unknown as LessonRun));
  expect(lab.predictions.value).toEqual({});
  states.value = new Map([
    ['a', { answer: '30' }],
    ['b', { answer: '7' }],
  ]);
  expect(lab.predictions.value).toEqual({ 'time.vm': '30' });
  states.value = new Map(states.value).set('c', { answer: '5' });
  expect(lab.predictions.value['memory.container']).toBe('5');
});
