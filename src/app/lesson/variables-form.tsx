import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Session } from '../session/session.ts';
import { Phrase } from './phrase.tsx';

/** What the learner sets once and the lesson's texts and commands then use. */
export function VariablesForm({ run, session }: { run: LessonRun; session: Session }): JSX.Element | null {
  const variables = Object.entries(run.lesson.value.frontMatter.variables ?? {});
  const [values, setValues] = useState(run.variables.value);
  const [isTouched, setTouched] = useState(false);
  const id = useId();
  if (variables.length === 0) return null;
  const problems = new Map(variables.map(([name]) => [name, run.variableProblem(name, values[name] ?? '')]));
  const isChanged = variables.some(([name]) => values[name] !== run.variables.value[name]);
  const submit = (event: Event): void => {
    event.preventDefault();
    setTouched(true);
    if ([...problems.values()].some(problem => problem !== undefined)) return;
    run.setVariables(values);
    session.messages.announce('Saved. The lesson now uses it.');
  };
  return (
    <form class="variables" onSubmit={submit}>
      {variables.map(([name, { label }]) => {
        const problem = isTouched ? problems.get(name) : undefined;
        return (
          <div key={name} class="variable">
            <label for={`${id}-${name}`}>{label}</label>
            <input
              id={`${id}-${name}`}
              type="text"
              value={values[name] ?? ''}
              spellcheck={false}
              autocomplete="off"
              autocapitalize="none"
              aria-invalid={problem !== undefined}
              aria-describedby={`${id}-${name}-problem`}
              onInput={event => setValues({ ...values, [name]: event.currentTarget.value })}
              onBlur={() => setTouched(true)}
            />
            <p id={`${id}-${name}-problem`} class="error" role="alert">
              {problem !== undefined && <Phrase text={problem} />}
            </p>
          </div>
        );
      })}
      <button type="submit" class={`button small ${isChanged ? 'main' : ''}`}>
        {isChanged ? 'Use it' : 'In use'}
      </button>
    </form>
  );
}
