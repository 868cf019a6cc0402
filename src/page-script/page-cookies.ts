import { parseSetCookie, textOf } from '../core/preview/cookie-jar.ts';
import type { CookieNews, CookieOrder } from '../core/preview/preview-call.ts';
import type { SandboxLink } from './sandbox-link.ts';

/** How long after a link broke another one is tried for: at first, and at the most. */
const AGAIN_MILLISECONDS = 5000;
const MOST_AGAIN_MILLISECONDS = 300_000;

/** Gives the page the sandbox's cookies as `document.cookie`: `cookies` at first, and what is told of them later. */
export function linkCookies(cookies: string, link: SandboxLink): void {
  const page = new PageCookies(cookies, link);
  Object.defineProperty(document, 'cookie', {
    configurable: true,
    enumerable: true,
    get: () => page.text,
    set: (line: unknown) => {
      page.set(String(line));
    },
  });
}

/** What scripts of this page see of the cookies. */
class PageCookies {
  text: string;
  readonly #link: SandboxLink;
  #port: MessagePort | undefined;
  /** Lines that the jar has not answered yet, and how many were told on the channel there is. */
  #unanswered: string[] = [];
  #told = 0;
  #pause = AGAIN_MILLISECONDS;

  constructor(cookies: string, link: SandboxLink) {
    this.text = cookies;
    this.#link = link;
    void this.#connect();
    addEventListener('pagehide', () => this.#leave());
    // Shown again from the browser's memory, with its scripts as they were.
    addEventListener('pageshow', ({ persisted }) => persisted && void this.#connect());
  }

  /** Shown at once, as a script expects; what the jar makes of it comes after. */
  set(line: string): void {
    const cookie = parseSetCookie(line, '/', Date.now());
    if (cookie === undefined || cookie.isHttpOnly) return;
    const others = this.text.split('; ').filter(one => one !== '' && nameOf(one) !== cookie.name);
    this.text = [...others, ...(cookie.expires > Date.now() ? [textOf([cookie])] : [])].join('; ');
    this.#unanswered.push(line);
    if (this.#port !== undefined) this.#tell(line);
  }

  #leave(): void {
    this.#say({ kind: 'abort' });
    this.#port?.close();
    this.#port = undefined;
  }

  async #connect(): Promise<void> {
    if (this.#port !== undefined) return;
    try {
      const port = await this.#link.open({ kind: 'ask-cookies' }, asked => this.#begin(asked));
      this.#pause = AGAIN_MILLISECONDS;
      port.onmessage = ({ data }: MessageEvent<CookieNews>) => this.#hear(data);
      // Where browsers tell it: the machine or its page is gone, and may come again.
      port.addEventListener('close', () => this.#connectLater());
    } catch {
      this.#connectLater();
    }
  }

  /** Lines are told before the channel is answered: a request that a script makes behind one is to have that cookie. */
  #begin(port: MessagePort): void {
    this.#port = port;
    this.#told = 0;
    for (const line of this.#unanswered) this.#tell(line);
  }

  /** The machine may start anew: its jar is another then. Less and less often, for a page that stands in a tab by itself. */
  #connectLater(): void {
    this.#port = undefined;
    setTimeout(() => void this.#connect(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, MOST_AGAIN_MILLISECONDS);
  }

  #hear(news: CookieNews): void {
    if (news.kind === 'ping') this.#say({ kind: 'pong' });
    // What was said before the jar had all lines of this page would take them away again.
    if (news.kind !== 'cookies' || news.taken < this.#told) return;
    this.text = news.cookies;
    this.#unanswered = [];
  }

  #tell(cookie: string): void {
    this.#told += 1;
    this.#say({ kind: 'set', cookie });
  }

  #say(order: CookieOrder): void {
    this.#port?.postMessage(order);
  }
}

/** Of one cookie as `document.cookie` has it. */
function nameOf(text: string): string {
  return text.includes('=') ? text.slice(0, text.indexOf('=')) : '';
}
