import { messageOf } from '../base/errors.ts';
import type { Connection } from '../network/connection.ts';
import { BROKEN, WebSocketClient, type WebSocketEnd, type WebSocketListener } from '../network/web-socket.ts';
import { LivelyPort } from './lively-port.ts';
import type { HeaderList } from './preview-headers.ts';
import type { SocketCall, SocketNews, SocketOrder } from './preview-call.ts';

/** What the browser does with a page's WebSocket when the page is left (RFC 6455: "going away"). */
const GOING_AWAY = 1001;

/** Carries one WebSocket of a page to a published port; resolves when it is over, however it ended. `headers` come to those of the call. */
export async function serveSocket(
  call: SocketCall,
  headers: HeaderList,
  messages: MessagePort,
  dial: (target: string) => Promise<Connection>,
): Promise<void> {
  await new ServedSocket(call, headers, messages, dial).over;
}

/** The machine's end of a page's WebSocket. */
class ServedSocket implements WebSocketListener {
  /** Resolves when nothing more is to be said to the page. */
  readonly over: Promise<void>;
  readonly #page: LivelyPort<SocketOrder, SocketNews>;
  readonly #abort = new AbortController();
  /** What the page said before there was a connection. */
  readonly #waiting: SocketOrder[] = [];
  #client: WebSocketClient | undefined;
  #resolveOver!: () => void;
  #isOver = false;

  constructor(call: SocketCall, headers: HeaderList, messages: MessagePort, dial: (target: string) => Promise<Connection>) {
    this.over = new Promise(resolve => (this.#resolveOver = resolve));
    this.#page = new LivelyPort(
      messages,
      order => this.#take(order),
      () => this.#leave(),
    );
    void this.#connect(call, headers, dial);
  }

  onOpen(protocol: string): void {
    this.#say({ kind: 'open', protocol });
  }

  onMessage(data: string | Uint8Array<ArrayBuffer>, byteCount: number): void {
    if (typeof data === 'string') this.#say({ kind: 'message', data, byteCount });
    else this.#say({ kind: 'message', data: data.buffer, byteCount }, [data.buffer]);
  }

  onEnd(end: WebSocketEnd, problem?: string): void {
    this.#finish({ kind: 'ended', ...end, ...(problem !== undefined && { problem }) });
  }

  async #connect(
    { headers: own, protocols, route: { path, port } }: SocketCall,
    headers: HeaderList,
    dial: (target: string) => Promise<Connection>,
  ): Promise<void> {
    const request = { path, headers: [...own, ...headers], protocols };
    try {
      this.#client = await WebSocketClient.connect(() => dial(`:${port}`), request, this, this.#abort.signal);
    } catch (error) {
      this.onEnd(BROKEN, messageOf(error));
      return;
    }
    // The page may have left, or have said something, while nothing had answered.
    if (this.#abort.signal.aborted) this.#client.close(GOING_AWAY);
    for (const order of this.#waiting.splice(0)) this.#take(order);
  }

  #take(order: SocketOrder): void {
    if (order.kind === 'abort') this.#leave();
    else if (this.#client === undefined) this.#waiting.push(order);
    else if (order.kind === 'close') this.#client.close(order.code, order.reason);
    else if (order.kind === 'consumed') this.#client.consumed(order.byteCount);
    else if (order.kind === 'send') void this.#send(this.#client, order.data);
  }

  async #send(client: WebSocketClient, data: string | ArrayBuffer): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data);
    // A connection that is gone says so by its end.
    await client.send(typeof data === 'string' ? data : bytes).catch(() => undefined);
    this.#say({ kind: 'sent', byteCount: bytes.length });
  }

  /** The page is gone: the server is told, and nobody else. */
  #leave(): void {
    this.#client?.close(GOING_AWAY);
    this.#abort.abort(new Error('the page was left'));
    this.#finish();
  }

  #finish(news?: SocketNews): void {
    if (this.#isOver) return;
    if (news !== undefined) this.#say(news);
    this.#isOver = true;
    this.#page.close();
    this.#resolveOver();
  }

  #say(news: SocketNews, transfer?: ArrayBuffer[]): void {
    if (!this.#isOver) this.#page.send(news, transfer);
  }
}
