import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import type { Unsubscribe } from '../../../core/base/events.ts';
import type { Sandbox } from '../../../core/protocol/sandbox.ts';
import { isWithin, type WorkspacePath } from '../../../core/workspace/path.ts';
import type { FileChange } from '../../../core/workspace/file-change.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** How long a change may wait for more of its kind before it goes to the guest. */
const SEND_DELAY_MILLISECONDS = 120;

/** Keeps the guest's /workspace and the store the same, both ways. The learner's newer text wins over the guest's. */
export class GuestSync {
  readonly #store: WorkspaceStore;
  readonly #report: (message: string) => void;
  #sandbox: Sandbox | undefined;
  #waiting: FileChange[] = [];
  #inFlight: readonly FileChange[] = [];
  #sending: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopListening: Unsubscribe = () => undefined;

  constructor(store: WorkspaceStore, report: (message: string) => void) {
    this.#store = store;
    this.#report = report;
    store.onChange(({ change, origin }) => {
      if (origin === 'guest' || this.#sandbox === undefined) return;
      this.#waiting = addChange(this.#waiting, change);
      this.#timer ??= setTimeout(() => void this.flush(), SEND_DELAY_MILLISECONDS);
    });
  }

  /** Gives a machine that has just come up all files, in place of those of its life before, and follows it from then on. */
  async attach(sandbox: Sandbox): Promise<void> {
    this.detach();
    this.#sandbox = sandbox;
    this.#stopListening = sandbox.onFileChange(change => this.#receive(change));
    const files = this.#store.asChanges();
    this.#sending = this.#sending.then(() => this.#deliver(files, () => sandbox.replaceFiles(files)));
    await this.flush();
  }

  detach(): void {
    this.#stopListening();
    this.#sandbox = undefined;
    this.#waiting = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Resolves when the guest has every change made so far, or the failure was reported. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  async #send(): Promise<void> {
    const sandbox = this.#sandbox;
    if (sandbox === undefined || this.#waiting.length === 0) return;
    const changes = this.#waiting;
    this.#waiting = [];
    await this.#deliver(changes, () => sandbox.applyFiles(changes));
  }

  async #deliver(changes: readonly FileChange[], deliver: () => Promise<void>): Promise<void> {
    this.#inFlight = changes;
    try {
      await deliver();
    } catch (error) {
      // A dead machine is told of elsewhere; the next one gets all files anyway.
      if (error instanceof SandboxError && error.code === 'machine-stopped') return;
      this.#report(`Files could not be put into the machine: ${messageOf(error)}`);
    } finally {
      this.#inFlight = [];
    }
  }

  #receive(change: FileChange): void {
    const path = change.kind === 'renamed' ? change.to : change.path;
    if ([...this.#inFlight, ...this.#waiting].some(own => touches(own, path))) {
      this.#report(`"${path}" was changed both by you and in the machine: your text was kept.`);
      return;
    }
    try {
      this.#store.applyGuestChange(change);
    } catch (error) {
      this.#report(`${messageOf(error)} It stays in the machine only.`);
    }
  }
}

function touches(change: FileChange, path: WorkspacePath): boolean {
  return isWithin(path, change.path) || (change.kind === 'renamed' && isWithin(path, change.to));
}

/** Typing gives a change per key: only the last text of a path in a row needs to be sent. */
function addChange(waiting: FileChange[], change: FileChange): FileChange[] {
  const last = waiting.at(-1);
  const replaces = change.kind === 'written' && last?.kind === 'written' && last.path === change.path;
  return [...(replaces ? waiting.slice(0, -1) : waiting), change];
}
