import { messageOf, SandboxError } from '../core/base/errors.ts';
import { Emitter } from '../core/base/events.ts';
import { EmbedClient } from '../core/embed/embed-client.ts';
import type { EmbedCallName, EmbedCalls, EmbedEvent } from '../core/embed/embed-messages.ts';
import { embedUrl } from '../core/embed/embed-options.ts';
import { decodeError } from '../core/protocol/error-codec.ts';
import type { CheckReport, CommandResult, EmbeddedSandbox, ReadyReport, RunOptions, SandboxEvents } from './embed.d.ts';
import { linkFrame, type FrameLink } from './frame-link.ts';
import type { CheckedOptions } from './options.ts';

/** A machine that has not come up by then never does. */
const START_MILLISECONDS = 600_000;
const COMMAND_MILLISECONDS = 120_000;
const FILES_MILLISECONDS = 60_000;
const CHECK_MILLISECONDS = 300_000;
/** Given to the frame beyond its own bound: its word for what went wrong is the better one. */
const GRACE_MILLISECONDS = 15_000;

/** What the frame may do that browsers ask the host's page about. */
const PERMISSIONS = 'clipboard-read; clipboard-write';
const STYLE = 'display:block;width:100%;height:100%;min-height:320px;border:0';

type Listeners = { readonly [K in keyof SandboxEvents]: Emitter<SandboxEvents[K]> };

/** The host's side of one frame: a connection that is made anew where the frame is loaded anew. */
export class FrameSandbox implements EmbeddedSandbox {
  readonly frame: HTMLIFrameElement;
  readonly #options: CheckedOptions;
  readonly #listeners: Listeners = { progress: new Emitter(), 'step-passed': new Emitter(), 'lesson-completed': new Emitter(), error: new Emitter() };
  #link!: FrameLink;
  #client!: Promise<EmbedClient>;
  #ready!: Promise<ReadyReport>;
  #isLoaded = false;
  #isDisposed = false;

  constructor(element: HTMLElement, options: CheckedOptions) {
    this.#options = options;
    this.frame = document.createElement('iframe');
    this.frame.title = options.title;
    this.frame.allow = PERMISSIONS;
    this.frame.style.cssText = STYLE;
    this.frame.src = embedUrl(options.site, options.embed);
    this.frame.addEventListener('load', this.#onLoad);
    this.#connect();
    element.append(this.frame);
  }

  get ready(): Promise<ReadyReport> {
    return this.#ready;
  }

  run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    const patience = (options.timeoutMilliseconds ?? COMMAND_MILLISECONDS) + START_MILLISECONDS + GRACE_MILLISECONDS;
    return this.#call('run', { ...options, command }, patience);
  }

  readFile(path: string, as?: 'text'): Promise<string | undefined>;
  readFile(path: string, as: 'bytes'): Promise<Uint8Array | undefined>;
  async readFile(path: string, as: 'text' | 'bytes' = 'text'): Promise<string | Uint8Array | undefined> {
    const bytes = await this.#call('readFile', { path }, FILES_MILLISECONDS);
    return bytes === undefined || as === 'bytes' ? bytes : new TextDecoder().decode(bytes);
  }

  writeFiles(files: Readonly<Record<string, string | Uint8Array | null>>): Promise<void> {
    return this.#call('writeFiles', { files }, FILES_MILLISECONDS);
  }

  check(): Promise<CheckReport> {
    return this.#call('check', {}, START_MILLISECONDS + CHECK_MILLISECONDS + GRACE_MILLISECONDS);
  }

  on<K extends keyof SandboxEvents>(event: K, listener: (detail: SandboxEvents[K]) => void): () => void {
    const emitter = this.#listeners[event];
    if (emitter === undefined) throw new TypeError(`There is no event "${event}": there are ${Object.keys(this.#listeners).join(', ')}.`);
    return emitter.event(listener);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#disconnect(new SandboxError('cancelled', 'The sandbox was taken off the page.'));
    this.frame.removeEventListener('load', this.#onLoad);
    this.frame.remove();
  }

  /** A second load is a reload of the frame: what was connected is gone with its document. */
  readonly #onLoad = (): void => {
    if (this.#isLoaded) {
      this.#disconnect(new SandboxError('machine-stopped', 'The frame was loaded anew: its machine starts again.'));
      this.#connect();
    }
    this.#isLoaded = true;
    this.#link.ask();
  };

  #connect(): void {
    this.#link = linkFrame(this.frame, new URL(this.#options.site).origin);
    this.#client = this.#link.port.then(port => new EmbedClient(port, event => this.#tell(event)));
    const { files } = this.#options;
    const opened = this.#call('open', files === undefined ? {} : { files }, FILES_MILLISECONDS);
    const ready = opened.then(() => this.#call('ready', {}, START_MILLISECONDS + GRACE_MILLISECONDS));
    this.#ready = ready;
    ready.catch(() => undefined);
    // Told as an event as well, as the frame does for what goes wrong in it: not every host looks at `ready`.
    const link = this.#link;
    link.port.catch((error: unknown) => {
      if (link === this.#link && !this.#isDisposed) this.#listeners.error.emit(asSandboxError(error));
    });
  }

  #disconnect(error: SandboxError): void {
    this.#link.end(error);
    this.#client.then(
      client => client.close(error),
      () => undefined,
    );
  }

  async #call<K extends EmbedCallName>(
    name: K,
    parameters: EmbedCalls[K]['parameters'],
    boundMilliseconds: number,
  ): Promise<EmbedCalls[K]['result']> {
    return (await this.#client).call(name, parameters, boundMilliseconds);
  }

  #tell(event: EmbedEvent): void {
    if (event.name === 'error') this.#listeners.error.emit(decodeError(event.detail));
    else if (event.name === 'progress') this.#listeners.progress.emit(event.detail);
    else if (event.name === 'step-passed') this.#listeners['step-passed'].emit(event.detail);
    else this.#listeners['lesson-completed'].emit(event.detail);
  }
}

function asSandboxError(error: unknown): SandboxError {
  return error instanceof SandboxError ? error : new SandboxError('machine-failed', messageOf(error));
}
