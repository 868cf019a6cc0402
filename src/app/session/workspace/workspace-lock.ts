import { Emitter, type Event } from '../../../core/base/events.ts';

/** How long the owner may take to store its last keystrokes and its machine before the workspace is taken from it. */
const HAND_OVER_MILLISECONDS = 4000;

/**
 * Says which tab may write the workspace: one at a time, by a Web Lock. Another tab can ask for it; the owner then stores
 * what it has and lets go, and an owner that does not answer loses it.
 */
export class WorkspaceLock {
  readonly #name: string;
  readonly #channel: BroadcastChannel | undefined;
  readonly #lost = new Emitter<void>();
  readonly #beforeRelease: () => Promise<void>;
  #release: (() => void) | undefined;

  constructor(name: string, beforeRelease: () => Promise<void>) {
    this.#name = name;
    this.#beforeRelease = beforeRelease;
    // Frames without storage have neither locks nor a common channel: there is nothing to share, so nothing to guard.
    this.#channel = locksWork() ? new BroadcastChannel(name) : undefined;
    this.#channel?.addEventListener('message', () => void this.#handOver());
  }

  /** Fires when another tab has taken the workspace. */
  readonly onLost: Event<void> = listener => this.#lost.event(listener);

  /** Resolves to whether this tab now owns the workspace; false where another tab does. */
  async tryAcquire(): Promise<boolean> {
    if (this.#channel === undefined) return true;
    // A frame of an opaque origin has the function and refuses the call: it shares no storage either.
    return this.#request({ ifAvailable: true }).catch(() => true);
  }

  /** Resolves when this tab owns the workspace because the other one was closed. */
  async waitUntilFree(signal: AbortSignal): Promise<boolean> {
    return this.#request({ signal }).catch(() => false);
  }

  /** Takes the workspace from the tab that owns it. */
  async takeOver(): Promise<void> {
    this.#channel?.postMessage('hand over');
    const patience = AbortSignal.timeout(HAND_OVER_MILLISECONDS);
    if (await this.waitUntilFree(patience)) return;
    await this.#request({ steal: true });
  }

  #request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(this.#name, options, lock => {
          resolve(lock !== null);
          if (lock === null) return undefined;
          return new Promise<void>(release => {
            this.#release = release;
          });
        })
        .catch((error: unknown) => {
          // Either the request was given up, or the lock was stolen after it had been granted.
          reject(error);
          if (this.#release !== undefined) this.#drop();
        });
    });
  }

  async #handOver(): Promise<void> {
    if (this.#release === undefined) return;
    await this.#beforeRelease();
    this.#drop();
  }

  #drop(): void {
    const release = this.#release;
    if (release === undefined) return;
    this.#release = undefined;
    release();
    this.#lost.emit();
  }
}

function locksWork(): boolean {
  try {
    return navigator.locks !== undefined && typeof indexedDB !== 'undefined' && typeof BroadcastChannel !== 'undefined';
  } catch {
    return false;
  }
}
