import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { CheckResult } from '../../../core/lesson/check/check-probe.ts';
import type { CheckTrigger } from '../../../core/lesson/check/evaluate-check.ts';
import type { Check } from '../../../core/lesson/lesson.ts';
import { QUIET_MILLISECONDS, QuietTimer } from '../quiet-timer.ts';

/** What is known of a check. */
export interface CheckState {
  /** Undefined until something was found that the learner is to see. */
  readonly result: CheckResult | undefined;
  readonly isChecking: boolean;
}

/** What becomes of a check that has not passed: it stays as it was, is shown, or is also read aloud. */
export type Loudness = 'quiet' | 'shown' | 'told';

export interface CheckRunnerOptions {
  evaluate(check: Check): Promise<CheckResult>;
  triggersOf(check: Check): ReadonlySet<CheckTrigger>;
  /** Why a check cannot be asked now, in the learner's words. */
  obstacleOf(check: Check): string | undefined;
  onResult(check: Check, result: CheckResult, before: CheckResult | undefined, loudness: Loudness): void;
}

const loudnesses: readonly Loudness[] = ['quiet', 'shown', 'told'];
const untouched: CheckState = { result: undefined, isChecking: false };

/** Evaluates the checks of one step: when something has happened that matters to them, one at a time, and never by the clock. */
export class CheckRunner {
  readonly #options: CheckRunnerOptions;
  readonly #states = signal<ReadonlyMap<string, CheckState>>(new Map());
  /** Will be asked after the quiet. */
  readonly #waiting = new Map<Check, Loudness>();
  /** Is to be asked now. */
  readonly #due = new Map<Check, Loudness>();
  #checks: readonly Check[] = [];
  readonly #quiet = new QuietTimer(() => this.#takeWaiting());
  #draining: Promise<void> | undefined;
  #commandEnd = -Infinity;
  #isInCommand = false;

  constructor(options: CheckRunnerOptions) {
    this.#options = options;
  }

  /** By the check's id. */
  readonly states: ReadonlySignal<ReadonlyMap<string, CheckState>> = computed(() => this.#states.value);

  /** Takes the checks of a step; those that have passed stay so. */
  begin(checks: readonly Check[], passed: ReadonlySet<string>): void {
    this.end();
    this.#checks = checks;
    this.#states.value = new Map(checks.map(({ id }) => [id, passed.has(id) ? { result: { outcome: 'passed' }, isChecking: false } : untouched]));
  }

  /** Asks nothing more, and believes no answer that is on its way. */
  end(): void {
    this.#quiet.cancel();
    this.#waiting.clear();
    this.#due.clear();
    this.#checks = [];
  }

  /** Looks at all that is open; what does not hold yet is no news. */
  look(): void {
    for (const check of this.#open()) this.#want(this.#waiting, check, 'quiet');
    this.#quiet.schedule();
  }

  /** Something has happened. `mayBeOwn`: perhaps through a command of a check itself, which must not call itself up again and again. */
  hear(trigger: CheckTrigger, mayBeOwn = false): void {
    const isOwn = mayBeOwn && (this.#isInCommand || performance.now() - this.#commandEnd < QUIET_MILLISECONDS);
    const touched = this.#open().filter(check => this.#options.triggersOf(check).has(trigger) && !(isOwn && check.kind === 'command'));
    // Learners who type have not finished, and neither has a program that writes: a failed check is shown, but not read aloud at every pause.
    const isUnderWay = trigger === 'files' || trigger === 'logs';
    for (const check of touched) this.#want(this.#waiting, check, isUnderWay ? 'shown' : 'told');
    if (touched.length > 0) this.#quiet.schedule();
  }

  /** Asks for all that is open, at once; resolves when all is answered. */
  checkNow(): Promise<void> {
    for (const check of this.#open()) this.#want(this.#due, check, 'told');
    for (const [check, loudness] of this.#waiting) this.#want(this.#due, check, loudness);
    this.#waiting.clear();
    for (const check of [...this.#due.keys()]) {
      const reason = this.#options.obstacleOf(check);
      if (reason !== undefined) this.#settle(check, { outcome: 'broken', reason }, 'told');
      if (reason !== undefined) this.#due.delete(check);
    }
    return this.#drain();
  }

  #open(): readonly Check[] {
    return this.#checks.filter(check => !this.#hasPassed(check));
  }

  #hasPassed({ id }: Check): boolean {
    return this.#states.value.get(id)?.result?.outcome === 'passed';
  }

  #want(list: Map<Check, Loudness>, check: Check, loudness: Loudness): void {
    const before = list.get(check) ?? 'quiet';
    list.set(check, loudnesses.indexOf(loudness) > loudnesses.indexOf(before) ? loudness : before);
  }

  #takeWaiting(): void {
    for (const [check, loudness] of this.#waiting) if (this.#options.obstacleOf(check) === undefined) this.#want(this.#due, check, loudness);
    this.#waiting.clear();
    void this.#drain();
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#askAll().finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  async #askAll(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) await this.#ask(...next);
  }

  /** A check that was wanted twice may have passed meanwhile. It stays passed: what it looked at may be forgotten by now. */
  #next(): readonly [Check, Loudness] | undefined {
    for (const [check, loudness] of this.#due) {
      this.#due.delete(check);
      if (!this.#hasPassed(check)) return [check, loudness];
    }
    return undefined;
  }

  async #ask(check: Check, loudness: Loudness): Promise<void> {
    this.#isInCommand = check.kind === 'command';
    this.#setState(check, { isChecking: true });
    let result: CheckResult;
    try {
      result = await this.#options.evaluate(check);
    } catch (error) {
      result = { outcome: 'broken', reason: messageOf(error) };
    }
    if (this.#isInCommand) this.#commandEnd = performance.now();
    this.#isInCommand = false;
    this.#settle(check, result, loudness);
  }

  #settle(check: Check, result: CheckResult, loudness: Loudness): void {
    // Another step may have begun meanwhile.
    if (!this.#checks.includes(check)) return;
    const before = this.#states.value.get(check.id)?.result;
    const isNews = result.outcome === 'passed' || loudness !== 'quiet';
    this.#setState(check, isNews ? { isChecking: false, result } : { isChecking: false });
    if (isNews) this.#options.onResult(check, result, before, loudness);
  }

  #setState(check: Check, change: Partial<CheckState>): void {
    if (!this.#checks.includes(check)) return;
    this.#states.value = new Map(this.#states.value).set(check.id, { ...(this.#states.value.get(check.id) ?? untouched), ...change });
  }
}
