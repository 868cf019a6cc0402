import type { DockerClient } from '../../../core/docker/docker-client.ts';

/** Tells when one of some containers writes, as long as it runs: the engine has no event for that, and nothing here is asked by the clock. */
export class LogWatch {
  readonly #client: () => DockerClient;
  readonly #onWritten: () => void;
  readonly #followed = new Map<string, AbortController>();

  constructor(client: () => DockerClient, onWritten: () => void) {
    this.#client = client;
    this.#onWritten = onWritten;
  }

  /** Follows a running container. What it wrote last is told once more, for it may have come after somebody had read. */
  follow(id: string): void {
    if (this.#followed.has(id)) return;
    const end = new AbortController();
    this.#followed.set(id, end);
    void this.#read(id, end.signal).finally(() => {
      if (this.#followed.get(id) === end) this.#followed.delete(id);
    });
  }

  /** Follows nothing any more. */
  end(): void {
    for (const end of this.#followed.values()) end.abort();
    this.#followed.clear();
  }

  async #read(id: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const piece of this.#client().logs(id, { tail: 1, follow: true, signal })) if (piece.bytes.length > 0) this.#onWritten();
    } catch {
      // The container is gone, or the machine is: their own events tell that.
    }
  }
}
