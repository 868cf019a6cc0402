import { signal, type ReadonlySignal } from '@preact/signals';

/** A short message to the learner that goes by itself. */
export interface Message {
  readonly id: number;
  readonly text: string;
  readonly kind: 'information' | 'problem';
  readonly action?: { readonly label: string; run(): void };
}

/** A sentence for who does not see the page. */
export interface Announcement {
  readonly id: number;
  readonly text: string;
}

/** Long enough to read two sentences and reach for the button. */
const SHOWN_MILLISECONDS = 9000;
/** Read aloud by then; afterwards it would only be in the way of who reads on. */
const ANNOUNCED_MILLISECONDS = 10_000;

/** The messages now shown, and what is said to a screen reader alone. */
export class Messages {
  readonly #shown = signal<readonly Message[]>([]);
  readonly #announcements = signal<readonly Announcement[]>([]);
  #nextId = 1;
  #isHeld = false;

  get shown(): ReadonlySignal<readonly Message[]> {
    return this.#shown;
  }

  /** What is being said, the newest last: several at once are all said, and the same again is said again. */
  get announcements(): ReadonlySignal<readonly Announcement[]> {
    return this.#announcements;
  }

  show(text: string, options: { kind?: Message['kind']; action?: Message['action'] } = {}): void {
    const id = this.#nextId++;
    const { action, kind = 'information' } = options;
    const message: Message = action === undefined ? { id, text, kind } : { id, text, kind, action };
    // The same sentence twice in a row says nothing new.
    this.#shown.value = [...this.#shown.value.filter(other => other.text !== text), message].slice(-4);
    this.#expire(id);
  }

  /** While somebody is at the messages none of them goes by itself. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  problem(text: string): void {
    this.show(text, { kind: 'problem' });
  }

  dismiss(id: number): void {
    this.#shown.value = this.#shown.value.filter(message => message.id !== id);
  }

  announce(text: string): void {
    const id = this.#nextId++;
    this.#announcements.value = [...this.#announcements.value, { id, text }];
    setTimeout(() => (this.#announcements.value = this.#announcements.value.filter(other => other.id !== id)), ANNOUNCED_MILLISECONDS);
  }

  #expire(id: number): void {
    setTimeout(() => (this.#isHeld ? this.#expire(id) : this.dismiss(id)), SHOWN_MILLISECONDS);
  }
}
