import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { Quiz } from '../../../core/lesson/lesson.ts';
import type { QuizAnswer } from './lesson-progress.ts';

/** What was said of an answer. */
export interface Judgement {
  readonly isRight: boolean;
  readonly say?: string;
}

/** How a quiz stands. */
export interface QuizState {
  readonly answer: QuizAnswer;
  /** Undefined while the answer is being judged, and where it could not be. */
  readonly judgement?: Judgement;
  /** Why it could not be judged. */
  readonly problem?: string;
}

export interface LessonQuizzesOptions {
  judge(quiz: Quiz, given: QuizAnswer): Promise<Judgement>;
  /** Why no command may be run to judge an answer, in the learner's words. */
  obstacle(): string | undefined;
  onPassed(quiz: Quiz): void;
  announce(text: string): void;
}

/** The learner's answers to the quizzes of a lesson. */
export class LessonQuizzes {
  readonly #options: LessonQuizzesOptions;
  readonly #states = signal<ReadonlyMap<string, QuizState>>(new Map());

  constructor(options: LessonQuizzesOptions) {
    this.#options = options;
  }

  /** By the quiz's id; without those that were not answered. */
  readonly states: ReadonlySignal<ReadonlyMap<string, QuizState>> = computed(() => this.#states.value);

  /** The last answer to each. */
  get given(): Readonly<Record<string, QuizAnswer>> {
    return Object.fromEntries([...this.#states.value].map(([id, { answer }]) => [id, answer]));
  }

  /** Takes back what was answered on an earlier visit. */
  restore(answers: Readonly<Record<string, QuizAnswer>>, passed: ReadonlySet<string> = new Set()): void {
    const stateOf = ([id, answer]: [string, QuizAnswer]): [string, QuizState] => [
      id,
      passed.has(id) ? { answer, judgement: { isRight: true } } : { answer },
    ];
    this.#states.value = new Map(Object.entries(answers).map(stateOf));
  }

  /** Forgets the answers to these. */
  forget(quizzes: readonly Quiz[]): void {
    this.#states.value = new Map([...this.#states.value].filter(([id]) => !quizzes.some(quiz => quiz.id === id)));
  }

  /** Judges an answer; resolves when that is done, also where it was not possible. */
  async answer(quiz: Quiz, answer: QuizAnswer): Promise<void> {
    const needsCommand = quiz.kind === 'answer' && quiz.source.answerFrom !== undefined;
    const obstacle = needsCommand ? this.#options.obstacle() : undefined;
    if (obstacle !== undefined) return this.#settle(quiz, { answer, problem: obstacle });
    const asked: QuizState = { answer };
    this.#set(quiz, asked);
    try {
      const judgement = await this.#options.judge(quiz, answer);
      // It was answered again, or forgotten, while a command ran.
      if (this.#states.value.get(quiz.id) === asked) this.#settle(quiz, { answer, judgement });
    } catch (error) {
      if (this.#states.value.get(quiz.id) === asked) this.#settle(quiz, { answer, problem: messageOf(error) });
    }
  }

  #settle(quiz: Quiz, state: QuizState): void {
    this.#set(quiz, state);
    const { judgement, problem } = state;
    if (judgement?.isRight === true) this.#options.onPassed(quiz);
    const verdict = quiz.kind === 'prediction' ? 'Your guess is noted.' : judgement?.isRight === true ? 'Right.' : 'Not right yet.';
    this.#options.announce(problem ?? `${verdict} ${judgement?.say ?? ''}`.trim());
  }

  #set(quiz: Quiz, state: QuizState): void {
    this.#states.value = new Map(this.#states.value).set(quiz.id, state);
  }
}
