import type { CookieNews, CookieOrder } from '../core/preview/preview-call.ts';
import type { SandboxLink } from './sandbox-link.ts';

/** How long after a link broke another one is tried for. */
const AGAIN_MILLISECONDS = 5000;

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
  #waiting: string[] = [];

  constructor(cookies: string, link: SandboxLink) {
    this.text = cookies;
    this.#link = link;
    void this.#connect();
    addEventListener('pagehide', () => this.#say({ kind: 'abort' }));
    // Shown again from the browser's memory, with its scripts as they were.
    addEventListener('pageshow', ({ persisted }) => persisted && void this.#connect());
  }

  /** Shown at once, as a script expects; what the jar makes of it comes after. */
  set(line: string): void {
    const [pair = ''] = line.split(';');
    const [name = '', ...rest] = pair.split('=');
    const known = this.text.split('; ').filter(one => one !== '' && one.split('=')[0] !== name.trim());
    const isGone = /;\s*max-age=(?:0|-\d+)\s*(?:;|$)/i.test(line) || Date.parse(/;\s*expires=([^;]*)/i.exec(line)?.[1] ?? '') < Date.now();
    this.text = [...known, ...(isGone ? [] : [`${name.trim()}=${rest.join('=').trim()}`])].join('; ');
    this.#waiting.push(line);
    this.#send();
  }

  async #connect(): Promise<void> {
    try {
      const port = await this.#link.open({ kind: 'ask-cookies' });
      this.#port = port;
      port.onmessage = ({ data }: MessageEvent<CookieNews>) => this.#hear(data);
      this.#send();
    } catch {
      // The machine may start anew: its jar is another then.
      setTimeout(() => void this.#connect(), AGAIN_MILLISECONDS);
    }
  }

  #hear(news: CookieNews): void {
    if (news.kind === 'ping') this.#say({ kind: 'pong' });
    else if (news.kind === 'cookies') this.text = news.cookies;
  }

  #send(): void {
    if (this.#port === undefined) return;
    for (const cookie of this.#waiting.splice(0)) this.#say({ kind: 'set', cookie });
  }

  #say(order: CookieOrder): void {
    this.#port?.postMessage(order);
  }
}
