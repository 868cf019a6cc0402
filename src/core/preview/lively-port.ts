import { PING_MILLISECONDS, SILENCE_MILLISECONDS } from './preview-call.ts';

/** The sandbox's end of a channel whose other end may go without a word, as a page that is left does: it is asked now and then whether it is there. */
export class LivelyPort<Heard extends { readonly kind: string }, Said extends { readonly kind: string }> {
  readonly #port: MessagePort;
  readonly #timer: ReturnType<typeof setInterval>;
  #lastHeard = performance.now();

  /** `onGone` is told when nothing was heard for too long. */
  constructor(port: MessagePort, onMessage: (message: Heard) => void, onGone: () => void) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      this.#lastHeard = performance.now();
      onMessage(data as Heard);
    };
    this.#timer = setInterval(() => {
      if (performance.now() - this.#lastHeard > SILENCE_MILLISECONDS) onGone();
      else port.postMessage({ kind: 'ping' });
    }, PING_MILLISECONDS);
  }

  send(message: Said, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#port.close();
  }
}
