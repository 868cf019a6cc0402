import { signal, type ReadonlySignal } from '@preact/signals';

/** A short message to the learner that goes by itself. */
export interface Message {
  readonly id: number;
  readonly text: string;
  readonly kind: 'information' | 'problem';
  readonly action?: { readonly label: string; run(): void };
}

/** Long enough to read two sentences and reach for the button. */
const SHOWN_MILLISECONDS = 9000;

/** The messages now shown, and what is said to a screen reader alone. */
export class Messages {
  readonly #shown = signal<readonly Message[]>([]);
  readonly #announcement = signal('');
  #nextId = 1;

  get shown(): ReadonlySignal<readonly Message[]> {
    return this.#shown;
  }

  get announcement(): ReadonlySignal<string> {
    return this.#announcement;
  }

  show(text: string, options: { kind?: Message['kind']; action?: Message['action'] } = {}): void {
    const id = this.#nextId++;
    const { action, kind = 'information' } = options;
    const message: Message = action === undefined ? { id, text, kind } : { id, text, kind, action };
    // The same sentence twice in a row says nothing new.
    this.#shown.value = [...this.#shown.value.filter(other => other.text !== text), message].slice(-4);
    setTimeout(() => this.dismiss(id), SHOWN_MILLISECONDS);
  }

  problem(text: string): void {
    this.show(text, { kind: 'problem' });
  }

  dismiss(id: number): void {
    this.#shown.value = this.#shown.value.filter(message => message.id !== id);
  }

  announce(text: string): void {
    this.#announcement.value = text;
  }
}
