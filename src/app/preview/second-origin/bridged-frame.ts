import type { PreviewRoute } from '../../../core/preview/preview-route.ts';
import type { FrameControl, PreviewEvents } from '../../session/preview/preview.ts';
import type { FrameOrder, FrameReport, HandshakeMessage } from './frame-messages.ts';

const READY_MILLISECONDS = 30_000;

/** A frame on a second origin: its `preview.html` shows the pages, and passes on what its service worker asks for. */
export class BridgedFrame implements FrameControl {
  readonly #frame: HTMLIFrameElement;
  readonly #origin: string;
  readonly #events: PreviewEvents;
  readonly #onProblem: (message: string) => void;
  readonly #timer: ReturnType<typeof setTimeout>;
  #port: MessagePort | undefined;
  #waiting: FrameOrder[] = [];

  constructor(frame: HTMLIFrameElement, site: string, events: PreviewEvents, onProblem: (message: string) => void) {
    this.#frame = frame;
    this.#origin = new URL(site).origin;
    this.#events = events;
    this.#onProblem = onProblem;
    this.#timer = setTimeout(
      () => onProblem(`${this.#origin}, where pages of containers are to be shown, does not answer. Reload Drydock.`),
      READY_MILLISECONDS,
    );
    addEventListener('message', this.#onHandshake);
    frame.src = new URL('preview.html', site).href;
  }

  go(route: PreviewRoute): void {
    this.#order({ kind: 'go', route });
  }

  back(): void {
    this.#order({ kind: 'back' });
  }

  forward(): void {
    this.#order({ kind: 'forward' });
  }

  reload(): void {
    this.#order({ kind: 'reload' });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    removeEventListener('message', this.#onHandshake);
    this.#port?.close();
  }

  #order(order: FrameOrder): void {
    if (this.#port === undefined) this.#waiting.push(order);
    else this.#port.postMessage(order);
  }

  /** Heard again when the frame was reloaded: it then gets a new channel. */
  readonly #onHandshake = (event: MessageEvent<HandshakeMessage>): void => {
    if (event.source !== this.#frame.contentWindow || event.origin !== this.#origin) return;
    clearTimeout(this.#timer);
    if (event.data.kind === 'drydock-preview-failed') this.#onProblem(event.data.message);
    if (event.data.kind !== 'drydock-preview-ready') return;
    this.#port?.close();
    const channel = new MessageChannel();
    this.#port = channel.port1;
    this.#port.onmessage = (message: MessageEvent<FrameReport>) => this.#receive(message);
    const answer: HandshakeMessage = { kind: 'drydock-preview-channel' };
    this.#frame.contentWindow?.postMessage(answer, this.#origin, [channel.port2]);
    for (const order of this.#waiting.splice(0)) this.#order(order);
  };

  #receive({ data, ports }: MessageEvent<FrameReport>): void {
    const [port] = ports;
    if (data.kind === 'state') this.#events.onState(data.state);
    else if (data.kind === 'preview-exchange' || data.kind === 'preview-console') this.#events.onReport(data);
    else if (port !== undefined) this.#events.onCall(data, port);
  }
}
