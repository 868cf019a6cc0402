import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { EngineNews, SandboxStatus } from '../../../core/protocol/sandbox.ts';
import type { Machine } from './machine.ts';

/** What the learner is told about the machine's memory. */
export type MemoryTrouble =
  /** The kernel ended programs of these containers. */
  | { readonly kind: 'killed'; readonly containers: readonly string[] }
  /** Soon it will. */
  | { readonly kind: 'tight'; readonly availableBytes: number };

/** Shares of the memory: below the first it is tight, above the second no longer. Between them a warning does not come and go. */
const TIGHT = 0.06;
const EASY = 0.12;

/** Watches for a machine that runs out of memory: the engine's news of containers that the kernel ended, and what is left. */
export class MemoryWatch {
  readonly #trouble = signal<MemoryTrouble | undefined>(undefined);
  #isTight = false;

  constructor(machine: Pick<Machine, 'status' | 'onEngineNews'>) {
    machine.onEngineNews(news => this.#hear(news));
    effect(() => this.#see(machine.status.value));
  }

  /** Undefined while there is enough. */
  get trouble(): ReadonlySignal<MemoryTrouble | undefined> {
    return this.#trouble;
  }

  /** The learner has read it. */
  dismiss(): void {
    this.#trouble.value = undefined;
  }

  #hear(news: EngineNews): void {
    if (news.kind !== 'event' || news.event.type !== 'container' || news.event.action !== 'oom') return;
    const name = news.event.attributes['name'] ?? news.event.id.slice(0, 12);
    const before = this.#trouble.peek();
    const known = before?.kind === 'killed' ? before.containers : [];
    this.#trouble.value = { kind: 'killed', containers: [...known.filter(other => other !== name), name] };
  }

  /** Called with every report of the machine; undefined when another one begins. */
  #see(status: SandboxStatus | undefined): void {
    const before = this.#trouble.peek();
    if (status === undefined) {
      this.#isTight = false;
      this.#trouble.value = undefined;
      return;
    }
    const share = status.memoryAvailableBytes / status.memoryTotalBytes;
    if (share > EASY) {
      this.#isTight = false;
      if (before?.kind === 'tight') this.#trouble.value = undefined;
    } else if (share < TIGHT) {
      // Said once, until it was easy again: the learner may have read it already.
      if (!this.#isTight && before === undefined) this.#trouble.value = { kind: 'tight', availableBytes: status.memoryAvailableBytes };
      this.#isTight = true;
    }
  }
}
