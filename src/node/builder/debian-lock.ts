import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imagesFolder } from './folders.ts';

/** A .deb as the lock file pins it. */
export interface LockedPackage {
  readonly version: string;
  /** Below a mirror's root. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** images/debian/lock.json: which .debs each set is made of. */
export interface DebianLock {
  readonly suite: string;
  readonly architecture: string;
  /** How far the archive's signature vouches for the hashes below. */
  readonly verification: string;
  readonly sets: Readonly<Record<string, readonly string[]>>;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export const lockFile = join(imagesFolder, 'debian', 'lock.json');

/** Reads the lock file. */
export async function readLock(): Promise<DebianLock> {
  return JSON.parse(await readFile(lockFile, 'utf8')) as DebianLock;
}

/** Debian mirrors, tried in order: DRYDOCK_DEBIAN_MIRRORS (separated by spaces), or Debian's own. */
export const mirrors = (process.env['DRYDOCK_DEBIAN_MIRRORS'] ?? 'http://deb.debian.org/debian').split(/\s+/);
