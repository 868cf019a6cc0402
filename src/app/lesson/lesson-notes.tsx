import type { JSX } from 'preact';
import { Icon } from '../ui/icons.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { SetupState } from '../session/lesson/lesson-setup.ts';
import type { Session } from '../session/session.ts';
import { askConsent } from './ask-consent.ts';
import { SolutionLines } from './solution-view.tsx';

/** What learners should know before they continue: how far the machine is prepared, what a new machine lacks, what may not run. */
export function LessonNotes({ run, session }: { run: LessonRun; session: Session }): JSX.Element {
  const state = run.setup.value;
  const hasSetup = (run.lesson.value.frontMatter.setup ?? []).length > 0;
  return (
    <>
      {run.consent.value === 'refused' && <RefusedNote run={run} />}
      {hasSetup && state.kind === 'running' && <SetupProgress state={state} />}
      {state.kind === 'failed' && <SetupFailed state={state} run={run} />}
      <LostSteps run={run} session={session} />
    </>
  );
}

function RefusedNote({ run }: { run: LessonRun }): JSX.Element {
  return (
    <div class="lesson-note" role="note">
      <p>The commands of this lesson do not run, so some of its checks cannot be made.</p>
      <button type="button" class="button quiet small" onClick={() => void askConsent(run)}>
        Look at the commands
      </button>
    </div>
  );
}

function SetupProgress({ state }: { state: SetupState & { kind: 'running' } }): JSX.Element {
  return (
    <div class="lesson-note">
      <p>Preparing the machine for this lesson{state.count > 1 && `: step ${state.number} of ${state.count}`}. You can read on.</p>
      {/* One command has no half way: the bar then shows that something goes on. */}
      <progress aria-label="Preparing the machine" {...(state.count > 1 && { value: state.number - 1, max: state.count })} />
    </div>
  );
}

function SetupFailed({ run, state }: { run: LessonRun; state: SetupState & { kind: 'failed' } }): JSX.Element {
  return (
    <div class="lesson-note warning" role="alert">
      <p>
        <Icon name="alert" /> The machine could not be prepared properly for this lesson.
      </p>
      <details>
        <summary>What failed</summary>
        {state.failures.map(({ command, reason }) => (
          <div key={command}>
            <code>{command}</code>
            <p>{reason}</p>
          </div>
        ))}
      </details>
      <button type="button" class="button quiet small" onClick={() => run.retrySetup()}>
        Try again
      </button>
    </div>
  );
}

/** A machine that was started anew has nothing of what was built in the one before. */
function LostSteps({ run, session }: { run: LessonRun; session: Session }): JSX.Element | null {
  const lost = run.lostSteps.value;
  if (lost.length === 0) return null;
  return (
    <details class="lesson-note">
      <summary>The machine is new: images and containers of earlier steps are gone</summary>
      <p>Your files and your progress are kept. If this step needs something that an earlier step made, run the commands of that step again:</p>
      {lost.map(({ id, solution, title }) => (
        <div key={id}>
          <h4>{title}</h4>
          <SolutionLines lines={solution.lines} session={session} />
        </div>
      ))}
    </details>
  );
}
