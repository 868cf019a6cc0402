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
  /** When Debian published what the hashes below are of: `Date` of the suite's Release file, as ISO 8601. */
  readonly released: string;
  /** How far the archive's signature vouches for the hashes below. */
  readonly verification: string;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** images/debian/lock.json: which .debs each set is made of. */
export interface DebianLock {
  /** When the lock was made, as ISO 8601: Debian had all these packages then. */
  readonly date: string;
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

/** Keeps all that Debian ever published: tried where the mirrors have dropped a package. DRYDOCK_DEBIAN_SNAPSHOT names another such server; empty, none is asked. */
const snapshotServer = process.env['DRYDOCK_DEBIAN_SNAPSHOT'] ?? 'https://snapshot.debian.org';

/** Debian's archive as it was when the lock was made (snapshot.debian.org: `/archive/debian/<time>/<path>`); undefined where no such server is to be asked. */
export function snapshotMirror({ date }: Pick<DebianLock, 'date'>): string | undefined {
  if (snapshotServer === '') return undefined;
  const time = new Date(date).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  return `${snapshotServer.replace(/\/$/, '')}/archive/debian/${time}`;
}
