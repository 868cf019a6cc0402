import { signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../core/base/errors.ts';

/** What the learner is asked before something is lost. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly isDangerous: boolean;
}

/** Something a button does, and the command that does the same. */
export interface PaneAction {
  readonly label: string;
  readonly command: string;
  /** Asked first, where something is lost. */
  readonly question?: Question;
  run(): Promise<void>;
}

/** The state of the last action on something. */
export interface ActionState {
  /** The label of the action under way. */
  readonly busy?: string;
  readonly error?: string;
}

/** What is being done to the things of the pane, by the id of the thing, and what went wrong: told where the button is. */
export class PaneActions {
  readonly #states = signal<ReadonlyMap<string, ActionState>>(new Map());
  readonly #command = signal('');
  readonly #ask: (question: Question) => Promise<string | undefined>;

  /** `ask` resolves to undefined if the learners changed their mind. */
  constructor(ask: (question: Question) => Promise<string | undefined>) {
    this.#ask = ask;
  }

  /** The command of the button last pointed at: the pane shows it. */
  get command(): ReadonlySignal<string> {
    return this.#command;
  }

  point(command: string): void {
    this.#command.value = command;
  }

  stateOf(id: string): ActionState {
    return this.#states.value.get(id) ?? {};
  }

  /** Does it, after the question if there is one. Never rejects: what went wrong is the thing's error. */
  async run(id: string, action: PaneAction): Promise<void> {
    if (this.stateOf(id).busy !== undefined) return;
    if (action.question !== undefined && (await this.#ask(action.question)) === undefined) return;
    this.#set(id, { busy: action.label });
    try {
      await action.run();
      this.#set(id, {});
    } catch (error) {
      this.#set(id, { error: messageOf(error) });
    }
  }

  dismiss(id: string): void {
    this.#set(id, {});
  }

  #set(id: string, state: ActionState): void {
    const states = new Map(this.#states.value);
    if (state.busy === undefined && state.error === undefined) states.delete(id);
    else states.set(id, state);
    this.#states.value = states;
  }
}
