import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { HubImageSummary } from '../../../core/protocol/sandbox.ts';

/** What `docker pull` finds. It is the site's and never changes while the page is open: asked for once, and again only after a failure. */
export class Library {
  readonly #ask: () => Promise<readonly HubImageSummary[]>;
  readonly #images = signal<readonly HubImageSummary[] | undefined>(undefined);
  readonly #problem = signal<string | undefined>(undefined);
  #loading: Promise<void> | undefined;

  constructor(ask: () => Promise<readonly HubImageSummary[]>) {
    this.#ask = ask;
  }

  /** Undefined until it is known. */
  readonly images: ReadonlySignal<readonly HubImageSummary[] | undefined> = computed(() => this.#images.value);
  /** Why it could not be read; undefined while it is read and when it was. */
  readonly problem: ReadonlySignal<string | undefined> = computed(() => this.#problem.value);
  /** `name:tag` of everything in it, for the editor. */
  readonly references: ReadonlySignal<readonly string[]> = computed(() => (this.#images.value ?? []).flatMap(referencesOf));

  /** Reads it unless it is known or being read. Never rejects: see `problem`. */
  load(): Promise<void> {
    if (this.#images.value !== undefined) return Promise.resolve();
    this.#loading ??= this.#read().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #read(): Promise<void> {
    this.#problem.value = undefined;
    try {
      this.#images.value = await this.#ask();
    } catch (error) {
      this.#problem.value = messageOf(error);
    }
  }
}

/** The names by which an image of the library is pulled. */
export function referencesOf({ name, tags }: Pick<HubImageSummary, 'name' | 'tags'>): readonly string[] {
  return tags.map(tag => `${name}:${tag}`);
}
