import { Emitter, type Event } from '../base/events.ts';

/** Bounds as browsers have them: cookies of one port, and bytes of one. */
const MAX_COOKIES = 180;
const MAX_COOKIE_BYTES = 4096;

/** A cookie as the jar keeps it. */
interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Milliseconds since 1970; infinite for one that lasts as long as the sandbox. */
  readonly expires: number;
  /** Scripts neither see nor change it. */
  readonly isHttpOnly: boolean;
}

/**
 * The cookies of published ports. A service worker can neither set cookies nor read them, so Drydock keeps them itself: one jar a port,
 * sent with later requests and gone with the sandbox. Scripts of the page see them by `scriptText` (src/page-script).
 */
export class CookieJar {
  readonly #change = new Emitter<number>();
  /** Tells of a port whose cookies have changed. */
  readonly onChange: Event<number> = this.#change.event;
  readonly #ports = new Map<number, Cookie[]>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes one Set-Cookie header of an answer to `path` (with or without a query). One that a browser would refuse is left out. */
  take(port: number, path: string, setCookie: string): void {
    const cookie = parseSetCookie(setCookie, path, this.#now());
    if (cookie !== undefined) this.#put(port, cookie);
  }

  /** Takes what a script of a page at `path` has written to `document.cookie`. What servers keep from scripts is not touched. */
  takeFromScript(port: number, path: string, line: string): void {
    const cookie = parseSetCookie(line, path, this.#now());
    if (cookie === undefined || cookie.isHttpOnly) return;
    if (this.#valid(port).some(other => other.isHttpOnly && isSame(other, cookie))) return;
    this.#put(port, cookie);
  }

  /** The Cookie header for a request; undefined where there is none. */
  header(port: number, path: string): string | undefined {
    const text = textOf(this.#matching(port, path));
    return text === '' ? undefined : text;
  }

  /** What `document.cookie` shows to scripts of a page at `path`. */
  scriptText(port: number, path: string): string {
    return textOf(this.#matching(port, path).filter(({ isHttpOnly }) => !isHttpOnly));
  }

  #put(port: number, cookie: Cookie): void {
    const others = this.#valid(port).filter(other => !isSame(other, cookie));
    if (cookie.expires > this.#now()) others.push(cookie);
    this.#ports.set(port, others.slice(-MAX_COOKIES));
    this.#change.emit(port);
  }

  #matching(port: number, path: string): Cookie[] {
    const matching = this.#valid(port).filter(cookie => isBelow(pathOf(path), cookie.path));
    // Longer paths first, as browsers do: a server takes the first of two with one name.
    return matching.sort((one, other) => other.path.length - one.path.length);
  }

  #valid(port: number): Cookie[] {
    return (this.#ports.get(port) ?? []).filter(({ expires }) => expires > this.#now());
  }
}

function isSame(one: Cookie, other: Cookie): boolean {
  return one.name === other.name && one.path === other.path;
}

/** As `Cookie` and `document.cookie` have them. */
export function textOf(cookies: readonly Pick<Cookie, 'name' | 'value'>[]): string {
  return cookies.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
}

/** Reads a line as `Set-Cookie` has it, for a page at `requestPath`; `now` as `Date.now()`. Undefined for what a browser would refuse. */
export function parseSetCookie(text: string, requestPath: string, now: number): Cookie | undefined {
  const [pair = '', ...attributes] = text.split(';');
  if (pair.length > MAX_COOKIE_BYTES) return undefined;
  const equals = pair.indexOf('=');
  const name = equals < 0 ? '' : pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  if (name === '' && value === '') return undefined;
  const found = new Map<string, string>();
  for (const attribute of attributes) {
    const [key = '', ...rest] = attribute.split('=');
    found.set(key.trim().toLowerCase(), rest.join('=').trim());
  }
  if (!isOwnDomain(found.get('domain'))) return undefined;
  const path = found.get('path');
  const isHttpOnly = found.has('httponly');
  return { name, value, path: path?.startsWith('/') === true ? path : defaultPath(requestPath), expires: expiryOf(found, now), isHttpOnly };
}

/** The host is localhost, whatever the port: a cookie for another domain is refused as a browser would. */
function isOwnDomain(domain: string | undefined): boolean {
  return domain === undefined || ['', 'localhost', '127.0.0.1'].includes(domain.replace(/^\./, '').toLowerCase());
}

function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number {
  const age = attributes.get('max-age');
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0 ? 0 : now + Number(age) * 1000;
  const expires = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires;
}

function pathOf(target: string): string {
  return target.split('?')[0] ?? target;
}

function defaultPath(requestPath: string): string {
  const path = pathOf(requestPath);
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || (path.startsWith(folder) && (folder.endsWith('/') || path[folder.length] === '/'));
}
