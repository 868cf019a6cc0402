import { isHostPage } from '../core/preview/preview-route.ts';

declare const self: ServiceWorkerGlobalScope;

/** The pages that may have the sandbox, the one last looked at first. */
export async function hostPages(site: string): Promise<readonly WindowClient[]> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.filter(({ url }) => isHostPage(site, url));
}
