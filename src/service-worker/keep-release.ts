import { attempt } from '../core/base/attempts.ts';
import { messageOf } from '../core/base/errors.ts';
import { cacheNames, type KeepAnswer } from '../core/offline/kept-names.ts';
import { checkRelease, fileAddress, RELEASE_PATH, releaseAddress, type Release, type ReleaseFile } from '../core/offline/release.ts';
import { openCache } from '../offline/kept-blobs.ts';
import type { KeptReleases } from '../offline/kept-releases.ts';

/** So many at a time: whoever works on the page is not to wait for it. */
const PARALLEL = 3;
const ATTEMPTS = 3;

/** A file that is of another release than it should be: the server was updated in the meantime. */
class OtherRelease extends Error {}
/** The browser does not store it. */
class Refused extends Error {}

/**
 * Keeps all files of a release that a page needs, so that it works without a server and after an update of the site. What is there already
 * is not loaded again: it goes on where it was broken off. Never rejects.
 */
export async function keepRelease(site: string, id: string, releases: KeptReleases): Promise<KeepAnswer> {
  try {
    const before = await releases.find(id);
    const release = before ?? (await readList(site, id));
    const there = await releases.listFiles();
    const missing = release.files.filter(({ purpose, sha256 }) => purpose !== 'disk' && !there.has(sha256));
    await inParallel(missing, file => attempt(ATTEMPTS, isAgain => keepFile(releaseAddress(site, id), file, isAgain, releases)));
    if (before === undefined || missing.length > 0) await keepSettings(site);
    // Without a server this page may be an old one that was left open: it does not become the newest by that.
    if (before === undefined || (await readList(site, id).catch(() => undefined)) !== undefined) await releases.confirm(release).catch(refuse);
    return { kind: 'kept' };
  } catch (error) {
    const why = error instanceof OtherRelease ? 'other-release' : error instanceof Refused ? 'refused' : 'download-failed';
    return { kind: 'not-kept', why, message: messageOf(error) };
  }
}

async function readList(site: string, id: string): Promise<Release> {
  const answer = await fetch(fileAddress(releaseAddress(site, id), RELEASE_PATH), { cache: 'no-cache' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status} for ${RELEASE_PATH}`);
  const release = checkRelease(await answer.json());
  if (release.id !== id) throw new OtherRelease(`the server has release ${release.id}, the page is of ${id}`);
  return release;
}

async function keepFile(base: string, file: ReleaseFile, isAgain: boolean, releases: KeptReleases): Promise<void> {
  // The page has loaded most of them: the browser's own cache has those, unless they are the reason why it is tried again.
  const answer = await fetch(addressIn(base, file), { cache: isAgain ? 'reload' : 'force-cache' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status} for ${file.path}`);
  const isOfRelease = await releases.keepFile(file, await answer.arrayBuffer(), answer.headers).catch(refuse);
  if (!isOfRelease) throw new OtherRelease(`${file.path} is another file than the release has`);
}

/** As the page asks for it, so that the browser's own cache is of use: a name with a hash in it stands for itself. */
function addressIn(base: string, { path }: ReleaseFile): string {
  return path.startsWith('assets/') ? new URL(path, base).href : fileAddress(base, path);
}

/** What whoever runs the site has set is needed without the server too. A site without settings has none. */
async function keepSettings(site: string): Promise<void> {
  const address = new URL('config.json', site).href;
  const answer = await fetch(address, { cache: 'no-cache' });
  if (answer.ok) await (await openCache(cacheNames(site).files))?.put(address, answer).catch(refuse);
}

function refuse(cause: unknown): never {
  throw new Refused(messageOf(cause), { cause });
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const drain = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, drain));
}
