import { KeptBlobs } from '../offline/kept-blobs.ts';
import type { BlobKeeper } from './site-host.ts';

/**
 * Keeps every blob that is read, so that what was used once works without a network: from the first visit on, before there is a service worker. They are
 * written in passing. Where the browser keeps nothing (over http, in some private windows and frames) or has no more room, its own cache does as well
 * as it can.
 */
export function keepBlobs(baseUrl: string): BlobKeeper {
  const kept = new KeptBlobs(new URL('.', baseUrl).href);
  let isRefused = false;
  return async (sha256, fresh, fetchBlob) => {
    const known = fresh ? undefined : await kept.get(sha256);
    if (known !== undefined) return known;
    isRefused ||= !(await kept.works());
    if (isRefused) return fetchBlob(sha256, fresh ? 'reload' : 'force-cache');
    // Not in the browser's own cache as well: that would store everything twice.
    const bytes = await fetchBlob(sha256, fresh ? 'reload' : 'no-store');
    kept.put(sha256, bytes).catch((error: unknown) => {
      isRefused = true;
      console.warn('the browser keeps no more of the machine', error);
    });
    return bytes;
  };
}
