import { blobsOfAll, checkOfflineCatalog, OFFLINE_PATH } from '../core/offline/offline-catalog.ts';
import { releaseLockPrefix } from '../core/offline/kept-names.ts';
import type { Release } from '../core/offline/release.ts';
import { KeptBlobs } from '../offline/kept-blobs.ts';
import type { KeptReleases } from '../offline/kept-releases.ts';

/** Drops every release but the newest that no open page is of, with the files and blobs that only those had. */
export async function dropOldReleases(site: string, releases: KeptReleases): Promise<void> {
  const inUse = await releasesInUse(site);
  // Where it cannot be known, nothing is dropped.
  if (inUse === undefined) return;
  const [, ...older] = await releases.all();
  const unused = older.map(({ id }) => id).filter(id => !inUse.has(id));
  if (unused.length === 0) return;
  await releases.drop(unused);
  // A page of a release that is not kept may be open too, and keep blobs.
  const kept = await releases.all();
  if ([...inUse].some(id => !kept.some(release => release.id === id))) return;
  await dropBlobs(site, kept, releases);
}

/** The releases of the open pages, by the lock that each holds for as long as it lives: a page that is frozen cannot be asked. */
async function releasesInUse(site: string): Promise<ReadonlySet<string> | undefined> {
  const locks = await navigator.locks?.query().catch(() => undefined);
  const prefix = releaseLockPrefix(site);
  return locks && new Set((locks.held ?? []).flatMap(({ name }) => (name?.startsWith(prefix) === true ? [name.slice(prefix.length)] : [])));
}

async function dropBlobs(site: string, kept: readonly Release[], releases: KeptReleases): Promise<void> {
  const wanted = new Set<string>();
  for (const release of kept) {
    const file = release.files.find(({ path }) => path === OFFLINE_PATH);
    const answer = file && (await releases.read(file));
    // Without the list nobody knows which blobs are wanted.
    if (answer === undefined) return;
    const catalog = checkOfflineCatalog(await answer.json());
    for (const { sha256 } of blobsOfAll(catalog, catalog.parts)) wanted.add(sha256);
  }
  const blobs = new KeptBlobs(site);
  for (const sha256 of await blobs.list()) if (!wanted.has(sha256)) await blobs.delete(sha256);
}
