import type { CacheRule } from '../core/offline/cache-rules.ts';
import { cacheNames, KEPT_HEADER } from '../core/offline/kept-names.ts';
import { RELEASE_META, RELEASE_PATH, type Release, type ReleaseFile } from '../core/offline/release.ts';
import { openCache } from '../offline/kept-blobs.ts';
import type { KeptReleases } from '../offline/kept-releases.ts';

/** A server that has not begun to answer by then is waited for no longer where something is kept. */
const PATIENCE_MILLISECONDS = 4000;
/** What whoever runs the site may change at any time: what was last seen of it is kept. */
const CHANGING = new Set(['config.json']);
const CONFLICT = 409;

/** Answers requests to the site by the rules at the head of main.ts. */
export class SiteFiles {
  readonly #site: string;
  readonly #releases: KeptReleases;

  constructor(site: string, releases: KeptReleases) {
    this.#site = site;
    this.#releases = releases;
  }

  /** Rejects as `fetch` does where there is no answer anywhere. */
  answer(rule: CacheRule, request: Request): Promise<Response> {
    if (rule.kind === 'page') return this.#answerPage(rule.path, request);
    if (rule.kind === 'release-file') return this.#answerReleaseFile(rule.release, rule.path, request);
    return rule.kind === 'asset' ? this.#answerAsset(rule.path, request) : this.#answerOther(rule.path, request);
  }

  async #answerPage(path: string, request: Request): Promise<Response> {
    const kept = await this.#newest(path);
    if (kept === undefined) return fetch(request);
    // What a hotel's network answers to everything is not Drydock.
    const isOurs = async (answer: Response): Promise<boolean> => path !== 'index.html' || (await answer.clone().text()).includes(RELEASE_META);
    return this.#networkFirst(request, isOurs, () => this.#releases.read(kept));
  }

  async #answerReleaseFile(id: string, path: string, request: Request): Promise<Response> {
    const release = await this.#releases.find(id);
    if (release !== undefined && path === RELEASE_PATH) return listOf(release);
    const file = release?.files.find(one => one.path === path);
    const kept = file && (await this.#releases.read(file));
    if (kept !== undefined) return kept;
    const answer = await fetch(request);
    return file === undefined || !answer.ok ? answer : this.#checked(file, answer);
  }

  /** The server may have a newer release by now, whose file of this name is another one. */
  async #checked(file: ReleaseFile, answer: Response): Promise<Response> {
    const bytes = await answer.arrayBuffer();
    // A browser that keeps nothing more still shows it.
    const isOfRelease = await this.#releases.keepFile(file, bytes, answer.headers).catch(() => true);
    // Without what says how it was packed on the way: the browser has unpacked it.
    if (isOfRelease) return new Response(bytes, { headers: { 'content-type': answer.headers.get('content-type') ?? '' } });
    return new Response(null, { status: CONFLICT, statusText: 'Drydock was updated meanwhile: reload the page' });
  }

  async #answerAsset(path: string, request: Request): Promise<Response> {
    for (const release of await this.#releases.all()) {
      const file = release.files.find(one => one.path === path);
      const kept = file && (await this.#releases.read(file));
      if (kept !== undefined) return kept;
    }
    return fetch(request);
  }

  async #answerOther(path: string, request: Request): Promise<Response> {
    if (CHANGING.has(path)) return this.#answerChanging(request);
    const kept = await this.#newest(path === '' ? 'index.html' : path);
    if (kept !== undefined)
      return this.#networkFirst(
        request,
        async () => true,
        () => this.#releases.read(kept),
      );
    const [newest] = await this.#releases.all();
    // Which release the server has: without a server, the newest that is kept.
    if (path === RELEASE_PATH && newest !== undefined)
      return this.#networkFirst(
        request,
        async () => true,
        async () => listOf(newest),
      );
    return fetch(request);
  }

  async #answerChanging(request: Request): Promise<Response> {
    const cache = await openCache(cacheNames(this.#site).files);
    const answer = await this.#networkFirst(
      request,
      async () => true,
      () => cache?.match(request.url) ?? Promise.resolve(undefined),
    );
    if (answer.ok && !answer.headers.has(KEPT_HEADER)) await cache?.put(request.url, answer.clone()).catch(() => undefined);
    return answer;
  }

  async #newest(path: string): Promise<ReleaseFile | undefined> {
    const [newest] = await this.#releases.all();
    return newest?.files.find(file => file.path === path);
  }

  /** The server's answer where it comes in time and is good, else what is kept, else whatever the server does. */
  async #networkFirst(
    request: Request,
    isGood: (answer: Response) => Promise<boolean>,
    readKept: () => Promise<Response | undefined>,
  ): Promise<Response> {
    const asked = fetch(request);
    const good = asked
      .then(async answer => (isRedirect(answer) || (answer.ok && (await isGood(answer))) ? answer : undefined))
      .catch(() => undefined);
    const inTime = await Promise.race([good, new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), PATIENCE_MILLISECONDS))]);
    if (inTime !== undefined) return inTime;
    const kept = await readKept();
    return kept === undefined ? asked : marked(kept);
  }
}

function isRedirect({ type }: Response): boolean {
  return type === 'opaqueredirect';
}

function listOf(release: Release): Response {
  return new Response(JSON.stringify(release), { headers: { 'content-type': 'application/json' } });
}

/** Told to whoever looks: this did not come from the server. */
function marked(kept: Response): Response {
  const headers = new Headers(kept.headers);
  headers.set(KEPT_HEADER, '1');
  return new Response(kept.body, { status: kept.status, headers });
}
