import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockedPackage, lockedSet, mirrors, snapshotMirror, type DebianLock, type LockedPackage } from './debian-lock.ts';
import { cacheFolder } from './folders.ts';

const ATTEMPTS = 3;
const AHEAD_AT_A_TIME = 4;
const TIMEOUT_MILLISECONDS = 300_000;

/** Where a locked package lies once it was downloaded. */
export function packageFile(locked: LockedPackage): string {
  return join(cacheFolder, 'debs', `${locked.sha256}.deb`);
}

/** A mirror that does not have a file, and will not have it the next time either. */
class NotThereError extends Error {}

async function downloadFrom(mirror: string, locked: LockedPackage): Promise<Buffer> {
  const answer = await fetch(`${mirror}/${locked.path}`, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  if (answer.status === 404 || answer.status === 410) throw new NotThereError(`HTTP ${answer.status}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash !== locked.sha256) throw new Error(`SHA-256 is ${hash}, the lock file says ${locked.sha256}`);
  return bytes;
}

/** Tries servers in turn, some times; undefined where none has it. What went wrong is added to `failures`. */
async function downloadFromAny(servers: readonly string[], locked: LockedPackage, failures: string[]): Promise<Buffer | undefined> {
  let left = servers;
  for (let attempt = 0; attempt < ATTEMPTS && left.length > 0; attempt++) {
    for (const server of left) {
      try {
        return await downloadFrom(server, locked);
      } catch (error) {
        failures.push(`${server}: ${String((error as Error).cause ?? error)}`);
        if (error instanceof NotThereError) left = left.filter(one => one !== server);
      }
    }
  }
  return undefined;
}

async function download(name: string, locked: LockedPackage, snapshot: string | undefined): Promise<void> {
  const failures: string[] = [];
  let bytes = await downloadFromAny(mirrors, locked, failures);
  if (bytes === undefined && snapshot !== undefined) {
    console.log(`  debs       ${name}: no mirror has it (any more), asking ${new URL(snapshot).host} for it as it was`);
    bytes = await downloadFromAny([snapshot], locked, failures);
  }
  if (bytes === undefined) {
    throw new Error(
      `cannot download ${name} (${locked.path}):\n  ${failures.join('\n  ')}\n` +
        'Set DRYDOCK_DEBIAN_MIRRORS to other mirrors, or run "npm run guest:lock" where Debian has replaced the package.',
    );
  }
  // A name of its own: two steps may want the same package at the same time.
  const part = `${packageFile(locked)}.${randomUUID()}.part`;
  await writeFile(part, bytes);
  await rename(part, packageFile(locked));
}

/** Downloads that are under way: a package that two want is downloaded once. */
const underWay = new Map<string, Promise<void>>();

/** Downloads a package of a set if it is missing; gives its file. */
export async function fetchPackage(lock: DebianLock, set: string, name: string): Promise<string> {
  const locked = lockedPackage(lock, set, name);
  const file = packageFile(locked);
  if (underWay.has(file)) await underWay.get(file)!.catch(() => undefined);
  if (!existsSync(file)) {
    console.log(`  debs       ${name} ${locked.version} (${(locked.sizeBytes / 1e6).toFixed(1)} MB)`);
    await downloadOnce(lock, name, locked);
  }
  return file;
}

async function downloadOnce(lock: DebianLock, name: string, locked: LockedPackage): Promise<void> {
  await mkdir(join(cacheFolder, 'debs'), { recursive: true });
  const file = packageFile(locked);
  if (!underWay.has(file))
    underWay.set(
      file,
      download(name, locked, snapshotMirror(lock)).finally(() => underWay.delete(file)),
    );
  await underWay.get(file)!;
}

/**
 * Downloads all that is missing of the lock, some packages at a time, while the steps that need them wait for the kernel. A package that cannot be had is for the
 * step to tell that needs it.
 */
export async function fetchAhead(lock: DebianLock): Promise<void> {
  const all = Object.values(lock.suites).flatMap(({ packages }) => Object.entries(packages));
  const missing = all.filter(([, locked]) => !existsSync(packageFile(locked)));
  if (missing.length === 0) return;
  const megabytes = missing.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0) / 1e6;
  console.log(`  debs       ${missing.length} packages (${megabytes.toFixed(0)} MB) are downloaded meanwhile`);
  const waiting = missing.values();
  const work = async (): Promise<void> => {
    for (const [name, locked] of waiting) if (!existsSync(packageFile(locked))) await downloadOnce(lock, name, locked).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: AHEAD_AT_A_TIME }, work));
}

/** Downloads what is missing of a set; gives the files in the set's order. */
export async function fetchPackages(lock: DebianLock, set: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of lockedSet(lock, set).packages) files.push(await fetchPackage(lock, set, name));
  return files;
}

/** The part of the lock that says what a set is made of, for a step's key. */
export function setKey(lock: DebianLock, set: string): string {
  return lockedSet(lock, set)
    .packages.map(name => `${name} ${lockedPackage(lock, set, name).sha256}`)
    .join('\n');
}
