import { messageOf } from '../../core/base/errors.ts';
import type { CheckResult } from '../../core/lesson/check/check-probe.ts';
import { describeCheck, evaluateCheck } from '../../core/lesson/check/evaluate-check.ts';
import type { Check, Lesson, LessonProblem, Place, Step } from '../../core/lesson/lesson.ts';
import { LESSON_FILE } from '../../core/lesson/format/lesson-files.ts';
import { withVariables } from '../../core/lesson/format/variables.ts';
import type { LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import { needsLab, type LabDriver } from './lab-driver.ts';
import { LessonDesk } from './lesson-desk.ts';
import { runSolution } from './run-solution.ts';
import { tryQuiz } from './try-quiz.ts';

/** What became of a lesson that was done by its own solutions. */
export interface LessonReport {
  readonly steps: readonly StepReport[];
  /** Empty where all is as it should be. */
  readonly problems: readonly LessonProblem[];
}

export interface StepReport {
  readonly title: string;
  readonly seconds: number;
  readonly checks: readonly CheckReport[];
  readonly quizCount: number;
}

export interface CheckReport {
  /** What is to be true. */
  readonly sentence: string;
  readonly before: CheckResult['outcome'];
  readonly after: CheckResult['outcome'];
}

export interface RunOptions {
  readonly lab?: LabDriver | undefined;
  /** Told what is being done. */
  readonly report?: (line: string) => void;
}

/** What a solution has done may take a moment to be seen: a container that ends by itself, a server that starts. */
const AFTER_MILLISECONDS = 90_000;
const PAUSE_MILLISECONDS = 1000;

/**
 * Does a lesson from its first step to its last in a real sandbox. Every check must fail before its step's solution and pass in the course of
 * it, every quiz must take its right answer and refuse wrong ones. Never rejects for a fault of the lesson: that is a problem in the report.
 */
export async function runLesson(source: Lesson, sandbox: LocalSandbox, options: RunOptions = {}): Promise<LessonReport> {
  const lesson = withVariables(source, {});
  const top = { file: LESSON_FILE, line: 1, column: 1 };
  if (needsLab(lesson) && !options.lab) {
    return { steps: [], problems: [{ ...top, message: 'This lesson uses the lab, and this run has none: it was read, and not run.' }] };
  }
  const desk = await LessonDesk.open(sandbox, options.lab);
  const run = new LessonRun(desk, options.report ?? (() => undefined));
  try {
    for (const failure of await desk.begin(lesson)) run.problem(top, `Of the set-up, ${failure}`);
    for (const [index, step] of lesson.steps.entries()) {
      if (!(await run.step(step, `${index + 1}/${lesson.steps.length}`))) break;
    }
    await desk.end(lesson);
  } finally {
    desk.close();
  }
  return { steps: run.steps, problems: run.problems };
}

class LessonRun {
  readonly steps: StepReport[] = [];
  readonly problems: LessonProblem[] = [];
  readonly #desk: LessonDesk;
  readonly #report: (line: string) => void;

  constructor(desk: LessonDesk, report: (line: string) => void) {
    this.#desk = desk;
    this.#report = report;
  }

  problem(place: Place, message: string): void {
    this.problems.push({ ...place, message });
  }

  /** False where the steps after it cannot be done. */
  async step(step: Step, number: string): Promise<boolean> {
    const start = performance.now();
    this.#report(`Step ${number}: ${step.title}`);
    this.#desk.beginStep();
    const before = await this.#before(step);
    const { results, failure } = await this.#solve(step);
    if (failure !== undefined) this.problem(placeOf(step), `The solution of step "${step.title}" could not be done: ${failure}`);
    this.#after(step, results);
    for (const quiz of step.quizzes) {
      for (const problem of await tryQuiz(quiz, this.#desk.probe.run)) this.problem(quiz.place, `The quiz "${quiz.source.question}": ${problem}.`);
    }
    const checks = step.checks.map((check, index) => ({
      sentence: describeCheck(check),
      before: before[index]!.outcome,
      after: results.get(check)?.outcome ?? 'broken',
    }));
    this.steps.push({ title: step.title, seconds: (performance.now() - start) / 1000, checks, quizCount: step.quizzes.length });
    return failure === undefined;
  }

  async #before(step: Step): Promise<readonly CheckResult[]> {
    const results: CheckResult[] = [];
    for (const check of step.checks) {
      const result = await evaluateCheck(check, this.#desk.probe);
      results.push(result);
      if (result.outcome === 'passed')
        this.problem(check.place, `"${describeCheck(check)}" is true before anything was done in its step: the check shows nothing.`);
      if (result.outcome === 'broken') this.problem(check.place, `"${describeCheck(check)}", before the solution: ${result.reason}`);
    }
    return results;
  }

  /** Does the solution and looks after each line, as the page does: what has passed stays passed. */
  async #solve(step: Step): Promise<{ readonly results: ReadonlyMap<Check, CheckResult>; readonly failure?: string }> {
    const results = new Map<Check, CheckResult>();
    const look = async (): Promise<boolean> => {
      for (const check of step.checks) {
        if (results.get(check)?.outcome !== 'passed') results.set(check, await evaluateCheck(check, this.#desk.probe));
      }
      return step.checks.length > 0 && step.checks.every(check => results.get(check)?.outcome === 'passed');
    };
    try {
      await runSolution(step.solution, this.#desk, look);
    } catch (error) {
      return { results, failure: messageOf(error) };
    }
    const end = performance.now() + AFTER_MILLISECONDS;
    while (!(await look()) && step.checks.length > 0 && performance.now() < end)
      await new Promise(resolve => setTimeout(resolve, PAUSE_MILLISECONDS));
    return { results };
  }

  #after(step: Step, results: ReadonlyMap<Check, CheckResult>): void {
    for (const check of step.checks) {
      const result = results.get(check);
      const sentence = describeCheck(check);
      if (result?.outcome === 'failed') {
        this.problem(
          check.place,
          `"${sentence}" is not true after the solution. Expected: ${result.expected} Found: ${result.found}\n${indented(this.#desk.terminal.shown)}`,
        );
      }
      if (result?.outcome === 'broken') this.problem(check.place, `"${sentence}", after the solution: ${result.reason}`);
    }
  }
}

/** Steps have no place of their own; their checks and quizzes have. */
function placeOf(step: Step): Place {
  return step.checks[0]?.place ?? step.quizzes[0]?.place ?? { file: LESSON_FILE, line: 1, column: 1 };
}

/** The end of what the terminal shows. */
function indented(shown: string): string {
  const lines = shown.trimEnd().split('\n').slice(-15);
  return ['The terminal shows:', ...lines].map(line => `    ${line}`).join('\n');
}
