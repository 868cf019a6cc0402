import { fileAddress } from '../core/offline/release.ts';
import type { ArtifactHost } from '../core/sandbox/load/artifact-host.ts';
import { readWhole, STALL_MILLISECONDS } from '../offline/read-whole.ts';

/** Fetches a blob from the site; the cache is the browser's own. */
export type FetchBlob = (sha256: string, cache: RequestCache) => Promise<Uint8Array<ArrayBuffer>>;

/** Gives a blob, kept or fetched. `fresh`: what it gave before was damaged. */
export type BlobKeeper = (sha256: string, fresh: boolean, fetchBlob: FetchBlob) => Promise<Uint8Array>;

/** Leaves the keeping to the browser's own cache. */
const browserCache: BlobKeeper = (sha256, fresh, fetchBlob) => fetchBlob(sha256, fresh ? 'reload' : 'force-cache');

/**
 * The site as the sandbox's source of bytes. Blobs are named after their content, so a kept one is as good as a new one: `blobs` keeps them.
 * `baseUrl` names the release that the page is of, so that it gets the files of this one alone.
 */
export function siteHost(baseUrl: string, blobs: BlobKeeper = browserCache, stallMilliseconds = STALL_MILLISECONDS): ArtifactHost {
  const fetchBlob: FetchBlob = (sha256, cache) => readWhole(new URL(`machine/blobs/${sha256}.zst`, baseUrl).href, { cache, stallMilliseconds });
  return {
    async readFile(name, onBytes) {
      const bytes = await readWhole(fileAddress(baseUrl, `machine/${name}`), { cache: 'no-cache', stallMilliseconds });
      onBytes(bytes.length);
      return bytes.buffer;
    },
    readBlob: (sha256, fresh) => blobs(sha256, fresh, fetchBlob),
  };
}
