import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Session } from '../session/session.ts';
import { showCourse } from './course-button.tsx';
import { openChosen } from './lesson-focus.ts';
import { Phrase } from './phrase.tsx';

/** The end of a lesson: what follows, or which steps are still open. */
export function LessonDone({ run, session }: { run: LessonRun; session: Session }): JSX.Element | null {
  const { course } = session.lessons;
  useEffect(() => void course.load(), []);
  const isLastPassed = run.stepsPassed.value.has(run.step.value.id);
  if (!isLastPassed) return null;
  const open = run.lesson.value.steps.flatMap((step, index) => (run.stepsPassed.value.has(step.id) ? [] : [{ step, index }]));
  if (open.length > 0) {
    return (
      <section class="lesson-done" aria-label="Open steps">
        <p>Still open:</p>
        <ul>
          {open.map(({ index, step }) => (
            <li key={step.id}>
              <button type="button" class="lesson-link" onClick={() => run.goTo(index)}>
                Step {index + 1}: <Phrase text={step.title} />
              </button>
            </li>
          ))}
        </ul>
      </section>
    );
  }
  const next = run.source.kind === 'course' ? course.after(run.source.id) : undefined;
  return (
    <section class="lesson-done complete" aria-label="Lesson done">
      <p>
        <Icon name="circle-check" size={20} /> You have done this lesson.
      </p>
      {next === undefined ? (
        <button type="button" class="button quiet" onClick={() => void showCourse(session)}>
          All lessons
        </button>
      ) : (
        <>
          <p>
            Next: <strong>{next.title}</strong>. {next.summary}
          </p>
          <button type="button" class="button solid" onClick={() => void openChosen(session, { kind: 'course', id: next.id })}>
            Next lesson
          </button>
        </>
      )}
    </section>
  );
}
