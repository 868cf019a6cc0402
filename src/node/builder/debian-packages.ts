import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockedPackage, lockedSet, mirrors, type DebianLock, type LockedPackage } from './debian-lock.ts';
import { cacheFolder } from './folders.ts';

const ATTEMPTS = 3;
const TIMEOUT_MILLISECONDS = 300_000;

/** Where a locked package lies once it was downloaded. */
export function packageFile(locked: LockedPackage): string {
  return join(cacheFolder, 'debs', `${locked.sha256}.deb`);
}

async function downloadFrom(mirror: string, locked: LockedPackage): Promise<Buffer> {
  const answer = await fetch(`${mirror}/${locked.path}`, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash !== locked.sha256) throw new Error(`SHA-256 is ${hash}, the lock file says ${locked.sha256}`);
  return bytes;
}

async function download(name: string, locked: LockedPackage): Promise<void> {
  const failures: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (const mirror of mirrors) {
      try {
        const bytes = await downloadFrom(mirror, locked);
        // A name of its own: two steps may want the same package at the same time.
        const part = `${packageFile(locked)}.${randomUUID()}.part`;
        await writeFile(part, bytes);
        await rename(part, packageFile(locked));
        return;
      } catch (error) {
        failures.push(`${mirror}: ${String(error)}`);
      }
    }
  }
  throw new Error(
    `cannot download ${name} (${locked.path}):\n  ${failures.join('\n  ')}\n` +
      'Set DRYDOCK_DEBIAN_MIRRORS to other mirrors, or run "npm run guest:lock" where Debian has replaced the package.',
  );
}

/** Downloads a package of a set if it is missing; gives its file. */
export async function fetchPackage(lock: DebianLock, set: string, name: string): Promise<string> {
  await mkdir(join(cacheFolder, 'debs'), { recursive: true });
  const locked = lockedPackage(lock, set, name);
  if (!existsSync(packageFile(locked))) {
    console.log(`  debs       ${name} ${locked.version} (${(locked.sizeBytes / 1e6).toFixed(1)} MB)`);
    await download(name, locked);
  }
  return packageFile(locked);
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
