import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import { KEPT_HEADER } from '../../../core/offline/kept-names.ts';
import { checkOfflineCatalog, OFFLINE_PATH, type OfflineCatalog } from '../../../core/offline/offline-catalog.ts';
import { checkRelease, fileAddress, releaseOf, RELEASE_PATH, type Release } from '../../../core/offline/release.ts';
import { KeptBlobs } from '../../../offline/kept-blobs.ts';
import { KeptReleases } from '../../../offline/kept-releases.ts';
import type { Messages } from '../messages.ts';
import { stored } from '../settings.ts';
import { askToPersist, measureRoom, type StorageRoom } from '../storage-room.ts';
import { amountOf, contentOf, isWhole, offlineRows, type KeptContent, type OfflineRow } from './offline-rows.ts';
import { forgetReleases, keepRelease, siteOf } from './release-keeper.ts';

/** What is being fetched, in bytes as downloaded. */
export interface OfflineProgress {
  readonly keptBytes: number;
  readonly totalBytes: number;
}

/** What learners want to have without a network, until they have it. Kept across visits. */
interface Wanted {
  readonly ids: readonly string[];
  readonly isPaused: boolean;
}

const PROBE_MILLISECONDS = 10_000;
const REFRESH_MILLISECONDS = 2000;
/** Looked at again when the learner comes back to the page, but not more often. */
const PROBE_PAUSE_MILLISECONDS = 60_000;
/** While the server does not answer: a network that was there all the time tells nothing when it does again. */
const PROBE_AGAIN_MILLISECONDS = 20_000;

/** What of the site is in the browser, and the fetching of the rest. */
export class Offline {
  readonly #baseUrl: string;
  readonly #messages: Messages;
  readonly #blobs: KeptBlobs;
  readonly #releases: KeptReleases;
  readonly #rows = signal<readonly OfflineRow[] | undefined>(undefined);
  readonly #problem = signal<string | undefined>(undefined);
  readonly #room = signal<StorageRoom | undefined>(undefined);
  readonly #progress = signal<OfflineProgress | undefined>(undefined);
  readonly #failure = signal<string | undefined>(undefined);
  readonly #isOffline = signal(false);
  readonly #isUpdated = signal(false);
  readonly #wanted = stored<Wanted | undefined>('offline-wanted', undefined, isWanted);
  #abort: AbortController | undefined;
  #list: { readonly release: Release; readonly catalog: OfflineCatalog } | undefined;
  #probed = 0;
  #probeAgain: ReturnType<typeof setTimeout> | undefined;
  #refreshed = 0;

  /** `baseUrl` is the site's address with the release. */
  constructor(baseUrl: string, messages: Messages) {
    this.#baseUrl = baseUrl;
    this.#messages = messages;
    this.#blobs = new KeptBlobs(siteOf(baseUrl));
    this.#releases = new KeptReleases(siteOf(baseUrl));
  }

  /** What there is, with how much of it is kept; undefined until it was looked at. */
  readonly rows: ReadonlySignal<readonly OfflineRow[] | undefined> = computed(() => this.#rows.value);
  /** Why nothing is kept, or it cannot be told, in the learner's words. */
  readonly problem: ReadonlySignal<string | undefined> = computed(() => this.#problem.value);
  readonly room: ReadonlySignal<StorageRoom | undefined> = computed(() => this.#room.value);
  /** Undefined while nothing is fetched. */
  readonly progress: ReadonlySignal<OfflineProgress | undefined> = computed(() => this.#progress.value);
  /** Why fetching ended before its end. */
  readonly failure: ReadonlySignal<string | undefined> = computed(() => this.#failure.value);
  /** What was begun and is to go on: the ids of rows. */
  readonly unfinished: ReadonlySignal<readonly string[]> = computed(() => this.#wanted.value?.ids ?? []);
  /** True when the site's server does not answer: the page lives on what the browser keeps. */
  readonly isOffline: ReadonlySignal<boolean> = computed(() => this.#isOffline.value);
  /** True when the server has another release than this page. */
  readonly isUpdated: ReadonlySignal<boolean> = computed(() => this.#isUpdated.value);

  /** Looks what there is, what of it is kept, and how much room there is. Never rejects: see `problem`. */
  async look(): Promise<void> {
    const [room] = await Promise.all([measureRoom(), this.probe()]);
    this.#room.value = room;
    try {
      await this.#checkRefusal();
      this.#list ??= await this.#readList();
      const { release, catalog } = this.#list;
      this.#rows.value = offlineRows(release, catalog, await this.#readKept());
      this.#problem.value = undefined;
    } catch (error) {
      this.#problem.value = messageOf(error);
    }
  }

  /** How much the chosen rows have together, and how much of it is kept. */
  async amountOf(ids: ReadonlySet<string>): Promise<{ readonly bytes: number; readonly keptBytes: number } | undefined> {
    if (this.#list === undefined) return undefined;
    return amountOf(contentOf(this.#list.release, this.#list.catalog, ids), await this.#readKept());
  }

  /** Fetches what is missing of the chosen rows; resolves when it is kept, paused or has failed. Goes on in a later visit where this one ends before. */
  async makeAvailable(ids: readonly string[]): Promise<void> {
    if (this.#abort !== undefined) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#wanted.value = { ids, isPaused: false };
    this.#failure.value = undefined;
    this.#progress.value = { keptBytes: 0, totalBytes: 0 };
    try {
      await askToPersist();
      await this.#fetch(ids, abort.signal);
      this.#wanted.value = undefined;
      this.#messages.show('What you chose is in this browser now and works without a network.');
    } catch (error) {
      this.#takeFailure(error);
    } finally {
      this.#abort = undefined;
      this.#progress.value = undefined;
      await this.look();
    }
  }

  /** Stops fetching; what has arrived is kept. */
  pause(): void {
    if (this.#wanted.value !== undefined) this.#wanted.value = { ...this.#wanted.value, isPaused: true };
    this.#abort?.abort();
  }

  /** Forgets everything that was kept. */
  async remove(): Promise<void> {
    this.pause();
    this.#wanted.value = undefined;
    try {
      await this.#blobs.removeAll();
      await this.#releases.removeAll();
      // The service worker remembers what it had; without a service worker, nothing is remembered.
      await forgetReleases(this.#baseUrl).catch(() => undefined);
      this.#messages.show('The offline files were removed. At your next visit, Drydock keeps what it needs to start again.');
    } catch (error) {
      this.#messages.problem(`The offline files could not be removed: ${messageOf(error)}.`);
    }
    await this.look();
  }

  /** Finds out whether the site's server answers, and which release it has. */
  async probe(): Promise<void> {
    this.#probed = performance.now();
    try {
      const address = new URL(RELEASE_PATH, this.#baseUrl);
      const answer = await fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(PROBE_MILLISECONDS) });
      this.#isOffline.value = answer.headers.has(KEPT_HEADER);
      if (this.#isOffline.value || !answer.ok) return;
      const { id } = checkRelease(await answer.json());
      this.#isUpdated.value = id !== releaseOf(this.#baseUrl);
    } catch {
      this.#isOffline.value = true;
    } finally {
      clearTimeout(this.#probeAgain);
      if (this.#isOffline.value) this.#probeAgain = setTimeout(() => void this.#probeAndGoOn(), PROBE_AGAIN_MILLISECONDS);
    }
  }

  /** What is done by itself, once the machine runs: the page is kept, and what was begun goes on. */
  async begin(): Promise<void> {
    this.#watchNetwork();
    await this.probe();
    try {
      const answer = await keepRelease(this.#baseUrl);
      if (answer.kind === 'not-kept') throw new Error(answer.message);
      if (!this.#isOffline.value && !savesData()) await this.#keepFirstReads();
    } catch (error) {
      console.warn('the page, or what its machine reads first, is not kept', error);
    }
    const wanted = this.#wanted.value;
    if (wanted !== undefined && !wanted.isPaused && !this.#isOffline.value) await this.makeAvailable(wanted.ids);
  }

  /** What the first lessons need of the disk, of which the machine has read some already. */
  async #keepFirstReads(): Promise<void> {
    this.#list ??= await this.#readList();
    const { release, catalog } = this.#list;
    const { files, blobs } = contentOf(release, catalog, new Set(['start']));
    const kept = await this.#blobs.list();
    const missing = { files, blobs: blobs.filter(({ sha256 }) => !kept.has(sha256)) };
    if (missing.blobs.length === 0) return;
    const { download } = await import('./offline-download.ts');
    await download(missing, { baseUrl: this.#baseUrl, signal: new AbortController().signal, isAtLeisure: true, onKept: () => undefined });
  }

  /** What was being fetched when the network went goes on when it is back. */
  async #probeAndGoOn(): Promise<void> {
    await this.probe();
    const wanted = this.#wanted.value;
    if (!this.#isOffline.value && this.#failure.value !== undefined && wanted !== undefined && !wanted.isPaused) await this.makeAvailable(wanted.ids);
  }

  #watchNetwork(): void {
    addEventListener('online', () => void this.#probeAndGoOn());
    addEventListener('offline', () => void this.probe());
    document.addEventListener('visibilitychange', () => {
      const isDue = performance.now() - this.#probed > PROBE_PAUSE_MILLISECONDS;
      if (document.visibilityState === 'visible' && isDue) void this.probe();
    });
  }

  async #fetch(ids: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#checkRefusal();
    const answer = await keepRelease(this.#baseUrl);
    if (answer.kind === 'not-kept') throw new SandboxError(answer.why === 'refused' ? 'storage-refused' : 'download-failed', sentenceOf(answer.why));
    this.#list ??= await this.#readList();
    const content = contentOf(this.#list.release, this.#list.catalog, new Set(ids));
    const { bytes: totalBytes } = amountOf(content, { files: new Set(), blobs: new Set() });
    let keptBytes = 0;
    this.#progress.value = { keptBytes, totalBytes };
    // Not loaded with the page: most learners never come here.
    const { download } = await import('./offline-download.ts');
    const onKept = (bytes: number): void => {
      keptBytes += bytes;
      this.#progress.value = { keptBytes, totalBytes };
      void this.#refreshRows();
    };
    await this.#alone(() => download(content, { baseUrl: this.#baseUrl, signal, onKept }));
  }

  /** While something is fetched: now and then, because it means to look through thousands of names. */
  async #refreshRows(): Promise<void> {
    const list = this.#list;
    if (list === undefined || performance.now() - this.#refreshed < REFRESH_MILLISECONDS) return;
    this.#refreshed = performance.now();
    this.#rows.value = offlineRows(list.release, list.catalog, await this.#readKept());
  }

  /** Two tabs would fetch the same. */
  async #alone(work: () => Promise<void>): Promise<void> {
    if (!('locks' in navigator)) return work();
    await navigator.locks.request(`drydock-offline:${new URL(siteOf(this.#baseUrl)).pathname}`, { ifAvailable: true }, async lock => {
      if (lock === null) throw new SandboxError('storage-refused', 'Another tab of this browser is already fetching, and continues.');
      await work();
    });
  }

  #takeFailure(error: unknown): void {
    if (error instanceof SandboxError && error.code === 'cancelled') return;
    this.#failure.value = messageOf(error);
    this.#messages.problem(`Not everything could be kept. ${messageOf(error)}`);
  }

  /** Throws a sentence where nothing can be kept. */
  async #checkRefusal(): Promise<void> {
    if (!isSecureContext) {
      throw new SandboxError(
        'storage-refused',
        'This page came over plain http from another computer, and browsers keep files only for https or localhost. Drydock works as long as that computer can be reached.',
      );
    }
    if ((await this.#blobs.works()) && 'serviceWorker' in navigator) return;
    throw new SandboxError(
      'storage-refused',
      'This browser keeps nothing for this page. Private windows and blocked site data cause that. Drydock works as long as there is a network.',
    );
  }

  async #readList(): Promise<{ release: Release; catalog: OfflineCatalog }> {
    const release = checkRelease(await this.#readJson(RELEASE_PATH));
    if (release.id !== releaseOf(this.#baseUrl)) throw new SandboxError('snapshot-mismatch', sentenceOf('other-release'));
    return { release, catalog: checkOfflineCatalog(await this.#readJson(OFFLINE_PATH)) };
  }

  async #readJson(path: string): Promise<unknown> {
    try {
      const answer = await fetch(fileAddress(this.#baseUrl, path), { signal: AbortSignal.timeout(PROBE_MILLISECONDS * 3) });
      if (!answer.ok) throw new Error(`the server answered ${answer.status} ${answer.statusText}`.trimEnd());
      return await answer.json();
    } catch (error) {
      throw new SandboxError('download-failed', `The list of what can be kept could not be read: ${messageOf(error)}.`, { cause: error });
    }
  }

  async #readKept(): Promise<KeptContent> {
    const [files, blobs] = await Promise.all([this.#releases.listFiles(), this.#blobs.list()]);
    return { files, blobs };
  }
}

/** True when the page itself and the machine's start are kept. */
export function opensOffline(rows: readonly OfflineRow[]): boolean {
  return rows.filter(({ kind }) => kind === 'page' || kind === 'course' || kind === 'start').every(isWhole);
}

/** The learners have told the browser that they pay for what is loaded. */
function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

function sentenceOf(why: 'other-release' | 'download-failed' | 'refused'): string {
  if (why === 'other-release') return 'Drydock was updated on its site: reload the page, then make it available offline.';
  if (why === 'refused') return 'The browser gives Drydock no more room. Free some space on the disk, then try again.';
  return 'The page itself could not be downloaded. What has arrived is kept: check the connection, then try again.';
}

function isWanted(value: unknown): boolean {
  const { ids, isPaused } = (value ?? {}) as Partial<Record<keyof Wanted, unknown>>;
  return Array.isArray(ids) && ids.every(id => typeof id === 'string') && typeof isPaused === 'boolean';
}
