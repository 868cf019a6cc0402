import { attempt } from '../../../core/base/attempts.ts';
import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import type { Blob } from '../../../core/base/pieces.ts';
import { sha256Of } from '../../../core/base/sha256.ts';
import { blobAddress } from '../../../core/offline/kept-names.ts';
import { fileAddress, type ReleaseFile } from '../../../core/offline/release.ts';
import { KeptBlobs } from '../../../offline/kept-blobs.ts';
import { KeptReleases } from '../../../offline/kept-releases.ts';
import { readWhole } from '../../../offline/read-whole.ts';
import type { Missing } from './offline-rows.ts';

/** Browsers allow six requests to a host over HTTP/1.1; the machine wants its own. */
const PARALLEL = 4;
const ATTEMPTS = 4;
/** Learners who did not ask for it must not notice it: after each part there is a rest of this many times the duration of the part. */
const REST_FACTOR = 2;
const SHORTEST_REST_MILLISECONDS = 10;

export interface DownloadOptions {
  /** Where the site lies, with the release. */
  readonly baseUrl: string;
  readonly signal: AbortSignal;
  /** One part after the other, with a rest between them: the learners are at work, and their machine needs the processor and the network. */
  readonly isAtLeisure?: boolean;
  /** Something is kept now: so many bytes of what was asked for. */
  onKept(bytes: number): void;
}

/**
 * Keeps what is asked for: what is there is checked, what is damaged or missing is loaded. Each part is kept as it arrives, so that learners who break off
 * lose nothing but what was on its way. Rejects with `cancelled` when it was aborted, else with `download-failed`, `download-damaged` or
 * `storage-refused`, in the learner's words.
 */
export async function download(content: Missing, options: DownloadOptions): Promise<void> {
  const site = new URL('.', options.baseUrl).href;
  const blobs = new KeptBlobs(site);
  const releases = new KeptReleases(site);
  const work: (() => Promise<number>)[] = [
    ...content.files.map(file => () => keepFile(file, releases, options)),
    ...content.blobs.map(blob => () => keepBlob(blob, site, blobs, options)),
  ];
  const queue = work.values();
  let failure: unknown;
  const drain = async (): Promise<void> => {
    for (const keep of queue) {
      // What fails once fails for all: a full disk, a cable pulled out.
      if (failure !== undefined) return;
      try {
        if (options.signal.aborted) throw paused();
        const start = performance.now();
        options.onKept(await keep());
        if (options.isAtLeisure === true) await rest(performance.now() - start);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: options.isAtLeisure === true ? 1 : PARALLEL }, drain));
  if (failure !== undefined) throw failure;
}

function rest(tookMilliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(SHORTEST_REST_MILLISECONDS, REST_FACTOR * tookMilliseconds)));
}

async function keepBlob({ sha256, bytes }: Blob, site: string, blobs: KeptBlobs, { signal }: DownloadOptions): Promise<number> {
  const kept = await blobs.get(sha256);
  if (kept !== undefined && (await sha256Of(kept)) === sha256) return bytes;
  if (kept !== undefined) await blobs.delete(sha256);
  await blobs.put(sha256, await loadChecked(blobAddress(site, sha256), sha256, signal)).catch(refuse);
  return bytes;
}

async function keepFile(file: ReleaseFile, releases: KeptReleases, { baseUrl, signal }: DownloadOptions): Promise<number> {
  const kept = await (await releases.read(file))?.arrayBuffer();
  if (kept !== undefined && (await sha256Of(new Uint8Array(kept))) === file.sha256) return file.bytes;
  const loaded = await loadChecked(fileAddress(baseUrl, file.path), file.sha256, signal);
  await releases.keepFile(file, loaded.buffer, new Headers()).catch(refuse);
  return file.bytes;
}

/** Tries several times, but no longer once it was aborted. */
async function loadChecked(address: string, sha256: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const loaded = await attempt(ATTEMPTS, async isAgain => {
    const bytes = signal.aborted ? undefined : await load(address, isAgain, signal);
    if (bytes !== undefined && (await sha256Of(bytes)) !== sha256) throw damaged(sha256);
    return bytes;
  });
  if (loaded === undefined) throw paused();
  return loaded;
}

/** Undefined where it was aborted. Not through the browser's own cache, which would store everything twice. */
async function load(address: string, isAgain: boolean, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readWhole(address, { cache: isAgain ? 'reload' : 'no-store', signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw new SandboxError('download-failed', `A part could not be downloaded: ${messageOf(error)}. What has arrived is kept.`, { cause: error });
  }
}

function paused(): SandboxError {
  return new SandboxError('cancelled', 'Paused.');
}

function damaged(name: string): SandboxError {
  return new SandboxError(
    'download-damaged',
    `A part (${name.slice(0, 12)}) arrived damaged ${ATTEMPTS} times, so it was not kept. Try again; if it happens again, tell whoever runs this site.`,
  );
}

function refuse(cause: unknown): never {
  const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
  const message = isFull
    ? 'The browser gives Drydock no more room. What was kept before stays; choose less, or free some space on the disk, then try again.'
    : `The browser did not keep a part: ${messageOf(cause)}.`;
  throw new SandboxError('storage-refused', message, { cause });
}
