import { PREVIEW_VERSION, type NotHere, type RequestCall } from '../core/preview/preview-call.ts';
import type { Exchange } from '../core/preview/page-report.ts';
import { requestHeaders } from '../core/preview/preview-headers.ts';
import type { PreviewRoute } from '../core/preview/preview-route.ts';
import { failurePage, noSandboxPage } from './failure-page.ts';
import { hostPages } from './host-pages.ts';
import { pageScript } from './page-script.ts';
import { SandboxChannel, type Answer } from './sandbox-channel.ts';

/** Where a request leads, and from which port it comes. */
export interface PreviewTarget {
  readonly site: string;
  readonly route: PreviewRoute;
  readonly from: number | undefined;
}

/** Methods with which a browser says a length even where there is no body. */
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);

/** Answers a request to a published port: by the sandbox, or by a page that says why there is no answer. */
export async function answerPreview(event: FetchEvent, target: PreviewTarget): Promise<Response> {
  const { request } = event;
  const body = await bodyOf(request);
  const call = callOf(request, target, body);
  let absence: Exclude<NotHere, 'other-sandbox'> = 'no-page';
  const script = request.mode === 'navigate' ? (cookies: string) => pageScript({ site: target.site, cookies }) : undefined;
  for (const page of await hostPages(target.site)) {
    const tell = (exchange: Exchange): void => page.postMessage(exchange);
    const channel = new SandboxChannel({ page, call, body, site: target.site, scriptFor: script, tell });
    event.waitUntil(channel.whenOver);
    request.signal.addEventListener('abort', () => channel.abort());
    const answer = await channel.answer;
    if (answer.kind !== 'absent') return responseOf(request, target, answer);
    // A page with another machine has nothing to say about this one.
    if (answer.why !== 'other-sandbox') absence = answer.why;
  }
  return request.mode === 'navigate' ? noSandboxPage(target.route, absence) : Response.error();
}

function responseOf(request: Request, { site, route }: PreviewTarget, answer: Answer & { kind: 'response' | 'failed' }): Response {
  if (answer.kind === 'response') return answer.response;
  // A script learns of it as from any server that is not there.
  return request.mode === 'navigate' ? failurePage(site, route, answer) : Response.error();
}

/** A blob, which the browser may keep on disk: its length must be known before it is sent, many small servers take no other. */
async function bodyOf(request: Request): Promise<Blob | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const body = await request.blob();
  return body.size > 0 || BODY_METHODS.has(request.method) ? body : undefined;
}

function callOf(request: Request, { site, route, from }: PreviewTarget, body: Blob | undefined): RequestCall {
  const { method, referrer, credentials } = request;
  const { userAgent, languages } = navigator;
  const headers = requestHeaders([...request.headers], { site, route, method, referrer, from, userAgent, languages });
  const isOwnPort = from === undefined || from === route.port;
  const hasCookies = credentials === 'include' || (credentials === 'same-origin' && isOwnPort);
  const call = { kind: 'preview-request', version: PREVIEW_VERSION, route, method, headers, hasCookies } as const;
  return body === undefined ? call : { ...call, bodyBytes: body.size };
}
