import { routeRequest, type PreviewRoute } from '../core/preview/preview-route.ts';
import type { SocketNews, SocketOrder } from '../core/preview/preview-call.ts';
import type { SandboxLink } from './sandbox-link.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const NORMAL_CLOSE = 1000;
const MOST_REASON_BYTES = 123;

type Handler<E extends Event> = ((this: WebSocket, event: E) => unknown) | null;
type Sent = string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBufferLike>;

/** What the sockets of this page need to know; set before the first is made. */
let world: { readonly site: string; readonly link: SandboxLink; readonly Native: typeof WebSocket };

/** Has the page's `WebSocket` reach the ports of the sandbox. */
export function installSockets(site: string, link: SandboxLink): void {
  world = { site, link, Native: globalThis.WebSocket };
  for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
    for (const owner of [PageSocket, PageSocket.prototype]) Object.defineProperty(owner, name, { value, enumerable: true });
  }
  Object.defineProperty(PageSocket, 'name', { value: 'WebSocket' });
  Object.defineProperty(globalThis, 'WebSocket', { value: PageSocket, writable: true, configurable: true, enumerable: false });
}

/**
 * Stands in for the page's `WebSocket` (WHATWG: WebSockets). One that leads to a port of the sandbox goes there; any other is the browser's own.
 */
class PageSocket extends EventTarget {
  readonly #url: string;
  binaryType: BinaryType = 'blob';
  #protocol = '';
  #readyState = CONNECTING;
  #bufferedAmount = 0;
  #port: MessagePort | undefined;
  /** What is sent waits its turn: for the channel, and for a blob that has to be read first. */
  #sending = Promise.resolve();
  readonly #handlers = new Map<string, EventListener>();

  constructor(given: string | URL, protocols?: string | string[]) {
    super();
    const url = socketUrl(given);
    const route = url && routeOf(world.site, url);
    this.#url = url?.href ?? '';
    if (route === undefined) {
      // What is no address is refused by the browser, in its own words.
      return (protocols === undefined ? new world.Native(given) : new world.Native(given, protocols)) as never;
    }
    const offered = checkedProtocols(protocols);
    this.#sending = this.#connect(route, offered);
    addEventListener('pagehide', () => this.#order({ kind: 'abort' }), { once: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const isOwn = Function.prototype[Symbol.hasInstance].call(this, value) as boolean;
    return isOwn || (this === PageSocket && value instanceof world.Native);
  }

  get url(): string {
    return this.#url;
  }

  get extensions(): string {
    return '';
  }

  get protocol(): string {
    return this.#protocol;
  }

  get readyState(): number {
    return this.#readyState;
  }

  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  get [Symbol.toStringTag](): string {
    return 'WebSocket';
  }

  send(given: Sent): void {
    const data = typeof given === 'object' ? given : String(given);
    if (this.#readyState === CONNECTING) {
      throw new DOMException("Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.", 'InvalidStateError');
    }
    this.#bufferedAmount += sizeOf(data);
    if (this.#readyState !== OPEN) return;
    // As it is now: the page may change it afterwards.
    const taken = data instanceof Blob ? data.arrayBuffer() : typeof data === 'string' ? data : bufferOf(data);
    this.#sending = this.#sending.then(async () => {
      const content = await taken;
      this.#order({ kind: 'send', data: content }, typeof content === 'string' ? [] : [content]);
    });
  }

  close(code?: number, reason = ''): void {
    checkClose(code, reason);
    if (this.#readyState === CLOSING || this.#readyState === CLOSED) return;
    if (this.#readyState === CONNECTING) console.warn(`WebSocket connection to '${this.#url}' was closed before it was open.`);
    this.#readyState = CLOSING;
    this.#sending = this.#sending.then(() => this.#order({ kind: 'close', reason, ...(code !== undefined && { code }) }));
  }

  get onopen(): Handler<Event> {
    return this.#handler('open');
  }
  set onopen(handler: Handler<Event>) {
    this.#setHandler('open', handler);
  }
  get onmessage(): Handler<MessageEvent> {
    return this.#handler('message');
  }
  set onmessage(handler: Handler<MessageEvent>) {
    this.#setHandler('message', handler);
  }
  get onerror(): Handler<Event> {
    return this.#handler('error');
  }
  set onerror(handler: Handler<Event>) {
    this.#setHandler('error', handler);
  }
  get onclose(): Handler<CloseEvent> {
    return this.#handler('close');
  }
  set onclose(handler: Handler<CloseEvent>) {
    this.#setHandler('close', handler);
  }

  async #connect(route: PreviewRoute, protocols: readonly string[]): Promise<void> {
    try {
      const port = await world.link.open({ kind: 'ask-socket', route, protocols });
      this.#port = port;
      port.onmessage = ({ data }: MessageEvent<SocketNews>) => this.#hear(data);
      // Where browsers tell it: the machine or its page is gone.
      port.addEventListener('close', () => this.#end({ code: 1006, reason: '', wasClean: false, problem: 'The machine is gone.' }));
    } catch (error) {
      this.#end({ code: 1006, reason: '', wasClean: false, problem: error instanceof Error ? error.message : String(error) });
    }
  }

  #order(order: SocketOrder, transfer: Transferable[] = []): void {
    this.#port?.postMessage(order, transfer);
  }

  #hear(news: SocketNews): void {
    if (this.#readyState === CLOSED) return;
    if (news.kind === 'ping') this.#order({ kind: 'pong' });
    else if (news.kind === 'open') this.#open(news.protocol);
    else if (news.kind === 'sent') this.#bufferedAmount -= news.byteCount;
    else if (news.kind === 'message') this.#take(news);
    else if (news.kind === 'ended') this.#end(news);
  }

  #open(protocol: string): void {
    this.#protocol = protocol;
    // The page may have closed it already.
    if (this.#readyState !== CONNECTING) return;
    this.#readyState = OPEN;
    this.dispatchEvent(new Event('open'));
  }

  #take({ byteCount, data }: SocketNews & { kind: 'message' }): void {
    if (this.#readyState === OPEN) {
      const content = typeof data === 'string' || this.binaryType === 'arraybuffer' ? data : new Blob([data]);
      this.dispatchEvent(new MessageEvent('message', { data: content, origin: new URL(this.#url).origin }));
    }
    this.#order({ kind: 'consumed', byteCount });
  }

  #end({ code, problem, reason, wasClean }: Pick<SocketNews & { kind: 'ended' }, 'code' | 'problem' | 'reason' | 'wasClean'>): void {
    if (this.#readyState === CLOSED) return;
    const wasOpen = this.#readyState === OPEN;
    this.#readyState = CLOSED;
    this.#port?.close();
    // As browsers do: the page is told only that it failed, its developer why.
    if (problem !== undefined) console.error(`WebSocket connection to '${this.#url}' failed: ${problem}`);
    if (!wasClean && (problem !== undefined || wasOpen)) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }));
  }

  #handler<E extends Event>(type: string): Handler<E> {
    return (this.#handlers.get(type) as Handler<E> | undefined) ?? null;
  }

  #setHandler<E extends Event>(type: string, handler: Handler<E>): void {
    const before = this.#handlers.get(type);
    if (before !== undefined) this.removeEventListener(type, before);
    this.#handlers.delete(type);
    if (typeof handler !== 'function') return;
    this.#handlers.set(type, handler as unknown as EventListener);
    this.addEventListener(type, handler as unknown as EventListener);
  }
}

/** The address of a WebSocket as the standard reads it; undefined where it is none. */
function socketUrl(given: string | URL): URL | undefined {
  let url: URL;
  try {
    url = new URL(given, document.baseURI);
  } catch {
    return undefined;
  }
  const isSocket = /^(?:wss?|https?):$/.test(url.protocol);
  if (!isSocket || url.hash !== '') return undefined;
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

/** The port of the sandbox that an address means, seen from this page; undefined for any other server. */
function routeOf(site: string, url: URL): PreviewRoute | undefined {
  // With the site's own scheme where it is the site's own host: a page says `wss://` because it was loaded by https.
  const isOwnHost = url.host === new URL(site).host;
  const http = new URL(url);
  http.protocol = isOwnHost ? new URL(site).protocol : url.protocol.replace('ws', 'http');
  return routeRequest(site, { url: http.href, clientUrl: location.href })?.route;
}

/** Throws a SyntaxError for subprotocols that the standard refuses. */
function checkedProtocols(protocols: string | string[] = []): readonly string[] {
  const list = typeof protocols === 'string' ? [protocols] : [...protocols].map(String);
  const isRight = list.every(one => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(one)) && new Set(list).size === list.length;
  if (!isRight) throw new DOMException(`Failed to construct 'WebSocket': The subprotocol '${list.join(',')}' is invalid.`, 'SyntaxError');
  return list;
}

function checkClose(code: number | undefined, reason: string): void {
  if (code !== undefined && code !== NORMAL_CLOSE && !(code >= 3000 && code <= 4999)) {
    const message = `Failed to execute 'close' on 'WebSocket': The close code must be either 1000, or between 3000 and 4999. ${code} is neither.`;
    throw new DOMException(message, 'InvalidAccessError');
  }
  if (new TextEncoder().encode(reason).length > MOST_REASON_BYTES) {
    throw new DOMException(
      `Failed to execute 'close' on 'WebSocket': The close reason must not be greater than ${MOST_REASON_BYTES} UTF-8 bytes.`,
      'SyntaxError',
    );
  }
}

/** As `bufferedAmount` counts. */
function sizeOf(data: Sent): number {
  if (typeof data === 'string') return new TextEncoder().encode(data).length;
  return data instanceof Blob ? data.size : data.byteLength;
}

/** A copy of its own, to be given away. */
function bufferOf(data: ArrayBufferLike | ArrayBufferView): ArrayBuffer {
  const view = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
  return view.slice().buffer as ArrayBuffer;
}
