import type { Lesson, Step } from '../../../core/lesson/lesson.ts';

/** The commands of a lesson that run without the learners typing them, each once, as they should read them before they agree. */
export function commandsOf({ frontMatter, steps }: Lesson): readonly string[] {
  const all = [...(frontMatter.setup ?? []), ...steps.flatMap(commandsOfStep), ...(frontMatter.cleanup ?? [])];
  return [...new Set(all)];
}

function commandsOfStep({ checks, quizzes }: Step): readonly string[] {
  return [
    ...checks.flatMap(check => (check.kind === 'command' ? [check.source.command] : [])),
    ...quizzes.flatMap(quiz => (quiz.kind === 'answer' && quiz.source.answerFrom !== undefined ? [quiz.source.answerFrom] : [])),
  ];
}
