import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ConsoleLine, Exchange, PageReport } from '../../../core/preview/page-report.ts';

/** The newest are kept. */
const MOST_EXCHANGES = 200;
const MOST_LINES = 500;

/** A line of the console, as the pane lists it. */
export interface ShownLine extends ConsoleLine {
  readonly id: number;
}

/** What pages of containers asked for, and what they wrote to their console, the oldest first. */
export class PageLog {
  readonly #exchanges = signal<readonly Exchange[]>([]);
  readonly #lines = signal<readonly ShownLine[]>([]);
  #lastLine = 0;

  readonly exchanges: ReadonlySignal<readonly Exchange[]> = computed(() => this.#exchanges.value);
  readonly lines: ReadonlySignal<readonly ShownLine[]> = computed(() => this.#lines.value);

  take(report: PageReport): void {
    if (report.kind === 'preview-console') this.#lines.value = [...this.#lines.value, { ...report, id: ++this.#lastLine }].slice(-MOST_LINES);
    else this.#exchanges.value = withExchange(this.#exchanges.value, report).slice(-MOST_EXCHANGES);
  }

  clear(): void {
    this.#exchanges.value = [];
    this.#lines.value = [];
  }
}

function withExchange(known: readonly Exchange[], exchange: Exchange): readonly Exchange[] {
  return known.some(({ id }) => id === exchange.id) ? known.map(one => (one.id === exchange.id ? exchange : one)) : [...known, exchange];
}
