import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import { fileAddress } from '../../../core/offline/release.ts';
import { fetchLessonText } from './lesson-source.ts';

/** One lesson of the site's course, as `lessons/index.json` lists it. */
export interface CourseEntry {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly minutes: number;
  readonly steps: readonly { readonly id: string; readonly title: string }[];
}

/** The lessons that the site serves, in their order: asked for once, and again only after a failure. */
export class Course {
  readonly #baseUrl: string;
  readonly #entries = signal<readonly CourseEntry[] | undefined>(undefined);
  readonly #problem = signal<string | undefined>(undefined);
  #loading: Promise<void> | undefined;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Undefined until they are known; empty on a site without lessons. */
  readonly entries: ReadonlySignal<readonly CourseEntry[] | undefined> = computed(() => this.#entries.value);
  /** Why they are not known. */
  readonly problem: ReadonlySignal<string | undefined> = computed(() => this.#problem.value);

  /** Where a lesson's packed file lies. */
  addressOf(id: string): string {
    return fileAddress(this.#baseUrl, `lessons/${id}.lesson.json`);
  }

  /** The lesson after this one. */
  after(id: string): CourseEntry | undefined {
    const entries = this.#entries.value ?? [];
    const index = entries.findIndex(entry => entry.id === id);
    return index < 0 ? undefined : entries[index + 1];
  }

  /** Reads the list unless it is known or being read. Never rejects: see `problem`. */
  load(): Promise<void> {
    if (this.#entries.value !== undefined) return Promise.resolve();
    this.#loading ??= this.#read().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #read(): Promise<void> {
    this.#problem.value = undefined;
    try {
      this.#entries.value = parseCourse(await fetchLessonText(fileAddress(this.#baseUrl, 'lessons/index.json'), false));
    } catch (error) {
      this.#problem.value = messageOf(error);
    }
  }
}

/** Reads the list; throws `download-damaged` where it is not one. */
export function parseCourse(text: string): readonly CourseEntry[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every(isEntry)) return list;
  } catch {
    // Told below.
  }
  throw new SandboxError('download-damaged', 'The list of lessons is damaged. Reload the page; if that does not help, tell whoever runs the site.');
}

function isEntry(value: unknown): value is CourseEntry {
  const { id, title, summary, minutes, steps } = (value ?? {}) as Partial<Record<keyof CourseEntry, unknown>>;
  const areTexts = [id, title, summary].every(text => typeof text === 'string');
  return areTexts && typeof minutes === 'number' && Array.isArray(steps) && steps.every(isStep);
}

function isStep(value: unknown): boolean {
  const { id, title } = (value ?? {}) as { id?: unknown; title?: unknown };
  return typeof id === 'string' && typeof title === 'string';
}
