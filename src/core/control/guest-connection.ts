import { Emitter } from '../base/events.ts';
import { SandboxError } from '../base/errors.ts';
import type { Connection } from '../network/connection.ts';
import type { Channel } from './channel.ts';
import type { Frame } from './frames.ts';

/** How long what was written before the end may take to leave, once the connection is closed. As long as the agent's patience. */
const LEAVE_MILLISECONDS = 30_000;

const nothing = new Uint8Array(0);

/** A channel of the control port as a connection. */
export class GuestConnection implements Connection {
  readonly #data = new Emitter<Uint8Array>();
  readonly onData = this.#data.event;
  readonly #closed = new Emitter<SandboxError | undefined>();
  readonly onClose = this.#closed.event;
  #hasHeardEnd = false;
  #hasSaidEnd = false;
  #isClosed = false;

  constructor(
    private readonly channel: Channel,
    /** What the connection goes to, for messages. */
    private readonly target: string,
    /** Forgets the channel. */
    private readonly forget: () => void,
  ) {}

  write(bytes: Uint8Array): Promise<void> {
    return this.channel.write(bytes);
  }

  acknowledge(byteCount: number): void {
    this.channel.acknowledge(byteCount);
  }

  end(): void {
    this.#hasSaidEnd = true;
    this.channel.end();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#hasSaidEnd) return this.#drop();
    const timer = setTimeout(() => this.#drop(), LEAVE_MILLISECONDS);
    void this.channel.settle().then(() => {
      clearTimeout(timer);
      this.#drop();
    });
  }

  /** Called with each frame of the agent for this connection. */
  take(frame: Frame): void {
    if (frame.type === 'd' && !this.#isClosed) this.#data.emit(frame.payload);
    else if (frame.type === 'c') this.#finish(undefined);
    else if (frame.type === 'C' || frame.type === 'B') this.#takeEnd(frame);
  }

  #takeEnd({ type, payload }: Frame): void {
    this.forget();
    const why = new TextDecoder().decode(payload);
    if (type === 'B') this.#finish(new SandboxError('guest-unreachable', `The connection to ${this.target} in the guest broke (${why}).`));
    else if (why === '') this.#finish(undefined);
    else this.#finish(new SandboxError('guest-unreachable', `Nothing answers at ${this.target} in the guest (${why}).`));
  }

  #finish(error: SandboxError | undefined): void {
    if (this.#hasHeardEnd || this.#isClosed) return;
    this.#hasHeardEnd = true;
    this.#closed.emit(error);
  }

  #drop(): void {
    if (this.channel.isOpen) this.channel.send('K', nothing);
    this.forget();
  }
}
