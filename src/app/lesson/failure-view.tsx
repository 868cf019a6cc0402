import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import { lessonParameter } from '../session/lesson/lesson-source.ts';
import type { LessonsState } from '../session/lesson/lessons.ts';
import type { Session } from '../session/session.ts';
import { showCourse } from './course-button.tsx';
import { openChosen, useChosenFocus } from './lesson-focus.ts';
import { Phrase } from './phrase.tsx';

type Failure = LessonsState & { kind: 'failed' };

/** Why a lesson could not be opened; for its author, with the places of the mistakes. */
export function FailureView({ failure, session }: { failure: Failure; session: Session }): JSX.Element {
  const { message, problems, source } = failure;
  const title = useRef<HTMLHeadingElement>(null);
  useChosenFocus(title);
  return (
    <div class="lesson-text lesson-failure" role="alert">
      <h3 ref={title} class="step-title" tabIndex={-1}>
        <Icon name="alert" /> This lesson cannot be opened
      </h3>
      <p class="failure-source">{lessonParameter(source)}</p>
      <p>
        <Phrase text={message} />
      </p>
      {problems.length > 0 && (
        <ul class="lesson-problems">
          {problems.map(({ column, file, line, message: what }, index) => (
            <li key={index}>
              <code>
                {file}:{line}:{column}
              </code>{' '}
              <Phrase text={what} />
            </li>
          ))}
        </ul>
      )}
      <div class="failure-buttons">
        {problems.length === 0 && (
          <button type="button" class="button solid" onClick={() => void openChosen(session, source)}>
            Try again
          </button>
        )}
        <button type="button" class="button quiet" onClick={() => void showCourse(session)}>
          All lessons
        </button>
        <button type="button" class="button quiet" onClick={() => session.lessons.dismiss()}>
          {session.lessons.hasCurrent ? 'Back to the lesson' : 'Go on without a lesson'}
        </button>
      </div>
    </div>
  );
}
