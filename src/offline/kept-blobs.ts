import { sha256Of } from '../core/base/sha256.ts';
import { blobAddress, cacheNames, sha256OfBlobAddress } from '../core/offline/kept-names.ts';

/** The blobs that the browser keeps for a site. A browser that refuses, now or later, keeps none: nothing here rejects because of it but `put`. */
export class KeptBlobs {
  readonly #site: string;
  readonly #name: string;
  #cache: Promise<Cache | undefined> | undefined;

  /** `site` ends with a slash. */
  constructor(site: string) {
    this.#site = site;
    this.#name = cacheNames(site).blobs;
  }

  /** Resolves to false where the browser keeps nothing: over http, in some private windows, in some frames of other sites. */
  async works(): Promise<boolean> {
    return (await this.#open()) !== undefined;
  }

  /** The bytes as they are kept, not checked; undefined where they are not. */
  async get(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const answer = await (await this.#open())?.match(blobAddress(this.#site, sha256));
      return answer && new Uint8Array(await answer.arrayBuffer());
    } catch {
      // Cleared a moment ago, or unreadable on the disk: it is then loaded again.
      return undefined;
    }
  }

  /** Keeps bytes that fit their name, and no others. Rejects as the browser's storage does: `QuotaExceededError` where it is full. */
  async put(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const cache = await this.#open();
    if (cache === undefined) throw new Error('the browser keeps nothing for this page');
    if ((await sha256Of(bytes)) !== sha256) return;
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) };
    await cache.put(blobAddress(this.#site, sha256), new Response(bytes, { headers }));
  }

  async delete(sha256: string): Promise<void> {
    await (await this.#open())?.delete(blobAddress(this.#site, sha256)).catch(() => false);
  }

  /** Which are kept. */
  async list(): Promise<ReadonlySet<string>> {
    const requests = await (await this.#open())?.keys().catch(() => []);
    const known = (requests ?? []).map(({ url }) => sha256OfBlobAddress(url));
    return new Set(known.filter(sha256 => sha256 !== undefined));
  }

  /** Forgets all. */
  async removeAll(): Promise<void> {
    this.#cache = undefined;
    await globalThis.caches?.delete(this.#name);
  }

  #open(): Promise<Cache | undefined> {
    this.#cache ??= openCache(this.#name);
    return this.#cache;
  }
}

/** Opens a cache; undefined where the browser has none for this page or refuses. */
export async function openCache(name: string): Promise<Cache | undefined> {
  try {
    // Absent outside secure contexts; opening throws where storage is blocked.
    return await (globalThis.caches as CacheStorage | undefined)?.open(name);
  } catch {
    return undefined;
  }
}
