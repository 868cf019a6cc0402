import { signal, type ReadonlySignal } from '@preact/signals';
import { messageOf, SandboxError, type ErrorCode } from '../../../core/base/errors.ts';
import type { Event } from '../../../core/base/events.ts';
import type { BootProgress, BootReport, EngineNews, Notice, OpenPort, Sandbox, SandboxStatus, SaveReport } from '../../../core/protocol/sandbox.ts';
import type { GuestSync } from '../workspace/guest-sync.ts';
import type { Messages } from '../messages.ts';
import type { Engine } from './engine.ts';
import type { Network } from './network.ts';

/** Where a machine is in its life, with what the page needs to show it. */
export type MachineState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly report: BootReport }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly detail: string }
  /** It ran and then died. */
  | { readonly kind: 'stopped'; readonly message: string };

/** A sandbox that may die, or be silent for a while. */
export interface MortalSandbox extends Sandbox {
  readonly onDeath: Event<SandboxError>;
  readonly onStall: Event<boolean>;
}

/** What follows a machine while it runs. */
export interface MachineFollowers {
  readonly sync: GuestSync;
  readonly engine: Engine;
  readonly messages: Messages;
  readonly network: Pick<Network, 'take'>;
  /** Resolves when the store holds the learner's files: a machine is not ready before it has them. */
  readonly filesLoaded: Promise<void>;
  onEngineNews(news: EngineNews): void;
}

/**
 * One started machine, from its start to its end. All that the page knows of a machine stands here, so that nothing of it can outlive it: the next
 * one is another run.
 */
export class MachineRun {
  readonly #followers: MachineFollowers;
  readonly #state = signal<MachineState>({ kind: 'starting' });
  readonly #progress = signal<BootProgress | undefined>(undefined);
  readonly #status = signal<SandboxStatus | undefined>(undefined);
  readonly #notices = signal<readonly Notice[]>([]);
  readonly #isStalled = signal(false);
  readonly #ports = signal<readonly OpenPort[]>([]);
  readonly #save = signal<SaveReport | undefined>(undefined);
  #sandbox: MortalSandbox | undefined;

  constructor(followers: MachineFollowers) {
    this.#followers = followers;
  }

  get state(): ReadonlySignal<MachineState> {
    return this.#state;
  }

  get progress(): ReadonlySignal<BootProgress | undefined> {
    return this.#progress;
  }

  get status(): ReadonlySignal<SandboxStatus | undefined> {
    return this.#status;
  }

  get notices(): ReadonlySignal<readonly Notice[]> {
    return this.#notices;
  }

  get isStalled(): ReadonlySignal<boolean> {
    return this.#isStalled;
  }

  get ports(): ReadonlySignal<readonly OpenPort[]> {
    return this.#ports;
  }

  get lastSave(): ReadonlySignal<SaveReport | undefined> {
    return this.#save;
  }

  /** The machine while it lives. */
  get sandbox(): MortalSandbox | undefined {
    return this.#sandbox;
  }

  /** Follows a machine that has just been made; resolves when it runs, or has failed. */
  async follow(sandbox: MortalSandbox): Promise<void> {
    const { engine, filesLoaded, messages, sync } = this.#followers;
    this.#sandbox = sandbox;
    engine.attach(sandbox);
    this.#listen(sandbox);
    try {
      const report = await sandbox.ready;
      await filesLoaded;
      if (sandbox !== this.#sandbox) return;
      await sync.attach(sandbox);
      if (sandbox !== this.#sandbox) return;
      this.#state.value = { kind: 'running', report };
      if (report.kind === 'resumed') messages.show('Your machine is back as you left it: containers, images and terminals.');
      else messages.announce('The machine is ready.');
    } catch (error) {
      if (sandbox === this.#sandbox) this.fail(error);
    }
  }

  /** It could not be started. */
  fail(error: unknown): void {
    const code = error instanceof SandboxError ? error.code : 'machine-failed';
    const cause = error instanceof Error ? error.cause : undefined;
    const sandbox = this.#sandbox;
    this.#letGo();
    this.#state.value = { kind: 'failed', code, message: messageOf(error), detail: cause === undefined ? '' : messageOf(cause) };
    void sandbox?.dispose();
  }

  /** Ends it; nothing is heard of it from now on. */
  async end(): Promise<void> {
    const sandbox = this.#sandbox;
    this.#letGo();
    await sandbox?.dispose();
  }

  dismiss(notice: Notice): void {
    this.#notices.value = this.#notices.value.filter(other => other !== notice);
  }

  /** What such notices told of is over. */
  dismissAll(code: Notice['code']): void {
    this.#notices.value = this.#notices.value.filter(other => other.code !== code);
  }

  #listen(sandbox: MortalSandbox): void {
    const { network, onEngineNews } = this.#followers;
    const whileAlive =
      <T>(listener: (value: T) => void) =>
      (value: T): void => {
        if (sandbox === this.#sandbox) listener(value);
      };
    sandbox.onProgress(whileAlive(progress => (this.#progress.value = progress)));
    sandbox.onStatus(
      whileAlive(status => {
        this.#status.value = status;
        // A guest that answers again can be reached again.
        this.#takeNotice({ code: 'guest-unreachable', message: '', canRetry: false, resolved: true });
      }),
    );
    sandbox.onEngineNews(whileAlive(onEngineNews));
    sandbox.onSave(whileAlive(report => (this.#save.value = report)));
    sandbox.onTransfer(whileAlive(transfer => network.take(transfer)));
    sandbox.onPorts(whileAlive(ports => (this.#ports.value = ports)));
    sandbox.onNotice(whileAlive(notice => this.#takeNotice(notice)));
    sandbox.onStall(whileAlive(isStalled => (this.#isStalled.value = isStalled)));
    sandbox.onDeath(
      whileAlive(error => {
        // Before it ever ran, the rejected `ready` tells more.
        if (this.#state.value.kind !== 'running') return;
        this.#letGo();
        this.#state.value = { kind: 'stopped', message: error.message };
      }),
    );
  }

  /** What follows the machine lets go of it, and what only a living one can say is no longer said. */
  #letGo(): void {
    this.#sandbox = undefined;
    this.#isStalled.value = false;
    this.#ports.value = [];
    this.#followers.sync.detach();
    this.#followers.engine.detach();
  }

  #takeNotice(notice: Notice): void {
    // What the machine waits for and what the hub could not hand out fail alike, and are two things.
    const others = this.#notices.value.filter(other => other.code !== notice.code || other.canRetry !== notice.canRetry);
    if (notice.resolved !== true) this.#notices.value = [...others, notice];
    else if (others.length < this.#notices.value.length) this.#notices.value = others;
  }
}
