import { SandboxError } from '../base/errors.ts';
import { decodeNumber, encodeNumber, MAX_PAYLOAD_BYTES, type Frame } from './frames.ts';

/** Bytes on their way to one command or connection that the guest has not yet said it took. Less than the agent's QUEUE_LIMIT. */
const WINDOW_BYTES = 256 * 1024;
/** How many bytes are dealt with before the guest is told: less than the agent's WINDOW, so that it never waits for the rest. */
const REPORT_BYTES = 64 * 1024;

const nothing = new Uint8Array(0);

/** Puts a frame of a channel on its way to the agent. */
export type SendFrame = (type: string, payload: Uint8Array) => void;

/** One command or connection in progress: what is written to it goes in order, and no faster than the guest takes it. */
export class Channel {
  #inFlightBytes = 0;
  #unreportedBytes = 0;
  #isOpen = true;
  #wake: (() => void) | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    /** Sends to the guest's end of this channel. */
    readonly send: SendFrame,
    /** Called with what comes from there, except what this class deals with. */
    private readonly onFrame: (frame: Frame) => void,
  ) {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Called with each frame that the agent sends for this channel. */
  take(frame: Frame): void {
    if (frame.type !== 'w') return this.onFrame(frame);
    this.#inFlightBytes -= decodeNumber(frame.payload);
    this.#wakeUp();
  }

  /** Resolves when the bytes are on their way and there is room for more; rejects with `guest-unreachable` when the channel is closed. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#writeAll(bytes));
  }

  /** Says, after all that was written, that nothing more will be. */
  end(): void {
    this.#inTurn(() => {
      if (this.#isOpen) this.send('c', nothing);
      return Promise.resolve();
    }).catch(() => undefined);
  }

  /** Resolves when all that was written, and the end if it was said, are on their way. */
  settle(): Promise<void> {
    return this.#inTurn(() => Promise.resolve());
  }

  /** So many bytes that the guest sent were dealt with: it may send as many more. */
  acknowledge(byteCount: number): void {
    this.#unreportedBytes += byteCount;
    if (this.#unreportedBytes < REPORT_BYTES || !this.#isOpen) return;
    this.send('w', encodeNumber(this.#unreportedBytes));
    this.#unreportedBytes = 0;
  }

  /** The channel is over: callers that wait to write are told so. */
  close(): void {
    this.#isOpen = false;
    this.#wakeUp();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD_BYTES) {
      await this.#room();
      const piece = bytes.subarray(at, at + MAX_PAYLOAD_BYTES);
      this.#inFlightBytes += piece.length;
      this.send('d', piece);
    }
    await this.#room();
  }

  async #room(): Promise<void> {
    while (this.#isOpen && this.#inFlightBytes >= WINDOW_BYTES) await new Promise<void>(go => (this.#wake = go));
    if (!this.#isOpen) throw new SandboxError('guest-unreachable', 'The connection to the guest is closed.');
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
