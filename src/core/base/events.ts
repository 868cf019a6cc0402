/** Stops a subscription. Calling it twice does nothing. */
export type Unsubscribe = () => void;

/** Something that happens again and again: call it with a listener, get back what stops the listening. */
export type Event<T> = (listener: (value: T) => void) => Unsubscribe;

/** The owner's side of an Event. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = listener => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Calls every listener. One that throws does not keep the others from hearing; its error goes to the console. */
  emit(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        console.error('a listener failed', error);
      }
    }
  }
}
