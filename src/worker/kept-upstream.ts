import { counted, piecesOf, streamOf } from '../core/base/gzip.ts';
import { cacheNames } from '../core/offline/kept-names.ts';
import type { KeptFiles } from '../core/upstream/kept-files.ts';
import { openCache } from '../offline/kept-blobs.ts';

/** Keeps what came from servers outside in the browser, apart from the site's own files. A browser that keeps nothing refuses each file. */
export class KeptUpstream implements KeptFiles {
  readonly #site: string;
  readonly #name: string;
  #cache: Promise<Cache | undefined> | undefined;

  /** `site` ends with a slash. */
  constructor(site: string) {
    this.#site = site;
    this.#name = cacheNames(site).upstream;
  }

  async open(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      const body = (await (await this.#open())?.match(this.#addressOf(name)))?.body;
      return body ? piecesOf(body) : undefined;
    } catch {
      // Cleared a moment ago, or unreadable on the disk: it is then fetched again.
      return undefined;
    }
  }

  async keep(name: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const cache = await this.#open();
    if (cache === undefined) throw new Error('the browser keeps nothing for this page');
    let bytes = 0;
    const counting = counted(pieces as AsyncIterable<Uint8Array<ArrayBuffer>>, count => (bytes = count));
    await cache.put(this.#addressOf(name), new Response(streamOf(counting)));
    await cache.put(this.#sizeAddressOf(name), new Response(String(bytes)));
  }

  async usedBytes(): Promise<number> {
    const cache = await this.#open();
    if (cache === undefined) return 0;
    const sizes = (await cache.keys()).filter(({ url }) => new URL(url).search === '?bytes');
    const texts = await Promise.all(sizes.map(async request => (await cache.match(request))?.text()));
    return texts.reduce((sum, text) => sum + Number(text ?? 0), 0);
  }

  async clear(): Promise<void> {
    this.#cache = undefined;
    await globalThis.caches?.delete(this.#name);
  }

  /** An address that nothing on the site has. */
  #addressOf(name: string): string {
    return new URL(`kept-upstream/${encodeURIComponent(name)}`, this.#site).href;
  }

  #sizeAddressOf(name: string): string {
    return `${this.#addressOf(name)}?bytes`;
  }

  #open(): Promise<Cache | undefined> {
    this.#cache ??= openCache(this.#name);
    return this.#cache;
  }
}
