import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { Transfer, UpstreamChoice } from '../../../core/protocol/sandbox.ts';
import { hasUpstreams, NO_UPSTREAMS, type UpstreamSettings } from '../../../core/upstream/upstream-settings.ts';

/** How many requests the page remembers. */
const REMEMBERED = 200;

/** The servers outside that the sandbox may ask: those that the site names, if the learner wants it. And what was asked of them. */
export class Network {
  readonly #wanted: Signal<boolean>;
  readonly #settings = signal<UpstreamSettings>(NO_UPSTREAMS);
  readonly #problem = signal<string | undefined>(undefined);
  readonly #transfers = signal<readonly Transfer[]>([]);

  /** `wanted` is kept with the settings. No lesson and no host page sets it. */
  constructor(wanted: Signal<boolean>) {
    this.#wanted = wanted;
  }

  /** What the site allows. */
  readonly settings: ReadonlySignal<UpstreamSettings> = computed(() => this.#settings.value);
  readonly isAllowed: ReadonlySignal<boolean> = computed(() => hasUpstreams(this.#settings.value));
  readonly isOpen: ReadonlySignal<boolean> = computed(() => this.#wanted.value && this.isAllowed.value);
  readonly choice: ReadonlySignal<UpstreamChoice> = computed(() => ({ settings: this.#settings.value, isOpen: this.isOpen.value }));
  /** Why the site's settings could not be read. */
  readonly problem: ReadonlySignal<string | undefined> = computed(() => this.#problem.value);
  /** What went out since the page was opened, the newest first. */
  readonly transfers: ReadonlySignal<readonly Transfer[]> = computed(() => this.#transfers.value);
  readonly running: ReadonlySignal<readonly Transfer[]> = computed(() => this.#transfers.value.filter(({ state }) => state === 'running'));

  /** Takes the site's settings over when they are read. */
  async follow(ofSite: Promise<UpstreamSettings>): Promise<void> {
    try {
      this.#settings.value = await ofSite;
    } catch (error) {
      this.#problem.value = messageOf(error);
    }
  }

  choose(isOpen: boolean): void {
    this.#wanted.value = isOpen;
  }

  /** Takes a request, or how far it has come. */
  take(transfer: Transfer): void {
    const others = this.#transfers.value.filter(({ id }) => id !== transfer.id);
    const isNew = others.length === this.#transfers.value.length;
    const all = isNew ? [transfer, ...others] : this.#transfers.value.map(one => (one.id === transfer.id ? transfer : one));
    this.#transfers.value = all.slice(0, REMEMBERED);
  }

  /** A machine that has gone takes its requests with it; their numbers begin anew. */
  forget(): void {
    this.#transfers.value = [];
  }
}
