/** What a learner has done of a lesson; kept in the browser. */
export interface LessonProgress {
  /** The id of the step that the learner was at; undefined before the first. */
  readonly step?: string;
  /** Ids of steps that have passed. */
  readonly steps: readonly string[];
  /** Ids of checks and quizzes that have passed, in steps that may be open yet. */
  readonly passed: readonly string[];
  /** The last answer to each quiz: a text, or the options chosen. */
  readonly answers: Readonly<Record<string, QuizAnswer>>;
  /** What the learner has set. */
  readonly variables: Readonly<Record<string, string>>;
  /** The commands of a foreign lesson that the learners have agreed to, as they read them. */
  readonly agreedTo?: string;
}

/** A text, or the numbers of the options chosen, from 0. */
export type QuizAnswer = string | readonly number[];

/** Where progress is written: the browser's `localStorage`. */
export type ProgressStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export const noProgress: LessonProgress = { steps: [], passed: [], answers: {}, variables: {} };

const FORMAT = 1;

/** The progress of all lessons in one scope (a path of an origin, an embed). In memory alone where the browser keeps nothing. */
export class ProgressStore {
  readonly #scope: string;
  readonly #storage: () => ProgressStorage;
  readonly #memory = new Map<string, string>();

  /** `storage` is asked each time: in some frames reading `localStorage` throws. */
  constructor(scope: string, storage: () => ProgressStorage) {
    this.#scope = scope;
    this.#storage = storage;
  }

  /** Undefined where nothing is known; `damaged` where something is there that cannot be read. */
  read(key: string): LessonProgress | 'damaged' | undefined {
    const text = this.#get(key);
    return text === null ? undefined : (parseProgress(text) ?? 'damaged');
  }

  write(key: string, progress: LessonProgress): void {
    const text = JSON.stringify({ format: FORMAT, ...progress });
    this.#memory.set(key, text);
    try {
      this.#storage().setItem(this.#nameOf(key), text);
    } catch {
      // Then it lasts as long as the page.
    }
  }

  forget(key: string): void {
    this.#memory.delete(key);
    try {
      this.#storage().removeItem(this.#nameOf(key));
    } catch {
      // Nothing was kept there.
    }
  }

  #get(key: string): string | null {
    const remembered = this.#memory.get(key);
    if (remembered !== undefined) return remembered;
    try {
      return this.#storage().getItem(this.#nameOf(key));
    } catch {
      return null;
    }
  }

  #nameOf(key: string): string {
    return `drydock.lesson:${this.#scope}:${key}`;
  }
}

/** Reads what `write` wrote; undefined for anything else. */
function parseProgress(text: string): LessonProgress | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { format, step, steps, passed, answers, variables, agreedTo } = (value ?? {}) as Record<string, unknown>;
  const isRead =
    format === FORMAT &&
    isTextOrNothing(step) &&
    isTextOrNothing(agreedTo) &&
    isTextList(steps) &&
    isTextList(passed) &&
    isRecordOf(variables, isText) &&
    isRecordOf(answers, isAnswer);
  if (!isRead) return undefined;
  return { steps, passed, answers, variables, ...(step !== undefined && { step }), ...(agreedTo !== undefined && { agreedTo }) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNothing(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isAnswer(value: unknown): value is QuizAnswer {
  return isText(value) || (Array.isArray(value) && value.every(item => Number.isInteger(item)));
}

function isRecordOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is Readonly<Record<string, T>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isItem);
}
