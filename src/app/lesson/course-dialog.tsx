import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import { Icon } from '../ui/icons.tsx';
import type { LazyDialogProps } from '../ui/lazy-dialog.tsx';
import { Modal } from '../ui/modal.tsx';
import type { CourseEntry } from '../session/lesson/course.ts';
import type { LessonProgress } from '../session/lesson/lesson-progress.ts';
import { parseLessonParameter, type LessonSource } from '../session/lesson/lesson-source.ts';
import type { Session } from '../session/session.ts';
import { openChosen } from './lesson-focus.ts';
import './course.css';

/** The lessons of the site with what the learner has done of each, and the way to others. */
export function CourseDialog({ session, onClose }: LazyDialogProps<Session>): JSX.Element {
  const { course } = session.lessons;
  useEffect(() => void course.load(), []);
  const open = (source: LessonSource): void => {
    onClose();
    void openChosen(session, source);
  };
  return (
    <Modal title="Lessons" class="course" onClose={onClose}>
      <CourseList session={session} open={open} />
      <ElsewhereForm open={open} />
    </Modal>
  );
}

function CourseList({ session, open }: { session: Session; open: (source: LessonSource) => void }): JSX.Element {
  const { course } = session.lessons;
  const entries = course.entries.value;
  const problem = course.problem.value;
  if (problem !== undefined) {
    return (
      <div class="course-note" role="alert">
        <p>{problem}</p>
        <button type="button" class="button quiet" onClick={() => void course.load()}>
          Retry
        </button>
      </div>
    );
  }
  if (entries === undefined) return <p class="course-note">Reading the list…</p>;
  const next = entries.find(entry => passedSteps(entry, session.lessons.progressOf(entry.id)) < entry.steps.length);
  if (entries.length === 0) return <p class="course-note">This site has no lessons of its own.</p>;
  return (
    <ol class="course-list">
      {entries.map((entry, index) => (
        <CourseCard
          key={entry.id}
          session={session}
          entry={entry}
          number={index + 1}
          isNext={entry.id === next?.id}
          open={() => open({ kind: 'course', id: entry.id })}
        />
      ))}
    </ol>
  );
}

interface CourseCardProps {
  readonly session: Session;
  readonly entry: CourseEntry;
  readonly number: number;
  /** The first that is not done: the one to go on with. */
  readonly isNext: boolean;
  open(): void;
}

function CourseCard(props: CourseCardProps): JSX.Element {
  const { entry, isNext, number, session } = props;
  const progress = session.lessons.progressOf(entry.id);
  const passed = passedSteps(entry, progress);
  const isDone = passed === entry.steps.length;
  const run = session.lessons.run.value;
  const isOpen = run?.source.kind === 'course' && run.source.id === entry.id;
  const action = isDone ? 'Look again' : progress === undefined ? 'Start' : 'Continue';
  return (
    <li class="course-card" aria-current={isOpen ? 'true' : undefined}>
      <span class={`course-number ${isDone ? 'done' : ''}`} aria-hidden="true">
        {isDone ? <Icon name="check" /> : number}
      </span>
      <div class="course-text">
        <h3>{entry.title}</h3>
        <p>{entry.summary}</p>
        <p class="course-facts">
          about {entry.minutes} minutes
          {progress !== undefined && (
            <>
              {' · '}
              {isDone ? 'done' : `${passed} of ${entry.steps.length} steps done`}
            </>
          )}
          {isOpen && ' · open now'}
        </p>
        {progress !== undefined && !isDone && <progress aria-label={`Done of ${entry.title}`} value={passed} max={entry.steps.length} />}
      </div>
      <button
        type="button"
        class={`button ${isNext && !isOpen ? 'solid' : 'quiet'}`}
        aria-label={`${action}: ${entry.title}`}
        disabled={isOpen}
        onClick={props.open}
      >
        {action}
      </button>
    </li>
  );
}

function passedSteps({ steps }: CourseEntry, progress: LessonProgress | undefined): number {
  return steps.filter(({ id }) => progress?.steps.includes(id)).length;
}

/** Anyone may write lessons. */
function ElsewhereForm({ open }: { open: (source: LessonSource) => void }): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const submit = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    try {
      const source = parseLessonParameter(String(data.get('address')));
      if (source !== undefined) open(source);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <details class="course-elsewhere">
      <summary>A lesson from elsewhere</summary>
      <p>Drop a lesson’s folder on the page, or give its address. Nothing in it runs before you have seen and allowed it.</p>
      <form onSubmit={submit}>
        <div class="course-address">
          <input
            name="address"
            aria-label="Address of a lesson"
            type="text"
            inputMode="url"
            placeholder="https://…"
            spellcheck={false}
            autocomplete="off"
            aria-describedby="lesson-address-problem"
          />
          <button type="submit" class="button quiet">
            Open
          </button>
        </div>
        <p id="lesson-address-problem" class="error" role="alert">
          {problem}
        </p>
      </form>
    </details>
  );
}
