import type { HttpHeaders } from '../network/http-headers.ts';
import { parsePreviewUrl, type PreviewRoute } from './preview-route.ts';

/** Headers as pairs; a name may come several times. */
export type HeaderList = readonly (readonly [string, string])[];

/** What a service worker knows of a request and its headers do not say. */
export interface RequestFacts {
  readonly site: string;
  readonly route: PreviewRoute;
  readonly method: string;
  /** What the browser would send as Referer. */
  readonly referrer: string;
  /** The port of the page that asks. */
  readonly from: number | undefined;
  readonly userAgent: string;
  readonly languages: readonly string[];
}

/** Belong to one connection, or are written anew: the host, what the client sends of itself. */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'accept-encoding',
]);
/**
 * Not given to the browser: what belongs to the connection; cookies, which the jar has; what would forbid the pane to show the page; and what
 * would clear the storage of Drydock itself, whose origin the page may share.
 */
const NOT_ANSWERED = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'set-cookie',
  'x-frame-options',
  'clear-site-data',
  'referrer-policy',
  'strict-transport-security',
]);
const POLICY_HEADERS = new Set(['content-security-policy', 'content-security-policy-report-only']);
/** `sandbox` would give the page an origin of its own, and no service worker sees such a page. */
const DROPPED_DIRECTIVES = new Set(['frame-ancestors', 'sandbox']);
const SAFE_METHODS = new Set(['GET', 'HEAD']);

/** The headers of a request as a browser would send them to `localhost:8888`. Cookies come later, from the jar. */
export function requestHeaders(given: HeaderList, facts: RequestFacts): HeaderList {
  const headers = given.filter(([name]) => !NOT_FORWARDED.has(name.toLowerCase()));
  const has = (name: string): boolean => headers.some(([given]) => given.toLowerCase() === name);
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '' && !has(name.toLowerCase())) headers.push([name, value]);
  };
  headers.unshift(['Host', `localhost:${facts.route.port}`]);
  add('User-Agent', facts.userAgent);
  add('Accept', '*/*');
  add('Accept-Language', facts.languages.join(','));
  const referrer = parsePreviewUrl(facts.site, facts.referrer);
  add('Referer', referrer === undefined ? undefined : `http://localhost:${referrer.port}${referrer.path}`);
  const isForeign = facts.from !== undefined && facts.from !== facts.route.port;
  if (facts.from !== undefined && (isForeign || !SAFE_METHODS.has(facts.method))) add('Origin', `http://localhost:${facts.from}`);
  // A service worker's answer is not unpacked by the browser, and nothing is won by packing between two programs of one computer.
  headers.push(['Accept-Encoding', 'identity']);
  return headers;
}

/** The headers of a WebSocket's handshake as a browser would send them to `localhost:8888`, but for those that make it one and the cookies. */
export function socketHeaders({
  from,
  languages,
  route,
  userAgent,
}: Pick<RequestFacts, 'route' | 'userAgent' | 'languages'> & { from: number }): HeaderList {
  return [
    ['Host', `localhost:${route.port}`],
    ['Origin', `http://localhost:${from}`],
    ['User-Agent', userAgent],
    ['Accept-Language', languages.join(',')],
    ['Cache-Control', 'no-cache'],
  ];
}

/** The headers of an answer as the browser may have them. */
export function responseHeaders(headers: HttpHeaders | HeaderList): HeaderList {
  const answered: [string, string][] = [];
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (NOT_ANSWERED.has(key)) continue;
    const kept = POLICY_HEADERS.has(key) ? policyForFrame(value) : value;
    if (kept !== '') answered.push([key, kept]);
  }
  // Absolute links of a page are told apart by the page they come from: it must be named, whatever the page would like.
  answered.push(['referrer-policy', 'same-origin']);
  return answered;
}

/** A content security policy without what would keep the page out of the pane. */
function policyForFrame(policy: string): string {
  const policies = policy.split(',').map(one => {
    const directives = one.split(';').map(text => text.trim());
    return directives.filter(text => text !== '' && !DROPPED_DIRECTIVES.has(text.split(/\s/)[0]!.toLowerCase())).join('; ');
  });
  return policies.filter(text => text !== '').join(', ');
}
