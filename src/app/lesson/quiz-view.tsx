import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Quiz } from '../../core/lesson/lesson.ts';
import { Icon } from '../ui/icons.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { QuizAnswer } from '../session/lesson/lesson-progress.ts';
import type { QuizState } from '../session/lesson/lesson-quizzes.ts';
import { useKeptFocus } from './kept-focus.ts';
import { Phrase } from './phrase.tsx';

type QuizOf<K extends Quiz['kind']> = Extract<Quiz, { kind: K }>;

interface QuizProps<Q extends Quiz> {
  readonly quiz: Q;
  readonly state: QuizState | undefined;
  /** Once right, it stays as it was answered. */
  readonly isPassed: boolean;
  answer(answer: QuizAnswer): void;
}

/** One question of a step, where it stands in the text. */
export function QuizView({ quiz, run }: { quiz: Quiz; run: LessonRun }): JSX.Element {
  const state = run.quizzes.states.value.get(quiz.id);
  const isPassed = run.passed.value.has(quiz.id);
  const answer = (given: QuizAnswer): void => void run.quizzes.answer(quiz, given);
  const common = { state, isPassed, answer };
  const around = useRef<HTMLDivElement>(null);
  useKeptFocus(around, isPassed);
  return (
    <div ref={around} class={`quiz ${isPassed ? 'passed' : ''}`} tabIndex={-1}>
      {quiz.kind === 'choice' && <ChoiceQuiz {...common} quiz={quiz} />}
      {quiz.kind === 'answer' && <AnswerQuiz {...common} quiz={quiz} />}
      {quiz.kind === 'prediction' && <PredictionQuiz {...common} quiz={quiz} />}
    </div>
  );
}

function ChoiceQuiz({ answer, isPassed, quiz, state }: QuizProps<QuizOf<'choice'>>): JSX.Element {
  const name = useId();
  const { options, question } = quiz.source;
  const given = typeof state?.answer === 'object' ? state.answer : [];
  const [chosen, setChosen] = useState<readonly number[]>(given);
  useEffect(() => {
    // Forgotten, to be done again.
    if (state === undefined) setChosen([]);
  }, [state === undefined]);
  const isIncomplete = !isPassed && given.every(index => options[index]?.correct === true);
  const isMultiple = options.filter(({ correct }) => correct).length > 1;
  const choose = (index: number, isChosen: boolean): void => {
    if (!isMultiple) setChosen([index]);
    else setChosen(isChosen ? [...chosen, index].sort((a, b) => a - b) : chosen.filter(one => one !== index));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    answer(chosen);
  };
  return (
    <form onSubmit={submit}>
      <fieldset disabled={isPassed}>
        <legend>
          <Phrase text={question} />
          {isMultiple && <span class="quiz-note"> (more than one)</span>}
        </legend>
        {options.map(({ correct, text, why }, index) => {
          // The reason stands at the option that was answered, not at one that is only marked.
          const isJudged = state?.judgement !== undefined && given.includes(index);
          return (
            <div key={index} class={`quiz-option ${isJudged ? (correct === true ? 'right' : 'wrong') : ''}`}>
              <label>
                <input
                  type={isMultiple ? 'checkbox' : 'radio'}
                  name={name}
                  checked={chosen.includes(index)}
                  onChange={event => choose(index, event.currentTarget.checked)}
                />
                <span>
                  <Phrase text={text} />
                </span>
              </label>
              {isJudged && why !== undefined && (
                <p class="quiz-why">
                  <Phrase text={why} />
                </p>
              )}
            </div>
          );
        })}
        {!isPassed && <AnswerButton text="Answer" />}
      </fieldset>
      <Verdict state={state} isPassed={isPassed} hasReasons={!isIncomplete && given.some(index => options[index]?.why !== undefined)} />
    </form>
  );
}

function AnswerQuiz({ answer, isPassed, quiz, state }: QuizProps<QuizOf<'answer'>>): JSX.Element {
  const { question, why } = quiz.source;
  return (
    <TextForm question={question} initial={textOf(state)} isPassed={isPassed} button="Answer" answer={answer}>
      <Verdict state={state} isPassed={isPassed} say={isPassed ? why : undefined} />
    </TextForm>
  );
}

function PredictionQuiz({ answer, isPassed, quiz, state }: QuizProps<QuizOf<'prediction'>>): JSX.Element {
  const { predict, question, unit } = quiz.source;
  return (
    <TextForm
      question={question}
      initial={textOf(state)}
      isPassed={isPassed}
      button="Note my guess"
      answer={answer}
      {...(unit !== undefined && { unit })}
      isNumber={predict === 'number'}
    >
      {isPassed ? (
        <p class="quiz-verdict right">
          <Icon name="check" /> Noted. You will see how it compares.
        </p>
      ) : (
        <Verdict state={state} isPassed={false} />
      )}
    </TextForm>
  );
}

interface TextFormProps {
  readonly question: string;
  readonly initial: string;
  readonly isPassed: boolean;
  readonly button: string;
  readonly unit?: string;
  readonly isNumber?: boolean;
  readonly children: JSX.Element;
  answer(text: string): void;
}

function TextForm(props: TextFormProps): JSX.Element {
  const id = useId();
  const [text, setText] = useState(props.initial);
  useEffect(() => setText(props.initial), [props.initial]);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!props.isPassed) props.answer(text);
  };
  return (
    <form onSubmit={submit}>
      <p id={id} class="quiz-question">
        <Phrase text={props.question} />
      </p>
      <div class="quiz-answer">
        <input
          type="text"
          aria-labelledby={id}
          class={props.isNumber === true ? 'number' : ''}
          inputMode={props.isNumber === true ? 'decimal' : 'text'}
          value={text}
          readOnly={props.isPassed}
          spellcheck={false}
          autocomplete="off"
          onInput={event => setText(event.currentTarget.value)}
        />
        {props.unit !== undefined && <span>{props.unit}</span>}
        {!props.isPassed && <AnswerButton text={props.button} />}
      </div>
      {props.children}
    </form>
  );
}

function AnswerButton({ text }: { text: string }): JSX.Element {
  return (
    <button type="submit" class="button quiet">
      {text}
    </button>
  );
}

interface VerdictProps {
  readonly state: QuizState | undefined;
  readonly isPassed: boolean;
  /** The reasons stand elsewhere. */
  readonly hasReasons?: boolean;
  readonly say?: string | undefined;
}

/** Read aloud by the page's announcements, so not a live region of its own. */
function Verdict({ hasReasons, isPassed, say, state }: VerdictProps): JSX.Element | null {
  if (state === undefined) return null;
  const { judgement, problem } = state;
  if (problem !== undefined) return <p class="quiz-verdict wrong">{problem}</p>;
  if (judgement === undefined && !isPassed) return null;
  const reason = say ?? (hasReasons === true ? undefined : judgement?.say);
  return (
    <p class={`quiz-verdict ${isPassed ? 'right' : 'wrong'}`}>
      <Icon name={isPassed ? 'check' : 'close'} />
      <span>
        {isPassed ? 'Right.' : 'Not right yet.'} {reason !== undefined && <Phrase text={reason} />}
      </span>
    </p>
  );
}

function textOf(state: QuizState | undefined): string {
  return typeof state?.answer === 'string' ? state.answer : '';
}
