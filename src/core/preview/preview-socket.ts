import { messageOf } from '../base/errors.ts';
import type { Connection } from '../network/connection.ts';
import { WebSocketClient, type WebSocketListener } from '../network/web-socket.ts';
import { LivelyPort } from './lively-port.ts';
import type { HeaderList } from './preview-headers.ts';
import type { SocketCall, SocketNews, SocketOrder } from './preview-call.ts';

/** What the browser does with a page's WebSocket when the page is left (RFC 6455: "going away"). */
const GOING_AWAY = 1001;

/** Carries one WebSocket of a page to a published port; resolves when it is over, however it ended. `headers` come to those of the call. */
export async function serveSocket(
  { headers: own, protocols, route: { path, port } }: SocketCall,
  headers: HeaderList,
  messages: MessagePort,
  dial: (target: string) => Promise<Connection>,
): Promise<void> {
  const abort = new AbortController();
  const waiting: SocketOrder[] = [];
  let client: WebSocketClient | undefined;
  let isOver = false;
  const page = new LivelyPort<SocketOrder, SocketNews>(messages, take, leave);
  const over = new Promise<void>(resolve => {
    const finish = (news?: SocketNews): void => {
      if (isOver) return;
      isOver = true;
      if (news !== undefined) page.send(news);
      page.close();
      resolve();
    };
    const listener: WebSocketListener = {
      onOpen: protocol => page.send({ kind: 'open', protocol }),
      onMessage: (data, byteCount) => {
        if (typeof data === 'string') page.send({ kind: 'message', data, byteCount });
        else page.send({ kind: 'message', data: data.buffer, byteCount }, [data.buffer]);
      },
      onEnd: (end, problem) => finish({ kind: 'ended', ...end, ...(problem !== undefined && { problem }) }),
    };
    const request = { path, headers: [...own, ...headers], protocols };
    WebSocketClient.connect(() => dial(`:${port}`), request, listener, abort.signal).then(
      opened => {
        client = opened;
        // The page may have left, or have said something, while nothing had answered.
        if (abort.signal.aborted) leave();
        for (const order of waiting.splice(0)) take(order);
      },
      (error: unknown) => finish({ kind: 'ended', code: 1006, reason: '', wasClean: false, problem: messageOf(error) }),
    );
    abort.signal.addEventListener('abort', () => finish());
  });

  function take(order: SocketOrder): void {
    if (order.kind === 'abort') return leave();
    if (client === undefined) waiting.push(order);
    else if (order.kind === 'close') client.close(order.code, order.reason);
    else if (order.kind === 'consumed') client.consumed(order.byteCount);
    else if (order.kind === 'send') void send(client, order.data);
  }

  async function send(to: WebSocketClient, data: string | ArrayBuffer): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data);
    await to.send(typeof data === 'string' ? data : bytes).catch(() => undefined);
    if (!isOver) page.send({ kind: 'sent', byteCount: bytes.length });
  }

  function leave(): void {
    client?.close(GOING_AWAY);
    abort.abort(new Error('the page was left'));
  }

  return over;
}
