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

/** A set of packages as the lock file pins it. */
export interface LockedSet {
  /** The suite of Debian it is from: `trixie`. */
  readonly suite: string;
  /** Names of packages, in alphabetical order. */
  readonly packages: readonly string[];
}

/** A suite of Debian as the lock file pins it. */
export interface LockedSuite {
  /** How far the archive's signature vouches for the hashes below. */
  readonly verification: string;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** images/debian/lock.json: which .debs each set is made of. */
export interface DebianLock {
  readonly architecture: string;
  /** By name: `trixie`. */
  readonly suites: Readonly<Record<string, LockedSuite>>;
  readonly sets: Readonly<Record<string, LockedSet>>;
}

export const lockFile = join(imagesFolder, 'debian', 'lock.json');

/** Reads the lock file. */
export async function readLock(): Promise<DebianLock> {
  return JSON.parse(await readFile(lockFile, 'utf8')) as DebianLock;
}

/** A set of the lock. Throws where there is none of this name. */
export function lockedSet(lock: DebianLock, set: string): LockedSet {
  const found = lock.sets[set];
  if (found === undefined) throw new Error(`the lock file lacks the set ${set}: run "npm run guest:lock"`);
  return found;
}

/** A package as a set of the lock pins it. Throws where the set does not have it. */
export function lockedPackage(lock: DebianLock, set: string, name: string): LockedPackage {
  const { suite, packages } = lockedSet(lock, set);
  const found = packages.includes(name) ? lock.suites[suite]?.packages[name] : undefined;
  if (found === undefined) throw new Error(`the lock file lacks ${name} in the set ${set}: run "npm run guest:lock"`);
  return found;
}

/** Debian mirrors, tried in order: DRYDOCK_DEBIAN_MIRRORS (separated by spaces), or Debian's own. */
export const mirrors = (process.env['DRYDOCK_DEBIAN_MIRRORS'] ?? 'http://deb.debian.org/debian').split(/\s+/);
