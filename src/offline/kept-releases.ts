import { sha256Of } from '../core/base/sha256.ts';
import { cacheNames, fileKey, type CacheNames } from '../core/offline/kept-names.ts';
import { checkRelease, releaseAddress, releaseOf, RELEASE_PATH, type Release, type ReleaseFile } from '../core/offline/release.ts';
import { openCache } from './kept-blobs.ts';

/** Header of a kept list: when it was last found on the server, in milliseconds since 1970. */
const CONFIRMED = 'x-drydock-confirmed';

/** The releases of a site that the browser keeps whole. A browser that refuses keeps none: only what stores rejects because of it. */
export class KeptReleases {
  readonly #site: string;
  readonly #names: CacheNames;
  /** Read once, and again after a change: a service worker asks for it with each request. */
  #known: Promise<readonly Release[]> | undefined;

  /** `site` ends with a slash. */
  constructor(site: string) {
    this.#site = site;
    this.#names = cacheNames(site);
  }

  /** The one last found on the server first. */
  all(): Promise<readonly Release[]> {
    this.#known ??= this.#readAll().catch(() => []);
    return this.#known;
  }

  async find(id: string): Promise<Release | undefined> {
    return (await this.all()).find(release => release.id === id);
  }

  /** What was kept or dropped by another service worker or page is seen from now on. */
  forget(): void {
    this.#known = undefined;
  }

  /** A file of a release as it is kept. */
  async read({ sha256 }: ReleaseFile): Promise<Response | undefined> {
    try {
      return await (await openCache(this.#names.files))?.match(fileKey(this.#site, sha256));
    } catch {
      return undefined;
    }
  }

  /** The SHA-256 of the files that are kept. */
  async listFiles(): Promise<ReadonlySet<string>> {
    const requests = await (await openCache(this.#names.files))?.keys();
    return new Set((requests ?? []).map(({ url }) => url.slice(fileKey(this.#site, '').length)));
  }

  /** Keeps a file with the headers of its answer; resolves to false, and does not, where the bytes are others. Rejects as the storage does. */
  async keepFile({ sha256 }: ReleaseFile, bytes: ArrayBuffer, headers: Headers): Promise<boolean> {
    if ((await sha256Of(new Uint8Array(bytes))) !== sha256) return false;
    const cache = await this.#mustOpen(this.#names.files);
    await cache.put(fileKey(this.#site, sha256), new Response(bytes, { headers: keptHeaders(headers, bytes.byteLength) }));
    return true;
  }

  /** Says that all files of a release are kept, and that the server has it now. Rejects as the storage does. */
  async confirm(release: Release): Promise<void> {
    const cache = await this.#mustOpen(this.#names.releases);
    const headers = { 'content-type': 'application/json', [CONFIRMED]: String(Date.now()) };
    await cache.put(this.#addressOf(release.id), new Response(JSON.stringify(release), { headers }));
    this.forget();
  }

  /** Drops releases, and the files that no other one has. */
  async drop(ids: readonly string[]): Promise<void> {
    const releases = await openCache(this.#names.releases);
    for (const id of ids) await releases?.delete(this.#addressOf(id));
    this.forget();
    const wanted = new Set((await this.all()).flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
    const files = await openCache(this.#names.files);
    for (const sha256 of await this.listFiles()) if (!wanted.has(sha256)) await files?.delete(fileKey(this.#site, sha256));
  }

  async removeAll(): Promise<void> {
    await globalThis.caches?.delete(this.#names.releases);
    await globalThis.caches?.delete(this.#names.files);
    this.forget();
  }

  async #readAll(): Promise<readonly Release[]> {
    const cache = await openCache(this.#names.releases);
    const answers = (await cache?.matchAll()) ?? [];
    const dated = await Promise.all(
      answers.map(async answer => ({ date: Number(answer.headers.get(CONFIRMED)), release: await readRelease(answer) })),
    );
    return dated.sort((one, other) => other.date - one.date).flatMap(({ release }) => release ?? []);
  }

  #addressOf(id: string): string {
    return releaseAddress(new URL(RELEASE_PATH, this.#site).href, id);
  }

  async #mustOpen(name: string): Promise<Cache> {
    const cache = await openCache(name);
    if (cache === undefined) throw new Error('the browser keeps nothing for this page');
    return cache;
  }
}

/** A list that cannot be read counts as none: it is of another version. */
async function readRelease(answer: Response): Promise<Release | undefined> {
  try {
    const release = checkRelease(await answer.json());
    return answer.url === '' || releaseOf(answer.url) === release.id ? release : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes are kept unpacked: what says how they were packed on the way must go. */
function keptHeaders(headers: Headers, byteCount: number): Headers {
  const kept = new Headers({ 'content-length': String(byteCount) });
  for (const name of [
    'content-type',
    'content-security-policy',
    'cross-origin-opener-policy',
    'cross-origin-embedder-policy',
    'cross-origin-resource-policy',
  ]) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}
