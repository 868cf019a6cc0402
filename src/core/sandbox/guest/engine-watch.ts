import { Emitter, type Event } from '../../base/events.ts';
import type { DockerClient } from '../../docker/docker-client.ts';
import type { EngineNews } from '../../docker/engine-types.ts';

/** Pauses before the stream of events is opened again, in milliseconds: the last one for as long as it does not open. */
const PAUSES_MILLISECONDS = [250, 1000, 4000, 15_000];

/**
 * The one watch over the engine: code that keeps something about the engine (published ports, the page's lists) learns here when to ask again.
 * One stream of events for all, opened again after a break; until `stop`.
 */
export class EngineWatch {
  readonly #news = new Emitter<EngineNews>();
  readonly onNews: Event<EngineNews> = this.#news.event;
  readonly #docker: Pick<DockerClient, 'events'>;
  readonly #pauses: readonly number[];
  readonly #abort = new AbortController();
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins at once; `pauses` in milliseconds. */
  constructor(docker: Pick<DockerClient, 'events'>, pauses: readonly number[] = PAUSES_MILLISECONDS) {
    this.#docker = docker;
    this.#pauses = pauses;
    void this.#follow();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  async #follow(): Promise<void> {
    try {
      const events = await this.#docker.events(this.#abort.signal);
      this.#failures = 0;
      this.#news.emit({ kind: 'watching' });
      for await (const event of events) this.#news.emit({ kind: 'event', event });
    } catch {
      // An engine that is restarted or a guest that is busy: the sandbox's status tells of it, and the stream is tried again.
    }
    if (this.#abort.signal.aborted) return;
    const pause = this.#pauses[Math.min(this.#failures++, this.#pauses.length - 1)];
    this.#timer = setTimeout(() => void this.#follow(), pause);
  }
}
