import type { JSX } from 'preact';
import { Icon } from '../ui/icons.tsx';
import { MenuButton } from '../ui/menu.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Session } from '../session/session.ts';
import { showCourse } from './course-button.tsx';
import { FailureView } from './failure-view.tsx';
import { lessonActions } from './lesson-menu.ts';
import { StepView } from './step-view.tsx';
import './lesson.css';

/** What the lesson column shows: the lesson, or the reason why there is none. */
export function LessonPane({ session }: { session: Session }): JSX.Element {
  const state = session.lessons.state.value;
  return (
    <>
      <LessonBar session={session} run={state.kind === 'open' ? state.run : undefined} />
      {state.kind === 'loading' && (
        <p class="side-empty" role="status">
          {state.what}
        </p>
      )}
      {state.kind === 'failed' && <FailureView session={session} failure={state} />}
      {state.kind === 'open' && <OpenLesson key={state.run} session={session} run={state.run} />}
    </>
  );
}

function OpenLesson({ run, session }: { run: LessonRun; session: Session }): JSX.Element {
  return (
    <>
      <StepList run={run} />
      <StepView session={session} run={run} />
      <StepFoot run={run} />
    </>
  );
}

function LessonBar({ run, session }: { run: LessonRun | undefined; session: Session }): JSX.Element {
  const collapse = (): void => {
    session.settings.lessonCollapsed.value = true;
  };
  return (
    <div class="bar lesson-bar">
      <button type="button" class="button plain" aria-label="All lessons" title="All lessons" onClick={() => void showCourse(session)}>
        <Icon name="lesson" />
      </button>
      <h2 title={run?.lesson.value.frontMatter.title}>{run?.lesson.value.frontMatter.title ?? 'Lesson'}</h2>
      <span class="spread" />
      {run !== undefined && <MenuButton label="Lesson actions" icon="more" items={() => lessonActions(session, run)} />}
      <button type="button" class="button plain wide-screen" aria-label="Fold the lesson away" title="Fold the lesson away" onClick={collapse}>
        <Icon name="back" />
      </button>
    </div>
  );
}

/** The steps as a row of numbers, with what is done. */
function StepList({ run }: { run: LessonRun }): JSX.Element {
  const passed = run.stepsPassed.value;
  return (
    <nav class="step-list" aria-label="Steps">
      <ol>
        {run.lesson.value.steps.map(({ id, title }, index) => {
          const isPassed = passed.has(id);
          const plainTitle = title.replaceAll('`', '');
          return (
            <li key={id}>
              <button
                type="button"
                class={`step-dot ${isPassed ? 'passed' : ''}`}
                aria-current={index === run.stepIndex.value ? 'step' : undefined}
                aria-label={`Step ${index + 1}: ${plainTitle}${isPassed ? ', done' : ''}`}
                title={plainTitle}
                onClick={() => run.goTo(index)}
              >
                {isPassed ? <Icon name="check" size={14} /> : index + 1}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function StepFoot({ run }: { run: LessonRun }): JSX.Element {
  const index = run.stepIndex.value;
  const count = run.lesson.value.steps.length;
  const { checks, id, quizzes } = run.step.value;
  const isPassed = run.stepsPassed.value.has(id);
  const asksNothing = checks.length === 0 && quizzes.length === 0;
  const isLast = index === count - 1;
  // A last step that asks for nothing passes by this button; any other last step ends with what stands below its text.
  const hasNext = !isLast || (asksNothing && !isPassed);
  return (
    <div class="lesson-foot">
      <button type="button" class="button quiet" disabled={index === 0} onClick={() => run.goTo(index - 1)}>
        Previous
      </button>
      <span class="step-count">
        Step {index + 1} of {count}
        {isPassed && <span class="step-done"> · done</span>}
      </span>
      {hasNext ? (
        <button type="button" class={`button ${isPassed || asksNothing ? 'solid' : 'quiet'}`} onClick={() => run.next()}>
          {isLast ? 'Done' : 'Next'}
        </button>
      ) : (
        <span class="foot-end" />
      )}
    </div>
  );
}
