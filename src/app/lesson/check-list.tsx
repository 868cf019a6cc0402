import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { CheckResult } from '../../core/lesson/check/check-probe.ts';
import { Icon } from '../ui/icons.tsx';
import type { CheckState } from '../session/lesson/check-runner.ts';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import { useKeptFocus } from './kept-focus.ts';
import { Phrase } from './phrase.tsx';

/** What is to be true at the end of the step, and how far it is. */
export function CheckList({ run }: { run: LessonRun }): JSX.Element | null {
  const { checks, quizzes } = run.step.value;
  const [isAsking, setAsking] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  const states = run.checks.value;
  const passed = checks.filter(({ id }) => states.get(id)?.result?.outcome === 'passed').length;
  const answered = quizzes.filter(({ id }) => run.passed.value.has(id)).length;
  useKeptFocus(title, passed === checks.length);
  if (checks.length + quizzes.length === 0) return null;
  const check = (): void => {
    if (isAsking) return;
    setAsking(true);
    void run.check().finally(() => setAsking(false));
  };
  return (
    <section class="checks" aria-labelledby="checks-title">
      <div class="checks-head">
        <h4 ref={title} id="checks-title" tabIndex={-1}>
          To do in this step
        </h4>
        <span class="checks-count">
          {passed + answered} of {checks.length + quizzes.length}
        </span>
        {passed < checks.length && (
          <button
            type="button"
            class="button small"
            aria-disabled={isAsking}
            title="It also happens by itself when something changes"
            onClick={check}
          >
            {isAsking ? 'Checking…' : 'Check now'}
          </button>
        )}
      </div>
      <ul>
        {checks.map(check => (
          <CheckItem key={check.id} say={run.describe(check)} state={states.get(check.id)} />
        ))}
        {quizzes.length > 0 && <QuizItem answered={answered} count={quizzes.length} />}
      </ul>
    </section>
  );
}

/** The questions stand in the text, and belong to what is to be done. */
function QuizItem({ answered, count }: { answered: number; count: number }): JSX.Element {
  const isPassed = answered === count;
  return (
    <li class={`check ${isPassed ? 'passed' : 'open'}`}>
      <Icon name={isPassed ? 'circle-check' : 'circle'} />
      <div>
        <p class="check-say">
          <span class="visually-hidden">{isPassed ? 'Passed' : 'Open'}: </span>
          {count === 1 ? 'The question above is answered' : `The ${count} questions above are answered`}
        </p>
      </div>
    </li>
  );
}

function CheckItem({ say, state }: { say: string; state: CheckState | undefined }): JSX.Element {
  const result = state?.result;
  const isPassed = result?.outcome === 'passed';
  const word = state?.isChecking === true ? 'Checking' : isPassed ? 'Passed' : result === undefined ? 'Open' : 'Not yet';
  return (
    <li class={`check ${result?.outcome ?? 'open'} ${state?.isChecking === true ? 'checking' : ''}`}>
      <Icon name={isPassed ? 'circle-check' : 'circle'} />
      <div>
        <p class="check-say">
          <span class="visually-hidden">{word}: </span>
          <Phrase text={say} />
        </p>
        {result !== undefined && !isPassed && <Finding result={result} say={say} />}
      </div>
    </li>
  );
}

function Finding({ result, say }: { result: CheckResult; say: string }): JSX.Element | null {
  if (result.outcome === 'passed') return null;
  if (result.outcome === 'broken') return <p class="check-finding">{result.reason}</p>;
  return (
    <dl class="check-finding">
      {/* Where it says no more than what stands above it, once is enough. */}
      {result.expected !== `${say}.` && (
        <>
          <dt>Expected</dt>
          <dd>
            <Phrase text={result.expected} />
          </dd>
        </>
      )}
      <dt>Found</dt>
      <dd>
        <Phrase text={result.found} />
      </dd>
      {result.hint !== undefined && (
        <>
          <dt>Try</dt>
          <dd>
            <Phrase text={result.hint} />
          </dd>
        </>
      )}
    </dl>
  );
}
