import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import { Emitter, type Event } from '../../../core/base/events.ts';
import type { CheckResult } from '../../../core/lesson/check/check-probe.ts';
import type { LessonProblem } from '../../../core/lesson/lesson.ts';
import type { WorkspacePath } from '../../../core/workspace/path.ts';
import { Course } from './course.ts';
import type { Entry, FileStorage } from '../workspace/file-storage.ts';
import type { LabSource } from './lab-source.ts';
import { commandsOf } from './lesson-commands.ts';
import { importCode, keepDropped, readLesson, type DroppedStorage, type LessonFolder, type ReadLesson } from './lesson-reader.ts';
import { LessonRun } from './lesson-run.ts';
import { noProgress, ProgressStore, type LessonProgress, type ProgressStorage } from './lesson-progress.ts';
import { isForeign, lessonKey, parseLessonParameter, type LessonSource } from './lesson-source.ts';
import type { LessonWorld } from './lesson-world.ts';

/** Whether a lesson is open. */
export type LessonsState =
  | { readonly kind: 'closed' }
  /** `what` is a sentence for the learner. */
  | { readonly kind: 'loading'; readonly what: string }
  /** `problems` are for its author. The lesson that was open before, if one was, is as it was: see `dismiss`. */
  | { readonly kind: 'failed'; readonly source: LessonSource; readonly message: string; readonly problems: readonly LessonProblem[] }
  | { readonly kind: 'open'; readonly run: LessonRun };

/** What a host of the page is told when a step has passed. */
export interface StepPassedEvent {
  readonly lessonId: string;
  readonly stepId: string;
  readonly title: string;
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** What a host of the page is told when all steps of a lesson have passed. */
export interface LessonCompletedEvent {
  readonly lessonId: string;
  readonly title: string;
}

/** The state of one check, or of one quiz, for callers of `check()`. */
export interface CheckReport {
  readonly id: string;
  /** What is to be true, or the question. */
  readonly say: string;
  readonly isPassed: boolean;
  /** Why not; undefined for a quiz and for what was not looked at yet. */
  readonly result: CheckResult | undefined;
}

/** A workspace for a lesson in place of the one that it has by itself. */
export interface LessonPlace {
  /** The learner's progress is kept under it. */
  readonly key: string;
  readonly storage: FileStorage;
  /** What it begins with. */
  readonly files: ReadonlyMap<WorkspacePath, Entry>;
}

export interface LessonsOptions {
  readonly baseUrl: string;
  readonly world: LessonWorld;
  /** Names the workspace of this page: progress is kept under it. */
  readonly scope: string;
  /** What the learner's own workspace holds on a first visit. */
  readonly starterFiles: ReadonlyMap<WorkspacePath, Uint8Array>;
  readonly dropped: DroppedStorage;
  /** Puts a file of the learner's own workspace in front. */
  showOwnFiles(): void;
  progressStorage(): ProgressStorage;
}

/** The lessons of the page: the site's course, and the one lesson that may be open. */
export class Lessons {
  readonly course: Course;
  readonly #options: LessonsOptions;
  readonly #progress: ProgressStore;
  readonly #state = signal<LessonsState>({ kind: 'closed' });
  /** The lesson whose files are in the workspace. */
  #current: LessonRun | undefined;
  readonly #lab = signal<LabSource | undefined>(undefined);
  readonly #progressCount = signal(0);
  readonly #stepPassed = new Emitter<StepPassedEvent>();
  readonly #completed = new Emitter<LessonCompletedEvent>();
  /** One is opened or closed after the other. */
  #order: Promise<void> = Promise.resolve();

  constructor(options: LessonsOptions) {
    this.#options = options;
    this.course = new Course(options.baseUrl);
    this.#progress = new ProgressStore(options.scope, () => options.progressStorage());
  }

  readonly state: ReadonlySignal<LessonsState> = computed(() => this.#state.value);
  /** The lesson that is open. */
  readonly run: ReadonlySignal<LessonRun | undefined> = computed(() => (this.#state.value.kind === 'open' ? this.#state.value.run : undefined));
  /** What does the `lab:` lines of solutions; undefined until the lab is there. */
  readonly lab: ReadonlySignal<LabSource | undefined> = computed(() => this.#lab.value);

  readonly onStepPassed: Event<StepPassedEvent> = listener => this.#stepPassed.event(listener);
  readonly onLessonCompleted: Event<LessonCompletedEvent> = listener => this.#completed.event(listener);

  attachLab(lab: LabSource): void {
    this.#lab.value = lab;
  }

  /** What the learner has done of a lesson of the course; read it in a view to be told of changes. */
  progressOf(id: string): LessonProgress | undefined {
    void this.#progressCount.value;
    const progress = this.#progress.read(lessonKey({ kind: 'course', id }, id));
    return progress === 'damaged' ? undefined : progress;
  }

  /** Opens a lesson with a workspace of its own, in place of the one that is open. Resolves when it is open, or the reason why not is shown. */
  open(source: LessonSource, place?: LessonPlace): Promise<void> {
    return this.#inOrder(() => this.#open(source, place));
  }

  /** Replaces the open workspace with one that belongs to no lesson. */
  switchTo(storage: FileStorage, initial: ReadonlyMap<WorkspacePath, Uint8Array | Entry>): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#current !== undefined) await this.#leave(this.#current);
      const { openFiles, store } = this.#options.world;
      openFiles.closeAll();
      await store.switchTo(storage, initial);
      this.#options.showOwnFiles();
      this.#state.value = { kind: 'closed' };
    });
  }

  /** Opens what `?lesson=` asks for. */
  async openParameter(value: string): Promise<void> {
    try {
      const source = parseLessonParameter(value);
      if (source !== undefined) await this.open(source);
    } catch (error) {
      this.#state.value = { kind: 'failed', source: { kind: 'address', url: value }, message: messageOf(error), problems: [] };
    }
  }

  /** Opens a folder that was dropped on the page. */
  openDropped(id: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    return this.#inOrder(async () => {
      await keepDropped({ id, files }, this.#options.dropped);
      await this.#open({ kind: 'dropped', id });
    });
  }

  /** Opens a packed lesson that was dropped on the page. */
  openDroppedFile(text: string): Promise<void> {
    return this.#inOrder(async () => {
      let folder: LessonFolder;
      try {
        folder = (await importCode()).unpackLesson(text);
      } catch (error) {
        this.#state.value = { kind: 'failed', source: { kind: 'packed', text }, message: messageOf(error), problems: [] };
        return;
      }
      await keepDropped(folder, this.#options.dropped);
      await this.#open({ kind: 'dropped', id: folder.id });
    });
  }

  /** Goes back to the learner's own files. */
  close(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#current !== undefined) {
        await this.#leave(this.#current);
        const { openFiles, storageOf, store } = this.#options.world;
        openFiles.closeAll();
        await store.switchTo(storageOf(undefined), this.#options.starterFiles);
        this.#options.showOwnFiles();
      }
      this.#state.value = { kind: 'closed' };
    });
  }

  /** Is there a lesson to go back to, after another could not be opened? */
  get hasCurrent(): boolean {
    return this.#current !== undefined;
  }

  /** Takes a failure away; the lesson that was open before is there again. */
  dismiss(): void {
    if (this.#state.value.kind === 'failed') this.#showCurrent();
  }

  /** Looks at the current step now; gives how its checks and quizzes stand. Empty while no lesson is open. */
  async check(): Promise<readonly CheckReport[]> {
    const run = this.run.value;
    if (run === undefined) return [];
    const step = run.step.value;
    await run.check();
    const passed = run.passed.value;
    const checks = step.checks.map(check => {
      const isPassed = passed.has(check.id);
      return { id: check.id, say: run.describe(check), isPassed, result: run.checks.value.get(check.id)?.result };
    });
    const quizzes = step.quizzes.map(quiz => ({ id: quiz.id, say: quiz.source.question, isPassed: passed.has(quiz.id), result: undefined }));
    return [...checks, ...quizzes];
  }

  /** Ends what listens; another tab has the workspace now. */
  stop(): void {
    this.#current?.stop();
    this.#current = undefined;
    this.#state.value = { kind: 'closed' };
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    this.#order = this.#order.then(work).catch((error: unknown) => {
      this.#options.world.messages.problem(messageOf(error));
      this.#showCurrent();
    });
    return this.#order;
  }

  async #open(source: LessonSource, place?: LessonPlace): Promise<void> {
    this.#state.value = { kind: 'loading', what: 'Opening the lesson…' };
    const read = await readLesson(source, this.course, this.#options.dropped);
    if (read.kind === 'problem') {
      this.#state.value = { kind: 'failed', source, message: read.message, problems: read.problems };
      return;
    }
    if (this.#current !== undefined) await this.#leave(this.#current);
    await this.#begin(source, read, place);
  }

  async #begin(source: LessonSource, { code, lesson }: ReadLesson & { kind: 'lesson' }, place?: LessonPlace): Promise<void> {
    const { world } = this.#options;
    const key = place?.key ?? lessonKey(source, lesson.id);
    const found = this.#progress.read(key);
    if (found === 'damaged')
      world.messages.problem('Your saved progress in this lesson cannot be read, so the lesson starts again. Your files are still there.');
    const run = new LessonRun({
      source,
      lesson,
      code,
      world,
      lab: this.#lab,
      progress: found === 'damaged' || found === undefined ? noProgress : found,
      foreignCommands: isForeign(source) ? commandsOf(code.withVariables(lesson, {})) : [],
      save: progress => this.#save(key, progress),
    });
    const count = lesson.steps.length;
    run.onStepPassed(({ step, index }) => this.#stepPassed.emit({ lessonId: lesson.id, stepId: step.id, title: step.title, index, count }));
    run.onCompleted(() => this.#completed.emit({ lessonId: lesson.id, title: run.lesson.value.frontMatter.title }));
    world.openFiles.closeAll();
    await world.store.switchTo(place?.storage ?? world.storageOf(key), place?.files ?? run.lesson.value.files);
    run.files.openFirst(run.lesson.value);
    run.start();
    this.#current = run;
    this.#showCurrent();
    world.messages.announce(`Lesson: ${run.lesson.value.frontMatter.title}. Step ${run.stepIndex.value + 1} of ${count}: ${run.step.value.title}.`);
  }

  #showCurrent(): void {
    this.#state.value = this.#current === undefined ? { kind: 'closed' } : { kind: 'open', run: this.#current };
  }

  /** Ends a lesson; its files are still those of the workspace. */
  async #leave(run: LessonRun): Promise<void> {
    run.stop();
    this.#current = undefined;
    this.#state.value = { kind: 'loading', what: `Tidying up after “${run.lesson.value.frontMatter.title}”…` };
    await run.cleanUp();
  }

  #save(key: string, progress: LessonProgress): void {
    this.#progress.write(key, progress);
    // Called in an effect, which is not to be called by what it does.
    this.#progressCount.value = this.#progressCount.peek() + 1;
  }
}
