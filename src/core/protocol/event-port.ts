import { Emitter, type Event, type Unsubscribe } from '../base/events.ts';
import type { FileChange } from '../workspace/file-change.ts';
import type { BootProgress, EngineNews, Notice, OpenPort, Sandbox, SandboxStatus, SaveReport, Transfer } from './sandbox.ts';

/** What the worker tells the page without being asked. */
export type SandboxMessage =
  | { readonly kind: 'progress'; readonly value: BootProgress }
  | { readonly kind: 'status'; readonly value: SandboxStatus }
  | { readonly kind: 'file-change'; readonly value: FileChange }
  | { readonly kind: 'notice'; readonly value: Notice }
  | { readonly kind: 'engine-news'; readonly value: EngineNews }
  | { readonly kind: 'ports'; readonly value: readonly OpenPort[] }
  | { readonly kind: 'save'; readonly value: SaveReport }
  | { readonly kind: 'transfer'; readonly value: Transfer }
  /** The worker now holds its life lock: the next holder of that lock knows that the worker is gone. */
  | { readonly kind: 'life-lock-held' }
  | { readonly kind: 'pong' };

/** What the page says on the same port: a question that only a living, unblocked worker answers. */
export type PageMessage = { readonly kind: 'ping' };

/** Sends a sandbox's events to a port and answers pings on it. */
export function serveEvents(sandbox: Sandbox, port: MessagePort): Unsubscribe {
  const send = (message: SandboxMessage): void => port.postMessage(message);
  const subscriptions = [
    sandbox.onProgress(value => send({ kind: 'progress', value })),
    sandbox.onStatus(value => send({ kind: 'status', value })),
    sandbox.onFileChange(value => send({ kind: 'file-change', value })),
    sandbox.onNotice(value => send({ kind: 'notice', value })),
    sandbox.onEngineNews(value => send({ kind: 'engine-news', value })),
    sandbox.onPorts(value => send({ kind: 'ports', value })),
    sandbox.onSave(value => send({ kind: 'save', value })),
    sandbox.onTransfer(value => send({ kind: 'transfer', value })),
  ];
  port.onmessage = () => send({ kind: 'pong' });
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
    port.close();
  };
}

/** The page's end: the sandbox's events again, and when it was last heard. */
export class RemoteEvents {
  readonly #progress = new Emitter<BootProgress>();
  readonly #status = new Emitter<SandboxStatus>();
  readonly #fileChange = new Emitter<FileChange>();
  readonly #notice = new Emitter<Notice>();
  readonly #engineNews = new Emitter<EngineNews>();
  readonly #ports = new Emitter<readonly OpenPort[]>();
  readonly #save = new Emitter<SaveReport>();
  readonly #transfer = new Emitter<Transfer>();
  readonly #lifeLockHeld = new Emitter<void>();
  readonly #heard = new Emitter<void>();
  readonly #port: MessagePort;
  /** One for each ping that is under way, in order; most are waited for by nobody. */
  readonly #pings: (() => void)[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = (event: { data: unknown }) => this.#receive(event.data as SandboxMessage);
  }

  readonly onProgress: Event<BootProgress> = listener => this.#progress.event(listener);
  readonly onStatus: Event<SandboxStatus> = listener => this.#status.event(listener);
  readonly onFileChange: Event<FileChange> = listener => this.#fileChange.event(listener);
  readonly onNotice: Event<Notice> = listener => this.#notice.event(listener);
  readonly onEngineNews: Event<EngineNews> = listener => this.#engineNews.event(listener);
  readonly onPorts: Event<readonly OpenPort[]> = listener => this.#ports.event(listener);
  readonly onSave: Event<SaveReport> = listener => this.#save.event(listener);
  readonly onTransfer: Event<Transfer> = listener => this.#transfer.event(listener);
  readonly onLifeLockHeld: Event<void> = listener => this.#lifeLockHeld.event(listener);
  /** Any sign of life. */
  readonly onHeard: Event<void> = listener => this.#heard.event(listener);

  ping(): void {
    void this.roundTrip();
  }

  /** Resolves when everything that was told before now has been heard; never, where the worker is dead. */
  roundTrip(): Promise<void> {
    const message: PageMessage = { kind: 'ping' };
    const heard = new Promise<void>(resolve => this.#pings.push(resolve));
    this.#port.postMessage(message);
    return heard;
  }

  close(): void {
    this.#port.close();
  }

  #receive(message: SandboxMessage): void {
    this.#heard.emit();
    if (message.kind === 'progress') this.#progress.emit(message.value);
    else if (message.kind === 'status') this.#status.emit(message.value);
    else if (message.kind === 'file-change') this.#fileChange.emit(message.value);
    else if (message.kind === 'notice') this.#notice.emit(message.value);
    else if (message.kind === 'engine-news') this.#engineNews.emit(message.value);
    else if (message.kind === 'ports') this.#ports.emit(message.value);
    else if (message.kind === 'save') this.#save.emit(message.value);
    else if (message.kind === 'transfer') this.#transfer.emit(message.value);
    else if (message.kind === 'life-lock-held') this.#lifeLockHeld.emit();
    else this.#pings.shift()?.();
  }
}
