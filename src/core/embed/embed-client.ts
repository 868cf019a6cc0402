import { SandboxError } from '../base/errors.ts';
import { decodeError } from '../protocol/error-codec.ts';
import type { EmbedCallName, EmbedCalls, EmbedEvent, EmbedRequest, EmbedResponse } from './embed-messages.ts';
import { callProblem, isResultOf, parseResponse } from './embed-shapes.ts';

/** A call that was sent and not yet answered. */
interface Waiting {
  readonly name: EmbedCallName;
  readonly timer: ReturnType<typeof setTimeout>;
  resolve(value: unknown): void;
  reject(error: SandboxError): void;
}

/** The host's end of the port to a frame. */
export class EmbedClient {
  readonly #port: MessagePort;
  readonly #onEvent: (event: EmbedEvent) => void;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #closed: SandboxError | undefined;

  constructor(port: MessagePort, onEvent: (event: EmbedEvent) => void) {
    this.#port = port;
    this.#onEvent = onEvent;
    port.onmessage = (event: { data: unknown }) => this.#receive(parseResponse(event.data));
  }

  /**
   * Asks the frame for something. Rejects with a SandboxError: `call-refused` where the parameters are wrong, `timed-out` where there is no
   * answer for so long, what `close` was given, or what the frame says.
   */
  call<K extends EmbedCallName>(name: K, parameters: EmbedCalls[K]['parameters'], boundMilliseconds: number): Promise<EmbedCalls[K]['result']> {
    const problem = callProblem(name, parameters);
    if (problem !== undefined) return Promise.reject(new SandboxError('call-refused', problem));
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const late = new SandboxError('timed-out', `Drydock did not answer "${name}" within ${Math.ceil(boundMilliseconds / 1000)} s.`);
      const timer = setTimeout(() => this.#take(id)?.reject(late), boundMilliseconds);
      this.#waiting.set(id, { name, timer, resolve: resolve as (value: unknown) => void, reject });
      this.#port.postMessage({ kind: 'call', id, name, parameters } as EmbedRequest);
    });
  }

  /** Ends the connection: what waits, and every later call, rejects with `error`. */
  close(error: SandboxError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    this.#port.close();
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(error);
  }

  #receive(message: EmbedResponse | undefined): void {
    if (message === undefined || this.#closed !== undefined) return;
    if (message.kind === 'event') {
      this.#onEvent(message);
      return;
    }
    const waiting = this.#take(message.id);
    if (waiting === undefined) return;
    if (!message.ok) waiting.reject(decodeError(message.error));
    else if (isResultOf(waiting.name, message.value)) waiting.resolve(message.value);
    else
      waiting.reject(new SandboxError('embed-mismatch', `Drydock answered "${waiting.name}" with something else: is embed.js from the same site?`));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}
