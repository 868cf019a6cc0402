import type { PreviewCall } from '../../../core/preview/preview-call.ts';
import type { PageReport } from '../../../core/preview/page-report.ts';
import type { PreviewEvents } from './preview.ts';

/** The service worker says other things too. */
const CALLS: ReadonlySet<string> = new Set<PreviewCall['kind']>(['preview-request', 'preview-socket', 'preview-cookies']);
const ACTIVE_MILLISECONDS = 20_000;
const INSTEAD = 'In the terminal, "wget -qO- localhost:8888" shows what a port answers.';

/** Registers the service worker of a site and resolves when it is active. Rejects with a sentence for the learner. */
export async function registerServiceWorker(site: string): Promise<void> {
  if (!isSecureContext || !('serviceWorker' in navigator)) {
    const why = isSecureContext ? 'This browser, or its private window, has no service workers.' : 'Browsers allow it only on https or localhost.';
    throw new Error(`Pages of containers cannot be shown here: ${why} ${INSTEAD}`);
  }
  try {
    await startServiceWorker(site);
  } catch (error) {
    const why = 'the browser refused the service worker that this needs. Private windows and blocked site data do that.';
    throw new Error(`Pages of containers cannot be shown here: ${why} ${INSTEAD}`, { cause: error });
  }
}

/** Registers the service worker of a site and resolves to it when it is active. Rejects as the browser does, and where it has none. */
export async function startServiceWorker(site: string): Promise<ServiceWorker> {
  if (!isSecureContext || !('serviceWorker' in navigator)) throw new Error('there are no service workers here');
  const registration = await navigator.serviceWorker.register(new URL('service-worker.js', site), { scope: site, updateViaCache: 'none' });
  await untilActive(registration);
  if (registration.active === null) throw new Error('it was removed at once');
  return registration.active;
}

/** Passes on what the service worker asks of this page. */
export function listenToServiceWorker(events: Pick<PreviewEvents, 'onCall' | 'onReport'>): void {
  // Absent where registering it is refused with a sentence.
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<PreviewCall | PageReport>) => {
    const [port] = event.ports;
    const { data } = event;
    if (data.kind === 'preview-exchange' || data.kind === 'preview-console') events.onReport(data);
    else if (CALLS.has(data.kind) && port !== undefined) events.onCall(data, port);
  });
  navigator.serviceWorker.startMessages();
}

function untilActive(registration: ServiceWorkerRegistration): Promise<void> {
  if (registration.active !== null) return Promise.resolve();
  const worker = registration.installing ?? registration.waiting;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not become active in time')), ACTIVE_MILLISECONDS);
    worker?.addEventListener('statechange', () => {
      if (worker.state !== 'activated' && worker.state !== 'redundant') return;
      clearTimeout(timer);
      if (worker.state === 'activated') resolve();
      else reject(new Error('it could not be installed'));
    });
  });
}
