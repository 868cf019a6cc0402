import { SandboxError } from '../core/base/errors.ts';
import { EMBED_VERSION, type EmbedPing } from '../core/embed/embed-messages.ts';
import { parseReply } from '../core/embed/embed-shapes.ts';

/** How long the frame may take to load, and then to answer. */
const LOAD_MILLISECONDS = 90_000;
const ANSWER_MILLISECONDS = 30_000;
/** The time to the next ping grows: a frame that shows something else makes the browser complain of each. */
const FIRST_PAUSE_MILLISECONDS = 200;

/** The way to the Drydock in a frame, from the moment at which the frame begins to load one. */
export interface FrameLink {
  /** Resolves with the port that the frame gives; rejects with a SandboxError. */
  readonly port: Promise<MessagePort>;
  /** The frame has loaded something: it is asked from now on. */
  ask(): void;
  /** Gives up: `port` rejects with `error`. */
  end(error: SandboxError): void;
}

/** Waits for the Drydock of `origin` in a frame: asks it with a nonce, and takes one answer from that window and that origin alone. */
export function linkFrame(frame: HTMLIFrameElement, origin: string): FrameLink {
  const nonce = randomNonce();
  let settle: { resolve(port: MessagePort): void; reject(error: SandboxError): void };
  const port = new Promise<MessagePort>((resolve, reject) => (settle = { resolve, reject }));
  const late = (): void => end(new SandboxError('timed-out', `No Drydock answers at ${frame.src}: is "url" its exact address, and is it reachable?`));
  let timer = setTimeout(late, LOAD_MILLISECONDS);
  let pingTimer: ReturnType<typeof setTimeout> | undefined;

  const stop = (): void => {
    clearTimeout(timer);
    clearTimeout(pingTimer);
    removeEventListener('message', onMessage);
  };
  const end = (error: SandboxError): void => {
    stop();
    settle.reject(error);
  };
  const onMessage = (event: MessageEvent<unknown>): void => {
    if (event.source !== frame.contentWindow || event.origin !== origin) return;
    const reply = parseReply(event.data, nonce);
    if (reply === undefined) return;
    const [given] = event.ports;
    if (reply.kind === 'drydock-embed-refused') end(new SandboxError(reply.code, reply.message));
    else if (given !== undefined) {
      stop();
      settle.resolve(given);
    }
  };
  const ping = (pause: number): void => {
    const message: EmbedPing = { kind: 'drydock-embed-ping', version: EMBED_VERSION, nonce };
    frame.contentWindow?.postMessage(message, origin);
    pingTimer = setTimeout(() => ping(pause * 1.5), pause);
  };
  addEventListener('message', onMessage);
  return {
    port,
    ask() {
      clearTimeout(timer);
      timer = setTimeout(late, ANSWER_MILLISECONDS);
      ping(FIRST_PAUSE_MILLISECONDS);
    },
    end,
  };
}

function randomNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
