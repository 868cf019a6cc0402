/**
 * The service worker: it carries requests of pages under `<site>preview/<port>/` to the sandbox, and answers requests to the site itself from
 * what the browser keeps. It holds no state that matters, because the browser may end it at any time: what it remembers can be asked again.
 *
 * The rules of the cache, in this order:
 *
 *  1. A request of, or to, a page of a published port goes to the sandbox. Nothing of it is kept.
 *  2. `machine/blobs/…` are left alone: the worker that has the machine reads and keeps them (src/worker/keeping-host.ts). So is everything that is
 *     not of this site, or no GET.
 *  3. Pages (`index.html`, `preview.html`): the server first. Where it does not answer well within 4 s, the newest release that is kept.
 *  4. `…?release=<id>`, which is how a page asks for lessons and the machine's files: kept for that release, else from the server where that still has the
 *     very file (by SHA-256), else refused with "Drydock was updated meanwhile". A page so gets files of one release, its own.
 *  5. `assets/…` carry a hash of their content in their names: whichever release that is kept has it, else the server.
 *  6. `config.json` may change at any time: the server first, else what was last seen. Other files of a release: the server first, else kept.
 *
 * A release is kept when a page of it asks for that, which it does once its machine runs. Its list of files is stored last, so a release that is kept by
 * half is not there. Releases have the files in common that are alike. One that is not the newest goes when no open page is of it: each page holds a
 * lock with its release's name. The scheme does not depend on the version of this script: an older one can serve what a newer one keeps.
 */
import { cacheRule } from '../core/offline/cache-rules.ts';
import type { KeepAnswer, KeepMessage } from '../core/offline/kept-names.ts';
import type { PageAsk, PageConsole } from '../core/preview/preview-call.ts';
import { previewUrl, routeRequest, type RoutedRequest, type SeenRequest } from '../core/preview/preview-route.ts';
import { KeptReleases } from '../offline/kept-releases.ts';
import { answerPage, tellConsole } from './answer-page.ts';
import { answerPreview } from './answer-preview.ts';
import { dropOldReleases } from './drop-releases.ts';
import { keepRelease } from './keep-release.ts';
import { SiteFiles } from './site-files.ts';

declare const self: ServiceWorkerGlobalScope;

const site = self.registration.scope;
const releases = new KeptReleases(site);
const siteFiles = new SiteFiles(site, releases);
/** A page or worker has one address for its life: whether it comes from a published port need be asked once. */
const ordinaryClients = new Set<string>();
/** What has an address of its own, against which its relative links are resolved: it is sent there. */
const NAVIGATIONS: readonly RequestDestination[] = ['document', 'iframe', 'frame', 'embed', 'object', 'worker', 'sharedworker'];

self.addEventListener('install', event => event.waitUntil(self.skipWaiting()));

// The page of a first visit is to be safe from an update of the site as well.
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', event => {
  const { request, clientId } = event;
  const routed = routeRequest(site, seen(request));
  if (routed !== undefined) return event.respondWith(answer(event, routed));
  // A page of a port may ask through a style sheet or with its address hidden: only its client tells.
  if (clientId !== '' && request.mode !== 'navigate' && !ordinaryClients.has(clientId)) return event.respondWith(answerByClient(event));
  const rule = cacheRule(site, request);
  if (rule !== undefined) event.respondWith(siteFiles.answer(rule, request));
});

self.addEventListener('message', event => {
  const message = event.data as KeepMessage | PageAsk | PageConsole;
  const [port] = event.ports;
  if (!(event.source instanceof Client)) return;
  if (message.kind === 'tell-console') return event.waitUntil(tellConsole(site, event.source.url, message));
  if (port === undefined) return;
  if (message.kind === 'ask-socket' || message.kind === 'ask-cookies') return event.waitUntil(answerPage(site, event.source.url, message, port));
  if (!isOwnPage(event.source)) return;
  const say = (said: KeepAnswer): void => port.postMessage(said);
  if (message.kind === 'keep-release') event.waitUntil(keep(message.release).then(say));
  else if (message.kind === 'remove-kept') event.waitUntil(releases.removeAll().then(() => say({ kind: 'removed' })));
});

/** Pages of containers have the same origin, and are not to order anything here. */
function isOwnPage({ url }: Client): boolean {
  return routeRequest(site, { url, clientUrl: url }) === undefined;
}

async function keep(id: string): Promise<KeepAnswer> {
  // Another service worker of the same site may have changed what is kept.
  releases.forget();
  const said = await keepRelease(site, id, releases);
  if (said.kind === 'kept') await dropOldReleases(site, releases).catch((error: unknown) => console.warn('old releases were not dropped', error));
  return said;
}

function seen({ url, referrer }: Request): SeenRequest {
  return { url, referrer };
}

async function answerByClient(event: FetchEvent): Promise<Response> {
  const client = await self.clients.get(event.clientId);
  const routed = client === undefined ? undefined : routeRequest(site, { ...seen(event.request), clientUrl: client.url });
  if (routed !== undefined) return answer(event, routed);
  // A frame without an address (about:srcdoc, blob:) may be part of a port's page: its next request may say so.
  if (client !== undefined && /^https?:/.test(client.url)) ordinaryClients.add(event.clientId);
  const rule = cacheRule(site, event.request);
  return rule === undefined ? fetch(event.request) : siteFiles.answer(rule, event.request);
}

async function answer(event: FetchEvent, { route, isOwn, from }: RoutedRequest): Promise<Response> {
  if (!isOwn && NAVIGATIONS.includes(event.request.destination)) return Response.redirect(previewUrl(site, route), 307);
  return answerPreview(event, { site, route, from });
}
