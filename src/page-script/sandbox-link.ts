import type { FirstMessage, PageAsk } from '../core/preview/preview-call.ts';

/** A page of Drydock that says nothing for so long is frozen or gone. */
const PAGE_MILLISECONDS = 10_000;

type Asked = PageAsk extends infer One ? (One extends PageAsk ? Omit<One, 'attempt'> : never) : never;

/** Channels from this page to the machine that it comes from, by way of the service worker. */
export class SandboxLink {
  private constructor(readonly container: ServiceWorkerContainer) {}

  /** Undefined where this page has no way to a service worker. */
  static here(): SandboxLink | undefined {
    try {
      return 'serviceWorker' in navigator && navigator.serviceWorker !== undefined ? new SandboxLink(navigator.serviceWorker) : undefined;
    } catch {
      // What the browser says to a frame with an origin of its own.
      return undefined;
    }
  }

  /**
   * Asks for something, and resolves with a channel to the machine; whoever awaits it sets `onmessage` at once. `onAsked` is given the
   * channel of each question before it is answered: what is said there arrives with it. Rejects with a sentence where no page has the machine.
   */
  async open(ask: Asked, onAsked: (port: MessagePort) => void = () => undefined): Promise<MessagePort> {
    for (let attempt = 0; ; attempt++) {
      const { port1, port2 } = new MessageChannel();
      const worker = this.container.controller ?? (await this.container.ready).active;
      if (worker === null) throw new Error('This page has lost its service worker. Reload it.');
      const answered = firstMessage(port1);
      worker.postMessage({ ...ask, attempt } as PageAsk, [port2]);
      onAsked(port1);
      const first = await answered;
      if (first.kind === 'taken') return port1;
      port1.close();
      // A page with another machine has nothing to say about this one.
      if (first.why !== 'other-sandbox') throw new Error(reasons[first.why]);
    }
  }
}

const reasons = {
  'no-page': 'No page of Drydock that has its machine is open.',
  off: 'The machine is off.',
  starting: 'The machine is starting.',
  'other-version': 'Drydock was updated meanwhile. Reload its page.',
};

/** Each message is an event of its own: whoever awaits this one can set a listener before the next. */
function firstMessage(port: MessagePort): Promise<FirstMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(reasons['no-page'])), PAGE_MILLISECONDS);
    port.onmessage = ({ data }: MessageEvent<FirstMessage>) => {
      clearTimeout(timer);
      resolve(data);
    };
  });
}
