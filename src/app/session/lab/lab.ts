import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import { Emitter, type Event } from '../../../core/base/events.ts';
import { messageOf } from '../../../core/base/errors.ts';
import type { Lab } from '../../../core/lab/lab.ts';
import { emptyLab, VM_PORT, type LabState } from '../../../core/lab/lab-state.ts';
import type { LabMoment } from '../../../core/lesson/check/check-schema.ts';
import { PREVIEW_VERSION, type AnswerMessage, type PreviewCall } from '../../../core/preview/preview-call.ts';
import type { PreviewServer } from '../../../core/preview/preview-server.ts';
import type { TerminalSession, TerminalSize } from '../../../core/protocol/sandbox.ts';
import type { LessonRun } from '../lesson/lesson-run.ts';
import type { Machine } from '../machine/machine.ts';
import { stored } from '../settings.ts';

/** What learners expect to be measured, as they wrote it, by the id of a row of the table and whose it is: `time.vm`. */
export type Predictions = Readonly<Record<string, string>>;

/** The lab on the page: its state as a signal, its code loaded when somebody goes there. */
export class LabSession {
  readonly #baseUrl: string;
  readonly #machine: Machine;
  readonly #state = signal(emptyLab);
  readonly #moment = new Emitter<LabMoment>();
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;

  constructor(baseUrl: string, machine: Machine) {
    this.#baseUrl = baseUrl;
    this.#machine = machine;
  }

  readonly state: ReadonlySignal<LabState> = computed(() => this.#state.value);
  readonly predictions = stored<Predictions>('lab-predictions', {}, isPredictions);
  /** What a lesson's `lab` checks ask for. */
  readonly onMoment: Event<LabMoment> = listener => this.#moment.event(listener);

  /** Puts the guesses of a lesson's quizzes into the table, as they are given. */
  follow(run: ReadonlySignal<LessonRun | undefined>): void {
    effect(() => {
      const guesses = run.value === undefined ? [] : guessesOf(run.value);
      if (guesses.length > 0) this.predictions.value = { ...this.predictions.peek(), ...Object.fromEntries(guesses) };
    });
  }

  /** Loads the lab's code and begins to listen to the engine: from then on a container of the lab is known of. */
  async open(): Promise<void> {
    await this.#lab();
  }

  /** Does what a button or a lesson says (`start vm`); resolves when it is done. */
  async act(action: string): Promise<void> {
    await (await this.#lab()).act(action);
  }

  async measure(): Promise<void> {
    await (await this.#lab()).measure();
  }

  async openConsole(size: TerminalSize): Promise<TerminalSession> {
    return (await this.#lab()).openConsole(size);
  }

  /** Answers a request to the port at which the page shows the virtual machine; false if the port is a different one, or if no machine runs. */
  servePreview(call: PreviewCall, port: MessagePort): boolean {
    const opened = this.#opened;
    if (opened === undefined || call.route.port !== VM_PORT || this.#state.value.vm.phase !== 'running') return false;
    const say = (message: AnswerMessage): void => port.postMessage(message);
    if (call.version !== PREVIEW_VERSION) {
      say({ kind: 'not-here', why: 'other-version' });
      return true;
    }
    say({ kind: 'taken' });
    opened.previews.serve(call, port).catch((error: unknown) => console.warn('a request to the virtual machine was lost', error));
    return true;
  }

  /** Switches the virtual machine off, if one runs: the page has given up its workspace, and nobody sees it any more. */
  async leave(): Promise<void> {
    await this.#opened?.lab.dispose();
  }

  async #lab(): Promise<Lab> {
    this.#opening ??= this.#load();
    try {
      this.#opened = await this.#opening;
      return this.#opened.lab;
    } catch (error) {
      // What could not be loaded may come the next time.
      this.#opening = undefined;
      throw new Error(`The lab could not be loaded: ${messageOf(error)}. Check your connection, then try again.`, { cause: error });
    }
  }

  async #load(): Promise<Opened> {
    const { openLab } = await import('./open-lab.ts');
    const opened = openLab(this.#baseUrl);
    opened.lab.onChange(state => (this.#state.value = state));
    opened.lab.onMoment(moment => this.#moment.emit(moment));
    effect(() => opened.lab.attach(this.#machine.state.value.kind === 'running' ? this.#machine : undefined));
    return opened;
  }
}

/** What was answered to quizzes that guess a measurement, by what they guess. */
function guessesOf({ lesson, quizzes }: LessonRun): [string, string][] {
  const states = quizzes.states.value;
  return lesson.value.steps.flatMap(step =>
    step.quizzes.flatMap((quiz): [string, string][] => {
      const measure = quiz.kind === 'prediction' ? quiz.source.measure : undefined;
      const answer = states.get(quiz.id)?.answer;
      return measure !== undefined && typeof answer === 'string' ? [[measure, answer]] : [];
    }),
  );
}

/** What is there once the lab's code is. */
export interface Opened {
  readonly lab: Lab;
  /** Answers requests of the Browser pane with the virtual machine's pages. */
  readonly previews: Pick<PreviewServer, 'serve'>;
}

function isPredictions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(one => typeof one === 'string');
}
