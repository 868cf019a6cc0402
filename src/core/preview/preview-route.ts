/** A place behind a published port. */
export interface PreviewRoute {
  /** The port of the host, as in `localhost:8888`. */
  readonly port: number;
  /** Begins with a slash; with the query, without the fragment. */
  readonly path: string;
  /** Which of several machines: each Drydock that is embedded has its own. Absent for the one of Drydock's own page. */
  readonly sandbox?: string;
}

/** What is known of a request that the service worker sees. */
export interface SeenRequest {
  readonly url: string;
  /** The address of the page that asks, where it is known. */
  readonly clientUrl?: string;
  /** What the browser would send as Referer; '' or `about:client` for none. */
  readonly referrer?: string;
}

/** What a request is for. `isOwn` is true where its address is already one of this scheme. */
export interface RoutedRequest {
  readonly route: PreviewRoute;
  readonly isOwn: boolean;
  /** The port of the page that asks; undefined for an address that was typed. */
  readonly from: number | undefined;
}

const FOLDER = 'preview/';
/** The names under which a published port is reached on one's own computer. */
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '0.0.0.0', '[::1]']);
const HTTP_PORT = 80;
const MAX_PORT = 65_535;

/**
 * The address of a published port: `<site>preview/8888/path`, or `<site>preview/8888-k3x9/path` in the machine of an embed. `site` ends with a slash.
 * A folder of the site and not a name of its own: a static host has one name, and a service worker has one origin.
 */
export function previewUrl(site: string, { port, path, sandbox }: PreviewRoute): string {
  return `${site}${FOLDER}${port}${sandbox === undefined ? '' : `-${sandbox}`}${path}`;
}

/** A route as one of a certain machine. */
export function inSandbox({ port, path }: PreviewRoute, sandbox: string | undefined): PreviewRoute {
  return sandbox === undefined ? { port, path } : { port, path, sandbox };
}

/** The place that an address of this scheme names; undefined for any other address. */
export function parsePreviewUrl(site: string, url: string): PreviewRoute | undefined {
  const parsed = urlOf(url);
  if (parsed === undefined || !parsed.href.startsWith(site + FOLDER)) return undefined;
  const match = /^(\d{1,5})(?:-([a-z0-9]{1,16}))?(\/.*)?$/.exec(parsed.pathname.slice(new URL(site + FOLDER).pathname.length));
  const port = Number(match?.[1]);
  if (match === null || !isPort(port)) return undefined;
  return inSandbox({ port, path: (match[3] ?? '/') + parsed.search }, match[2]);
}

/** Where an address like `http://localhost:5000/x` leads, seen from a learner's own computer; undefined for any other host. */
export function parseLoopbackUrl(url: string): PreviewRoute | undefined {
  const parsed = urlOf(url);
  if (parsed === undefined || parsed.protocol !== 'http:' || !LOOPBACK_HOSTS.has(parsed.hostname)) return undefined;
  return { port: parsed.port === '' ? HTTP_PORT : Number(parsed.port), path: parsed.pathname + parsed.search };
}

/** What was typed into an address bar: `localhost:8888/x`, `:8888`, `8888`, `http://127.0.0.1:8888`. Undefined where no port is meant. */
export function parseTyped(text: string): PreviewRoute | undefined {
  const trimmed = text.trim();
  if (/^:?\d+(\/|\?|#|$)/.test(trimmed)) return checked(`http://localhost:${trimmed.replace(/^:/, '')}`);
  return checked(/^[a-z]+:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
}

/** The address as a learner knows it: `localhost:8888/x`. */
export function shownAddress({ port, path }: PreviewRoute): string {
  return `localhost:${port}${path}`;
}

/**
 * Which published port a request is for; undefined for one that the service worker must leave alone.
 * A page from a port asks for `/style.css` and means its own port, not the site that Drydock lies on; and `http://localhost:5000` is another port.
 */
export function routeRequest(site: string, { url, clientUrl = '', referrer = '' }: SeenRequest): RoutedRequest | undefined {
  const page = parsePreviewUrl(site, clientUrl) ?? parsePreviewUrl(site, referrer);
  const from = page?.port;
  const own = parsePreviewUrl(site, url);
  if (own !== undefined) return { route: own, isOwn: hasPath(site, url), from };
  const parsed = urlOf(url);
  if (page === undefined || parsed === undefined) return undefined;
  if (parsed.origin === new URL(site).origin) return { route: { ...page, path: parsed.pathname + parsed.search }, isOwn: false, from };
  const loopback = parseLoopbackUrl(url);
  return loopback === undefined ? undefined : { route: inSandbox(loopback, page.sandbox), isOwn: false, from };
}

/** Where a redirect of a published port leads, as an address for the browser. What leads out of the sandbox stays as it is. */
export function mapLocation(site: string, from: PreviewRoute, location: string): string {
  const base = `http://${shownAddress(from)}`;
  const target = urlOf(location, base);
  const route = target === undefined ? undefined : parseLoopbackUrl(target.href);
  if (target === undefined || route === undefined) return target?.href ?? location;
  return previewUrl(site, inSandbox(route, from.sandbox)) + target.hash;
}

/** True for the pages of the site that can answer for the sandbox: Drydock itself, and the frame that a second origin has. */
export function isHostPage(site: string, url: string): boolean {
  const parsed = urlOf(url);
  const own = new URL(site);
  if (parsed === undefined || parsed.origin !== own.origin) return false;
  return ['', 'index.html', 'preview.html'].some(name => parsed.pathname === own.pathname + name);
}

function checked(url: string): PreviewRoute | undefined {
  const route = parseLoopbackUrl(url);
  return route !== undefined && isPort(route.port) ? route : undefined;
}

/** False for `<site>preview/8888`: without the slash, the page's own relative links would leave the port. */
function hasPath(site: string, url: string): boolean {
  return /^[^/?#]+\//.test(url.slice((site + FOLDER).length));
}

function isPort(port: number): boolean {
  return port >= 1 && port <= MAX_PORT;
}

function urlOf(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}
