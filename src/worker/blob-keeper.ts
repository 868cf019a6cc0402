import { withTimeout } from '../core/base/errors.ts';
import { KeptBlobs } from '../offline/kept-blobs.ts';
import type { BlobKeeper } from './site-host.ts';

/** A machine once stood still for minutes under load; a cache that does not answer would explain it, which was not proven. No read waits longer for one. */
const ANSWER_MILLISECONDS = 5000;

/**
 * Keeps every blob that is read, so that what was used once works without a network: from the first visit on, before there is a service worker. They are
 * written in passing. Where the browser keeps nothing (over http, in some private windows and frames), has no more room or does not answer for
 * `answerMilliseconds`, its own cache does as well as it can.
 */
export function keepBlobs(
  baseUrl: string,
  kept: Pick<KeptBlobs, 'get' | 'works' | 'put'> = new KeptBlobs(new URL('.', baseUrl).href),
  answerMilliseconds = ANSWER_MILLISECONDS,
): BlobKeeper {
  let isRefused = false;
  // Neither question is ever refused: only its time can run out.
  const orLate = <T>(answer: Promise<T>): Promise<T | 'late'> =>
    withTimeout(answer, answerMilliseconds, 'the browser does not answer').catch(() => 'late' as const);
  return async (sha256, fresh, fetchBlob) => {
    const known = fresh ? undefined : await orLate(kept.get(sha256));
    if (known !== undefined && known !== 'late') return known;
    const works = known === 'late' ? 'late' : await orLate(kept.works());
    isRefused ||= works === false;
    if (isRefused || works === 'late') return fetchBlob(sha256, fresh ? 'reload' : 'force-cache');
    // Not in the browser's own cache as well: that would store everything twice.
    const bytes = await fetchBlob(sha256, fresh ? 'reload' : 'no-store');
    kept.put(sha256, bytes).catch((error: unknown) => {
      isRefused = true;
      console.warn('the browser keeps no more of the machine', error);
    });
    return bytes;
  };
}
