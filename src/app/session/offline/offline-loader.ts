import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import { lazily } from '../../../core/base/lazily.ts';
import type { Notice } from '../../../core/protocol/sandbox.ts';
import type { MachineState } from '../machine/machine-run.ts';
import type { Messages } from '../messages.ts';
import type { Offline } from './offline.ts';

/** What the machine does right after its start goes first, and most often the learner's first command with it. */
const LEISURE_MILLISECONDS = 12_000;

/** Loads what keeps the site in the browser: not with the page, but once its machine runs or somebody asks. */
export class OfflineLoader {
  readonly #loaded = signal<Offline | undefined>(undefined);
  readonly #load: () => Promise<Offline>;

  /** `baseUrl` is the site's address with the release; `notices` are the machine's. */
  constructor(baseUrl: string, machine: ReadonlySignal<MachineState>, notices: ReadonlySignal<readonly Notice[]>, messages: Messages) {
    this.#load = lazily(async () => {
      const { Offline: Loaded } = await import('./offline.ts');
      return (this.#loaded.value = new Loaded(baseUrl, messages));
    });
    const stop = effect(() => {
      if (machine.value.kind !== 'running') return;
      // Not while its own effect runs: it is not known yet then.
      queueMicrotask(() => stop());
      setTimeout(() => void this.#begin(), LEISURE_MILLISECONDS);
    });
    // A server that stops answering is no event of the browser's; what could not be downloaded, or then could, tells of it.
    const failures = computed(() => notices.value.filter(({ code }) => code === 'download-failed').length);
    failures.subscribe(() => void this.#loaded.peek()?.probe());
  }

  /** Undefined until it is loaded. */
  readonly loaded: ReadonlySignal<Offline | undefined> = computed(() => this.#loaded.value);

  /** Rejects where its code cannot be loaded. */
  load(): Promise<Offline> {
    return this.#load();
  }

  async #begin(): Promise<void> {
    try {
      await (await this.#load()).begin();
    } catch (error) {
      console.warn('what keeps the page in the browser was not loaded', error);
    }
  }
}
