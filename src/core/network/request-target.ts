import type { HttpServerRequest } from './http-server.ts';

/** Where a request wants to go. */
export interface RequestTarget {
  /** In lower case, without a port; empty where the request names none. */
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Takes a request's target apart: `/path`, or `http://host/path` as proxies get it. Undefined for what is no address of a page. */
export function targetOf({ target, headers }: Pick<HttpServerRequest, 'target' | 'headers'>): RequestTarget | undefined {
  try {
    // The name is only there to complete the address; a path that begins with two slashes must not become a host.
    const url = new URL(target.startsWith('/') ? `http://sandbox${target}` : target);
    const host = target.startsWith('/') ? (headers.get('host') ?? '') : url.hostname;
    return { host: host.toLowerCase().replace(/:\d+$/, ''), path: decodeURIComponent(url.pathname), query: url.searchParams };
  } catch {
    return undefined;
  }
}
