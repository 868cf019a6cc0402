import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';

/** Whether the nearest image answers to the name asked for: as the learner chose, else as the site has it, else not. */
export class NearestChoice {
  readonly #chosen: Signal<boolean | undefined>;
  readonly #ofSite = signal(false);

  /** `chosen` is kept with the settings. */
  constructor(chosen: Signal<boolean | undefined>) {
    this.#chosen = chosen;
  }

  readonly isOn: ReadonlySignal<boolean> = computed(() => this.#chosen.value ?? this.#ofSite.value);

  /** Takes the site's setting over when it is read; without it, the site has none. */
  async follow(ofSite: Promise<boolean>): Promise<void> {
    try {
      this.#ofSite.value = await ofSite;
    } catch (error) {
      console.warn('the site says nothing about nearest images', messageOf(error));
    }
  }

  choose(isOn: boolean): void {
    this.#chosen.value = isOn;
  }
}
