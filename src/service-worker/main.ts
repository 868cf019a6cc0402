/**
 * The service worker: it carries requests of pages under `<site>preview/<port>/` to the sandbox, and touches nothing else. It keeps no state,
 * because the browser may end it at any time; what it remembers of its clients can be asked again.
 */
import { previewUrl, routeRequest, type RoutedRequest, type SeenRequest } from '../core/preview/preview-route.ts';
import { answerPreview } from './answer-preview.ts';

declare const self: ServiceWorkerGlobalScope;

const site = self.registration.scope;
/** A page or worker has one address for its life: whether it comes from a published port need be asked once. */
const ordinaryClients = new Set<string>();
/** What has an address of its own, against which its relative links are resolved: it is sent there. */
const NAVIGATIONS: readonly RequestDestination[] = ['document', 'iframe', 'frame', 'embed', 'object', 'worker', 'sharedworker'];

self.addEventListener('install', event => event.waitUntil(self.skipWaiting()));

self.addEventListener('fetch', event => {
  const { request, clientId } = event;
  const routed = routeRequest(site, seen(request));
  if (routed !== undefined) event.respondWith(answer(event, routed));
  // A page of a port may ask through a style sheet or with its address hidden: only its client tells.
  else if (clientId !== '' && request.mode !== 'navigate' && !ordinaryClients.has(clientId)) event.respondWith(answerByClient(event));
});

function seen({ url, referrer }: Request): SeenRequest {
  return { url, referrer };
}

async function answerByClient(event: FetchEvent): Promise<Response> {
  const client = await self.clients.get(event.clientId);
  const routed = client === undefined ? undefined : routeRequest(site, { ...seen(event.request), clientUrl: client.url });
  if (routed !== undefined) return answer(event, routed);
  // A frame without an address (about:srcdoc, blob:) may be part of a port's page: its next request may say so.
  if (client !== undefined && /^https?:/.test(client.url)) ordinaryClients.add(event.clientId);
  return fetch(event.request);
}

async function answer(event: FetchEvent, { route, isOwn, from }: RoutedRequest): Promise<Response> {
  if (!isOwn && NAVIGATIONS.includes(event.request.destination)) return Response.redirect(previewUrl(site, route), 307);
  return answerPreview(event, { site, route, from });
}
