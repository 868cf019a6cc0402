import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import { Emitter, type Event, type Unsubscribe } from '../../../core/base/events.ts';
import type { CheckResult, TypedCommand } from '../../../core/lesson/check/check-probe.ts';
import type { CheckKind, LabMoment } from '../../../core/lesson/check/check-schema.ts';
import type { Check, Lesson, Step } from '../../../core/lesson/lesson.ts';
import { CheckRunner, type CheckState, type Loudness } from './check-runner.ts';
import type { LabSource } from './lab-source.ts';
import { isRelevant, whenChanged } from './lesson-events.ts';
import type * as LessonCode from './lesson-code.ts';
import { LessonFiles } from './lesson-files.ts';
import { createPageProbe } from './lesson-probe.ts';
import type { LessonProgress } from './lesson-progress.ts';
import { LessonQuizzes } from './lesson-quizzes.ts';
import { LessonMark } from './lesson-mark.ts';
import { cleanUp, LessonSetup } from './lesson-setup.ts';
import type { LessonSource } from './lesson-source.ts';
import type { LessonWorld } from './lesson-world.ts';
import { LogWatch } from './log-watch.ts';
import type { EnteredCommand } from '../machine/terminal-link.ts';

export interface LessonRunOptions {
  readonly source: LessonSource;
  /** As it was read, with its variables. */
  readonly lesson: Lesson;
  readonly code: typeof LessonCode;
  readonly world: LessonWorld;
  readonly lab: ReadonlySignal<LabSource | undefined>;
  /** What the learner has done of it on earlier visits. */
  readonly progress: LessonProgress;
  /** The commands that the learners have yet to agree to, as they read them; empty for a lesson of the site. */
  readonly foreignCommands: readonly string[];
  save(progress: LessonProgress): void;
}

/** A step has passed for the first time, or again after it was reset. */
export interface StepPassed {
  readonly step: Step;
  readonly index: number;
}

/** Whether the commands of a foreign lesson may run. */
export type Consent = 'not-needed' | 'wanted' | 'given' | 'refused';

/** A lesson that is open: where the learners are in it and what they have done. It lives until another is opened. */
export class LessonRun {
  readonly source: LessonSource;
  readonly foreignCommands: readonly string[];
  readonly quizzes: LessonQuizzes;
  readonly files: LessonFiles;
  readonly #options: LessonRunOptions;
  readonly #setup: LessonSetup;
  readonly #mark: LessonMark;
  readonly #checks: CheckRunner;
  /** Of the containers whose output the step's checks have read. */
  readonly #logs: LogWatch;
  readonly #variables = signal<Readonly<Record<string, string>>>({});
  readonly #stepIndex = signal(0);
  readonly #passed = signal<ReadonlySet<string>>(new Set());
  readonly #stepsPassed = signal<ReadonlySet<string>>(new Set());
  /** Steps that passed in the machine there is now. */
  readonly #passedHere = signal<ReadonlySet<string>>(new Set());
  readonly #consent = signal<Consent>('not-needed');
  readonly #stepPassed = new Emitter<StepPassed>();
  readonly #completed = new Emitter<void>();
  readonly #stops: Unsubscribe[] = [];
  /** What has happened since the step began. */
  readonly #history = { typed: [] as TypedCommand[], labMoments: new Set<LabMoment>() };
  /** When the last step passed. */
  #passedMilliseconds = -Infinity;
  #isStepDoneUntold = false;
  #isOver = false;

  constructor(options: LessonRunOptions) {
    const { code, foreignCommands, progress, source, world } = options;
    this.#options = options;
    this.source = source;
    this.foreignCommands = foreignCommands;
    this.#logs = new LogWatch(
      () => world.engine.client,
      () => this.#checks.hear('logs'),
    );
    const probe = createPageProbe(code, world, this.#history, this.#logs);
    const run: typeof world.machine.run = async (command, runOptions) => {
      await world.flush();
      return world.machine.run(command, runOptions);
    };
    this.#setup = new LessonSetup(run);
    this.#mark = new LessonMark(source, options.lesson.frontMatter.setup ?? [], run, world.machine.isKept);
    this.#checks = new CheckRunner({
      evaluate: check => code.evaluateCheck(check, probe),
      triggersOf: code.triggersOf,
      obstacleOf: check => this.#obstacleOf(check),
      onResult: (check, result, before, loudness) => this.#take(check, result, before, loudness),
    });
    this.quizzes = new LessonQuizzes({
      judge: (quiz, given) => code.judgeAnswer(quiz, given, probe.run),
      obstacle: () => (this.#mayRunCommands ? undefined : REFUSED),
      onPassed: quiz => this.#pass(quiz.id),
      announce: text => this.#announce(text),
    });
    this.files = new LessonFiles(world);
    this.#restore(progress);
  }

  /** With the learner's values instead of its variables. */
  readonly lesson: ReadonlySignal<Lesson> = computed(() => this.#options.code.withVariables(this.#options.lesson, this.#variables.value));
  /** The values of the variables, the learner's or the lesson's own. */
  readonly variables: ReadonlySignal<Readonly<Record<string, string>>> = computed(() =>
    this.#options.code.variableValues(this.#options.lesson.frontMatter, this.#variables.value),
  );
  readonly stepIndex: ReadonlySignal<number> = computed(() => this.#stepIndex.value);
  readonly step: ReadonlySignal<Step> = computed(() => this.lesson.value.steps[this.#stepIndex.value]!);
  /** Ids of checks and quizzes that have passed. */
  readonly passed: ReadonlySignal<ReadonlySet<string>> = computed(() => this.#passed.value);
  readonly stepsPassed: ReadonlySignal<ReadonlySet<string>> = computed(() => this.#stepsPassed.value);
  readonly isCompleted: ReadonlySignal<boolean> = computed(() => this.lesson.value.steps.every(({ id }) => this.#stepsPassed.value.has(id)));
  readonly consent: ReadonlySignal<Consent> = computed(() => this.#consent.value);
  /** Of the current step's checks, by id. */
  readonly checks: ReadonlySignal<ReadonlyMap<string, CheckState>> = computed(() => this.#checks.states.value);
  readonly setup = computed(() => this.#setup.state.value);
  /** Earlier steps that passed in a machine that is gone, and with it what their commands had made. */
  readonly lostSteps: ReadonlySignal<readonly Step[]> = computed(() => {
    if (this.#options.world.machine.state.value.kind !== 'running') return [];
    const before = this.lesson.value.steps.slice(0, this.#stepIndex.value);
    const isLost = ({ id, solution }: Step): boolean =>
      this.#stepsPassed.value.has(id) && !this.#passedHere.value.has(id) && solution.lines.some(({ kind }) => kind === 'command');
    return before.filter(isLost);
  });

  readonly onStepPassed: Event<StepPassed> = listener => this.#stepPassed.event(listener);
  readonly onCompleted: Event<void> = listener => this.#completed.event(listener);

  /** Begins to listen: not before the workspace is the lesson's. */
  start(): void {
    const { lab, world } = this.#options;
    this.#stops.push(
      effect(() => this.#options.save(this.progress)),
      world.store.onChange(({ origin }) => this.#checks.hear('files', origin === 'guest')),
      world.machine.onEngineNews(news => {
        if (isRelevant(news)) this.#checks.hear('engine', true);
      }),
      world.onCommand(command => this.#takeCommand(command)),
      whenChanged(world.machine.ports, () => this.#checks.hear('ports')),
      whenChanged(world.frame, ({ isLoading, kind }) => {
        if (kind === 'page' && !isLoading) this.#checks.hear('page');
      }),
      effect(() => this.#followMachine()),
      effect(() => lab.value?.onMoment(moment => this.#takeMoment(moment))),
      whenChanged(this.#setup.isSettled, isSettled => isSettled && this.#checks.look()),
    );
    this.#enter(this.#stepIndex.value);
  }

  /** Listens no more. What the lesson has made in the machine stays. */
  stop(): void {
    this.#isOver = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#checks.end();
    this.#logs.end();
    this.#setup.wait();
  }

  /** What to keep. */
  get progress(): LessonProgress {
    const agreedTo = this.#consent.value === 'given' ? { agreedTo: this.#foreignText } : {};
    return {
      step: this.lesson.value.steps[this.#stepIndex.value]?.id ?? '',
      steps: [...this.#stepsPassed.value],
      passed: [...this.#passed.value],
      answers: this.quizzes.given,
      variables: this.#variables.value,
      ...agreedTo,
    };
  }

  goTo(index: number): void {
    if (index < 0 || index >= this.lesson.value.steps.length || index === this.#stepIndex.value) return;
    const isNext = index === this.#stepIndex.value + 1 && this.#stepsPassed.value.has(this.step.value.id);
    this.#stepIndex.value = index;
    // What was done after the last step had passed counts for the one that follows.
    if (!isNext) this.#forgetHistory();
    this.#enter(index);
  }

  /** Goes on; a step that asks for nothing passes by that. */
  next(): void {
    if (!asksSomething(this.step.value)) this.#passStep();
    this.goTo(this.#stepIndex.value + 1);
  }

  /** What a check asks for, in a sentence. */
  describe(check: Check): string {
    return this.#options.code.describeCheck(check);
  }

  /** Why a value of a variable does not do; undefined where it does. */
  variableProblem(name: string, value: string): string | undefined {
    const variable = this.#options.lesson.frontMatter.variables?.[name];
    return variable === undefined ? undefined : this.#options.code.variableProblem(variable, value);
  }

  /** Evaluates what is open in the current step, now; who asks is told how it stands, also where nothing has changed. */
  async check(): Promise<void> {
    const { checks, id, quizzes } = this.step.value;
    await this.#checks.checkNow();
    const asked = [...checks, ...quizzes];
    if (this.#isOver || this.step.value.id !== id || asked.length === 0) return;
    const done = asked.filter(one => this.#passed.value.has(one.id)).length;
    this.#announce(`Checked: ${done} of ${asked.length} done.`);
  }

  setVariables(values: Readonly<Record<string, string>>): void {
    const before = this.lesson.value.files;
    this.#variables.value = values;
    this.files.follow(before, this.lesson.value.files);
    this.#enter(this.#stepIndex.value);
  }

  /** The learner's answer about the commands of a foreign lesson. */
  consentTo(isAgreed: boolean): void {
    this.#consent.value = isAgreed ? 'given' : 'refused';
  }

  retrySetup(): void {
    void this.#setUpAgain();
  }

  /** Forgets what has passed in this step. What is so already counts again when something happens. */
  resetStep(): void {
    const { checks, id, quizzes } = this.step.value;
    const gone = [...checks, ...quizzes].map(one => one.id);
    this.#passed.value = without(this.#passed.value, gone);
    this.#stepsPassed.value = without(this.#stepsPassed.value, [id]);
    this.quizzes.forget(quizzes);
    this.#forgetHistory();
    this.#checks.begin(checks, this.#passed.value);
  }

  /** Tidies up in the machine, unless it may not or cannot. */
  async cleanUp(): Promise<void> {
    const { world } = this.#options;
    const commands = this.lesson.value.frontMatter.cleanup ?? [];
    if (!this.#mayRunCommands || world.machine.state.value.kind !== 'running') return;
    await cleanUp(commands, (command, options) => world.machine.run(command, options));
    if (commands.length > 0) await this.#mark.remove();
  }

  /** Begins anew: with the lesson's own files, nothing done, and the machine tidied up. */
  async restart(): Promise<void> {
    await this.cleanUp();
    if (this.#isOver) return;
    this.#passed.value = new Set();
    this.#stepsPassed.value = new Set();
    this.#passedHere.value = new Set();
    this.quizzes.restore({});
    this.#forgetHistory();
    this.files.startAnew(this.lesson.value);
    this.#stepIndex.value = 0;
    this.#enter(0);
    await this.#setUpAgain();
  }

  get #foreignText(): string {
    return this.foreignCommands.join('\n');
  }

  get #mayRunCommands(): boolean {
    return this.#consent.value === 'not-needed' || this.#consent.value === 'given';
  }

  #restore(progress: LessonProgress): void {
    const { steps } = this.#options.lesson;
    this.#variables.value = progress.variables;
    this.#passed.value = new Set(progress.passed);
    this.#stepsPassed.value = new Set(progress.steps);
    this.quizzes.restore(progress.answers, this.#passed.value);
    this.#stepIndex.value = Math.max(
      0,
      steps.findIndex(({ id }) => id === progress.step),
    );
    if (this.foreignCommands.length > 0) this.#consent.value = progress.agreedTo === this.#foreignText ? 'given' : 'wanted';
  }

  #enter(index: number): void {
    const { checks } = this.lesson.value.steps[index]!;
    this.#logs.end();
    this.#checks.begin(checks, this.#passed.value);
    this.#checks.look();
  }

  #forgetHistory(): void {
    this.#history.typed.length = 0;
    this.#history.labMoments.clear();
  }

  /** Sets a machine up that has just come, once the learner has agreed. */
  #followMachine(): void {
    const isReady = this.#options.world.machine.state.value.kind === 'running';
    const mayRun = this.#mayRunCommands || this.#consent.value === 'refused';
    if (isReady && mayRun) void this.#beginSetup();
    else this.#setup.wait();
    if (!isReady) this.#passedHere.value = new Set();
  }

  async #beginSetup(): Promise<void> {
    // If the learners have refused, the machine is not ready: they may change their mind.
    const [commands, mark] = this.#mayRunCommands ? [this.lesson.peek().frontMatter.setup ?? [], this.#mark] : [[], undefined];
    const passed = await this.#setup.begin(commands, mark);
    if (passed.length > 0) this.#passedHere.value = new Set([...this.#passedHere.peek(), ...passed]);
  }

  async #setUpAgain(): Promise<void> {
    await this.#mark.remove();
    await this.#beginSetup();
  }

  #obstacleOf(check: Check): string | undefined {
    if (withoutMachine.has(check.kind)) return undefined;
    if (check.kind === 'command' && !this.#mayRunCommands) return REFUSED;
    if (this.#options.world.machine.state.value.kind !== 'running') return 'The machine is not running yet: this is checked as soon as it is.';
    return this.#setup.isSettled.value ? undefined : 'The machine is still being prepared for this lesson.';
  }

  #takeCommand(command: EnteredCommand): void {
    const passed = this.#passedMilliseconds;
    // By what it had already done the step has passed: it belongs to that one, not to the next.
    if (command.startMilliseconds < passed && performance.now() < passed + ENDING_MILLISECONDS) return;
    this.#history.typed.push(command);
    this.#checks.hear('command');
  }

  #takeMoment(moment: LabMoment): void {
    this.#history.labMoments.add(moment);
    this.#checks.hear('lab');
  }

  #take(check: Check, result: CheckResult, before: CheckResult | undefined, loudness: Loudness): void {
    const what = this.describe(check);
    if (result.outcome === 'passed') {
      this.#pass(check.id);
      this.#announce(`Passed: ${what}.`);
    } else if (loudness === 'told' && !isSame(result, before)) {
      this.#announce(`Not yet: ${what}. ${reasonOf(result, what)}`);
    }
  }

  /** For who does not see the page; says so once where a step is done by what is announced. */
  #announce(text: string): void {
    const end = this.#isStepDoneUntold ? ' This step is done.' : '';
    this.#isStepDoneUntold = false;
    // Backticks around code are for the eye.
    this.#options.world.messages.announce(text.replaceAll('`', '') + end);
  }

  #pass(id: string): void {
    this.#passed.value = new Set([...this.#passed.value, id]);
    const { checks, quizzes } = this.step.value;
    if ([...checks, ...quizzes].every(one => this.#passed.value.has(one.id))) this.#passStep();
  }

  #passStep(): void {
    const step = this.step.value;
    this.#passedHere.value = new Set([...this.#passedHere.value, step.id]);
    void this.#mark.add(step.id);
    if (this.#stepsPassed.value.has(step.id)) return;
    const wasCompleted = this.isCompleted.value;
    this.#stepsPassed.value = new Set([...this.#stepsPassed.value, step.id]);
    this.#passedMilliseconds = performance.now();
    this.#forgetHistory();
    this.#isStepDoneUntold = asksSomething(step);
    this.#stepPassed.emit({ step, index: this.#stepIndex.value });
    if (!wasCompleted && this.isCompleted.value) this.#completed.emit();
  }
}

/** A command whose doing makes a step pass, like a build, ends so long after that at most. */
const ENDING_MILLISECONDS = 5_000;

const REFUSED = 'It runs a command of this lesson, and you have not agreed to that.';

/** What is read from the page alone can be looked at while there is no machine. */
const withoutMachine: ReadonlySet<CheckKind> = new Set(['file', 'dockerfile', 'typed', 'lab']);

/** Does a step ask for anything? */
function asksSomething({ checks, quizzes }: Step): boolean {
  return checks.length + quizzes.length > 0;
}

function without(ids: ReadonlySet<string>, gone: readonly string[]): ReadonlySet<string> {
  return new Set([...ids].filter(id => !gone.includes(id)));
}

/** Why a check has not passed; what it asks for is said already. */
function reasonOf(result: Exclude<CheckResult, { outcome: 'passed' }>, what: string): string {
  if (result.outcome === 'broken') return result.reason;
  const expected = result.expected === `${what}.` ? '' : `Expected: ${result.expected} `;
  return `${expected}Found: ${result.found}`;
}

function isSame(one: CheckResult, other: CheckResult | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
