import type { PreviewSite } from './preview.ts';
import { registerServiceWorker } from './service-worker-registration.ts';
import { readSiteConfig } from './site-config.ts';

/** Finds where pages of published ports are shown, and makes the service worker there ready. Rejects with a sentence for the learner. */
export async function findPreviewSite(baseUrl: string): Promise<PreviewSite> {
  const own = new URL('.', baseUrl).href;
  const { previewSite } = await readSiteConfig(own);
  // The second origin registers its service worker itself, from the frame (second-origin/).
  if (previewSite !== undefined && previewSite !== own) return { url: previewSite, isSecondOrigin: true };
  await registerServiceWorker(own);
  return { url: own, isSecondOrigin: false };
}
