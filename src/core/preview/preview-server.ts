import { joinedAll } from '../base/bytes.ts';
import { messageOf, SandboxError, withTimeout } from '../base/errors.ts';
import { ByteQueue } from '../network/byte-queue.ts';
import type { Connection } from '../network/connection.ts';
import { requestHttp, type HttpResponse } from '../network/http-client.ts';
import type { CookieJar } from './cookie-jar.ts';
import { LivelyPort } from './lively-port.ts';
import {
  PREVIEW_WINDOW_BYTES,
  type AnswerMessage,
  type CallerMessage,
  type OpenPort,
  type PreviewCall,
  type RequestCall,
  type SocketCall,
} from './preview-call.ts';
import { serveCookies } from './preview-cookies.ts';
import type { PreviewRoute } from './preview-route.ts';
import { serveSocket } from './preview-socket.ts';
import { ownPage } from './own-page.ts';
import { responseHeaders, type HeaderList } from './preview-headers.ts';
import { basicRealm, isSignIn, parseSignIn, signInPage, SignIns } from './sign-in.ts';

/** A page may take its time: browsers themselves wait about as long for an answer to begin. */
const HEAD_TIMEOUT_MILLISECONDS = 300_000;
/** More at once would make the one emulated CPU no quicker, and the guest's agent has channels for other things too. */
const MAX_CONNECTIONS = 32;
const TURN_MILLISECONDS = 120_000;
const MOST_SHORT_BYTES = 64 * 1024;

/** What the server needs of the sandbox around it. */
export interface PreviewHost {
  dial(target: string): Promise<Connection>;
  /** The ports published now, for the page that says why there is no answer. Resolves when what was started just before is among them. */
  ports(): Promise<readonly OpenPort[]>;
}

/** Answers requests to published ports, many at a time: the sandbox's end of each request's channel. */
export class PreviewServer {
  readonly #host: PreviewHost;
  readonly #cookies: CookieJar;
  readonly #signIns = new SignIns();
  readonly #waiting: (() => void)[] = [];
  #connections = 0;

  constructor(host: PreviewHost, cookies: CookieJar) {
    this.#host = host;
    this.#cookies = cookies;
  }

  /** Answers one call on its channel; resolves when it is over, however it ended. */
  serve(call: PreviewCall, port: MessagePort): Promise<void> {
    if (call.kind === 'preview-socket') return this.#serveSocket(call, port);
    if (call.kind === 'preview-cookies') return serveCookies(call, port, this.#cookies);
    return this.#serveRequest(call, port);
  }

  async #serveSocket(call: SocketCall, port: MessagePort): Promise<void> {
    const headers = this.#headersFor(call.route);
    await serveSocket(call, headers, port, target => this.#host.dial(target));
  }

  async #serveRequest(call: RequestCall, port: MessagePort): Promise<void> {
    const channel = new Channel(port, call.bodyBytes ?? 0);
    try {
      await this.#takeTurn();
      // Whoever asked may have left while the request waited.
      if (!channel.signal.aborted) await this.#answer(call, channel).finally(() => this.#endTurn());
      else this.#endTurn();
    } catch (error) {
      const code = error instanceof SandboxError ? error.code : 'guest-unreachable';
      channel.send({ kind: 'failed', code, message: messageOf(error), ports: await this.#host.ports() });
    } finally {
      channel.close();
    }
  }

  async #answer(call: RequestCall, channel: Channel): Promise<void> {
    const { port, path } = call.route;
    if (isSignIn(call.method, path)) return this.#signIn(port, channel);
    const sent = this.#headersOf(call);
    const response = await this.#request(call, sent, channel);
    const { status, reason, headers } = response;
    const realm = status === 401 && isNavigation(call) ? basicRealm(headers.get('www-authenticate')) : undefined;
    if (realm !== undefined) return this.#askToSignIn(call, realm, response, channel);
    for (const [name, value] of headers) if (name === 'set-cookie' && call.hasCookies) this.#cookies.take(port, path, value);
    const cookies = isNavigation(call) && { cookies: this.#cookies.scriptText(port, path) };
    const seen = { sent, received: [...headers] };
    channel.send({ kind: 'head', status, reason, headers: responseHeaders(headers), ...cookies, seen });
    for await (const bytes of response.body) await channel.sendBytes(bytes);
    channel.send({ kind: 'end' });
  }

  /** A page that wants a password: asks for it, as a browser would. */
  async #askToSignIn({ route: { path, port } }: RequestCall, realm: string, { body }: HttpResponse, channel: Channel): Promise<void> {
    await readText(body);
    sendPage(channel, 401, [], signInPage(port, path, realm, this.#signIns.remove(port)));
  }

  /** Takes what was typed, and leads back to where it was asked for. */
  async #signIn(port: number, channel: Channel): Promise<void> {
    const signIn = parseSignIn(await readText(channel.body));
    if (signIn === undefined) return sendPage(channel, 400, [], ownPage('This is no sign-in', []));
    this.#signIns.add(port, signIn);
    sendPage(channel, 303, [['location', signIn.next]], '');
  }

  /** What the server is sent, but for what belongs to the connection. */
  #headersOf({ bodyBytes, hasCookies, headers: own, route }: RequestCall): HeaderList {
    const known = hasCookies ? this.#headersFor(route) : [];
    const given = new Set(own.map(([name]) => name.toLowerCase()));
    const headers = [...own, ...known.filter(([name]) => !given.has(name.toLowerCase()))];
    if (bodyBytes !== undefined) headers.push(['Content-Length', String(bodyBytes)]);
    return headers;
  }

  #request({ bodyBytes, method, route }: RequestCall, headers: HeaderList, channel: Channel): Promise<HttpResponse> {
    const request = { method, path: route.path, headers };
    return requestHttp(() => this.#host.dial(`:${route.port}`), bodyBytes === undefined ? request : { ...request, body: channel.body }, {
      signal: channel.signal,
      headTimeoutMilliseconds: HEAD_TIMEOUT_MILLISECONDS,
    });
  }

  /** What goes with each request to a port: cookies, and what was signed in with. */
  #headersFor({ path, port }: PreviewRoute): HeaderList {
    const fields = [
      ['Cookie', this.#cookies.header(port, path)],
      ['Authorization', this.#signIns.header(port)],
    ] as const;
    return fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  }

  async #takeTurn(): Promise<void> {
    if (this.#connections < MAX_CONNECTIONS) {
      this.#connections += 1;
      return;
    }
    let go: () => void = () => undefined;
    const turn = new Promise<void>(resolve => this.#waiting.push((go = resolve)));
    try {
      await withTimeout(turn, TURN_MILLISECONDS, `${MAX_CONNECTIONS} requests are under way and none ended: close pages that you do not need.`);
    } catch (error) {
      const index = this.#waiting.indexOf(go);
      if (index >= 0) this.#waiting.splice(index, 1);
      throw error;
    }
  }

  /** The turn goes to the next that waits, if one does. */
  #endTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#connections -= 1;
    else next();
  }
}

/** Is it for a page that the learner will see, and not for a part of one or a script? */
function isNavigation({ headers, method }: RequestCall): boolean {
  return method === 'GET' && headers.some(([name, value]) => name.toLowerCase() === 'accept' && value.includes('text/html'));
}

/** A short body; of a longer one, the beginning. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    if ((bytes += part.length) > MOST_SHORT_BYTES) break;
  }
  return new TextDecoder().decode(joinedAll(parts));
}

/** Answers with a page of Drydock's own. */
function sendPage(channel: Channel, status: number, headers: HeaderList, html: string): void {
  const common: HeaderList = [
    ['content-type', 'text/html; charset=utf-8'],
    ['cache-control', 'no-store'],
  ];
  const all = [...common, ...headers];
  channel.send({ kind: 'head', status, reason: '', headers: responseHeaders(all), seen: { sent: [], received: all } });
  if (html !== '') channel.send({ kind: 'bytes', bytes: new TextEncoder().encode(html) });
  channel.send({ kind: 'end' });
}

/** The channel of one request. A service worker that fell silent is gone: the browser may end one at any time. */
class Channel {
  readonly #caller: LivelyPort<CallerMessage, AnswerMessage>;
  readonly #abort = new AbortController();
  readonly #requestBody = new ByteQueue({
    onAbandoned: () => undefined,
    onConsumed: byteCount => this.send({ kind: 'sent', byteCount }),
  });
  readonly #bodyBytes: number;
  #arrivedBytes = 0;
  #unconsumedBytes = 0;
  #wake: () => void = () => undefined;

  /** `bodyBytes` is how long the request's body is. */
  constructor(port: MessagePort, bodyBytes: number) {
    this.#bodyBytes = bodyBytes;
    this.#endBodyWhenWhole();
    this.#caller = new LivelyPort(
      port,
      message => this.#receive(message),
      () => this.#giveUp(),
    );
  }

  /** Aborts when nobody wants the answer any more. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The request's body. */
  get body(): AsyncIterable<Uint8Array> {
    return this.#requestBody;
  }

  send(message: AnswerMessage): void {
    this.#caller.send(message);
  }

  /** Resolves when there is room for more. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    // A copy of its own: what arrived may be a view on something larger, and what is transferred is gone here.
    const copy = new Uint8Array(bytes);
    this.#unconsumedBytes += copy.length;
    this.#caller.send({ kind: 'bytes', bytes: copy }, [copy.buffer]);
    while (this.#unconsumedBytes > PREVIEW_WINDOW_BYTES && !this.signal.aborted) await new Promise<void>(resolve => (this.#wake = resolve));
  }

  close(): void {
    this.#requestBody.fail(new SandboxError('cancelled', 'The request is over.'));
    this.#caller.close();
  }

  #receive(message: CallerMessage): void {
    if (message.kind === 'body') {
      this.#arrivedBytes += message.bytes.length;
      this.#requestBody.push(message.bytes);
      this.#endBodyWhenWhole();
    } else if (message.kind === 'consumed') {
      this.#unconsumedBytes -= message.byteCount;
      this.#wake();
    } else if (message.kind === 'body-failed') {
      this.#requestBody.fail(new SandboxError('cancelled', 'The browser could not read what it was to send.'));
    } else if (message.kind === 'abort') this.#giveUp();
  }

  #endBodyWhenWhole(): void {
    if (this.#arrivedBytes >= this.#bodyBytes) this.#requestBody.end();
  }

  #giveUp(): void {
    this.#abort.abort(new Error('nobody waits for the answer'));
    this.#wake();
  }
}
