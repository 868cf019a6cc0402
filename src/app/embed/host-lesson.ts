import type { EmbedCheck, EmbedCheckReport, EmbedEvent, EmbedLesson } from '../../core/embed/embed-messages.ts';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { CheckReport, Lessons } from '../session/lesson/lessons.ts';

/** The lesson that is open, as a host is told of it. */
export function lessonOf(run: LessonRun): EmbedLesson {
  const { frontMatter, id, steps } = run.lesson.value;
  const passed = run.stepsPassed.value;
  return { id, title: frontMatter.title, steps: steps.map(step => ({ id: step.id, title: step.title, isPassed: passed.has(step.id) })) };
}

/** Looks at the step the learner is at, now. */
export async function checkStep(lessons: Pick<Lessons, 'check'>, run: LessonRun): Promise<EmbedCheckReport> {
  const { id, title } = run.step.value;
  const reports = await lessons.check();
  const isPassed = run.stepsPassed.value.has(id) || (reports.length > 0 && reports.every(report => report.isPassed));
  return { lesson: run.lesson.value.id, step: { id, title }, isPassed, checks: reports.map(checkOf) };
}

function checkOf({ say, isPassed, result }: CheckReport): EmbedCheck {
  if (isPassed || result?.outcome === 'passed') return { text: say, outcome: 'passed' };
  if (result?.outcome === 'broken') return { text: say, outcome: 'broken', reason: result.reason };
  if (result === undefined) return { text: say, outcome: 'failed' };
  const { expected, found, hint } = result;
  return { text: say, outcome: 'failed', expected, found, ...(hint !== undefined && { hint }) };
}

/** Tells the host how the learner gets on, from now on. */
export function tellProgress(lessons: Pick<Lessons, 'onStepPassed' | 'onLessonCompleted' | 'run'>, tell: (event: EmbedEvent) => void): void {
  lessons.onStepPassed(({ lessonId, stepId, title, index, count }) => {
    const passedCount = lessons.run.value?.stepsPassed.value.size ?? 0;
    tell({ name: 'step-passed', detail: { lesson: lessonId, step: stepId, title, number: index + 1, stepCount: count, passedCount } });
  });
  lessons.onLessonCompleted(({ lessonId, title }) => {
    const stepCount = lessons.run.value?.lesson.value.steps.length ?? 0;
    tell({ name: 'lesson-completed', detail: { lesson: lessonId, title, stepCount } });
  });
}
