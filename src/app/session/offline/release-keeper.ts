import { withTimeout } from '../../../core/base/errors.ts';
import { releaseLock, type KeepAnswer, type KeepMessage } from '../../../core/offline/kept-names.ts';
import { releaseOf } from '../../../core/offline/release.ts';
import { startServiceWorker } from '../preview/service-worker-registration.ts';

/** The page's own files over a slow line; what has arrived by then is kept. */
const PATIENCE_MILLISECONDS = 600_000;

/** Says for as long as this page lives of which release it is, so that its files are not dropped under it. */
export function holdRelease(baseUrl: string): void {
  const release = releaseOf(baseUrl);
  if (release === undefined) return;
  const name = releaseLock(siteOf(baseUrl), release);
  // Absent outside secure contexts, refused in opaque origins: nothing is kept there either.
  navigator.locks?.request(name, { mode: 'shared' }, () => new Promise<never>(() => undefined)).catch(() => undefined);
}

/** Has the service worker keep the release that this page is of. Rejects where there is no service worker. */
export function keepRelease(baseUrl: string): Promise<KeepAnswer> {
  return order(baseUrl, { kind: 'keep-release', release: releaseOf(baseUrl) ?? '' });
}

/** Has the service worker forget all releases. */
export function forgetReleases(baseUrl: string): Promise<KeepAnswer> {
  return order(baseUrl, { kind: 'remove-kept' });
}

export function siteOf(baseUrl: string): string {
  return new URL('.', baseUrl).href;
}

async function order(baseUrl: string, message: KeepMessage): Promise<KeepAnswer> {
  const worker = await startServiceWorker(siteOf(baseUrl));
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<KeepAnswer>(resolve => {
    port1.onmessage = (event: MessageEvent<KeepAnswer>) => resolve(event.data);
  });
  worker.postMessage(message, [port2]);
  return withTimeout(answer, PATIENCE_MILLISECONDS, 'The browser takes too long to keep the page.').finally(() => port1.close());
}
