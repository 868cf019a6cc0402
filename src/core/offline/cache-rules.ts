import { releaseOf } from './release.ts';

/** What the service worker knows of a request. */
export interface SiteRequest {
  readonly url: string;
  readonly method: string;
  /** `navigate` for a page of its own or in a frame. */
  readonly mode: string;
}

/** How a request to the site is answered; `path` is below the site. */
export type CacheRule =
  /** A page: what the server has now, else the newest release that is kept whole. */
  | { readonly kind: 'page'; readonly path: string }
  /** A file of a certain release: never one of another. */
  | { readonly kind: 'release-file'; readonly path: string; readonly release: string }
  /** A file that has a hash of its content in its name: kept is as good as new. */
  | { readonly kind: 'asset'; readonly path: string }
  /** Whatever else a site has: what the server has now, else what was last seen. */
  | { readonly kind: 'other'; readonly path: string };

const ASSETS = 'assets/';
/** The worker that has the machine reads these and keeps them itself (src/worker/keeping-host.ts). */
const BLOBS = 'machine/blobs/';
const PREVIEWS = 'preview/';
const PAGES: Readonly<Record<string, string>> = { '': 'index.html', 'index.html': 'index.html', 'preview.html': 'preview.html' };
const UNTOUCHED = new Set(['service-worker.js']);

/** The rule for a request; undefined for one that the service worker leaves alone. `site` ends with a slash. */
export function cacheRule(site: string, { url, method, mode }: SiteRequest): CacheRule | undefined {
  if (method !== 'GET' || !url.startsWith(site)) return undefined;
  const path = decoded(new URL(url).pathname.slice(new URL(site).pathname.length));
  if (path === undefined || path.startsWith(BLOBS) || path.startsWith(PREVIEWS) || UNTOUCHED.has(path)) return undefined;
  const page = PAGES[path];
  if (mode === 'navigate') return page === undefined ? { kind: 'other', path } : { kind: 'page', path: page };
  const release = releaseOf(url);
  if (release !== undefined) return { kind: 'release-file', path, release };
  return path.startsWith(ASSETS) ? { kind: 'asset', path } : { kind: 'other', path };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
