/**
 * `npm run guest:lock`: makes images/debian/lock.json anew from Debian's current index and the sets in packages.json, and says what has changed.
 * The archive's signature is checked with Debian's keyring; whether it vouches for the index is said and written down.
 *
 * `-- --only-versions` writes the lock only where nothing but versions has changed, and else ends with 1: for a machine that does it by itself.
 * `-- --age` says whether Debian has published a suite since the lock was made, and writes nothing; ends with 1 where it has.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dependencyClosure, parseIndex, type IndexedPackage } from './debian-index.ts';
import { lockFile, readLock, type DebianLock, type LockedSet, type LockedSuite } from './debian-lock.ts';
import { imagesFolder } from './folders.ts';
import { downloadFromMirrors, newerSuites, releaseDate } from './lock-age.ts';
import { changesBetween, describeChanges } from './lock-changes.ts';

interface PackageSet {
  readonly roots: readonly string[];
  readonly without?: readonly string[];
  readonly essential?: boolean;
  readonly dependencies?: boolean;
  /** A set that is there already, below this one, and of the same suite. */
  readonly on?: string;
  /** Where it is not the usual one: `bookworm`. */
  readonly suite?: string;
}

interface PackageSets {
  /** Where a set does not say otherwise. */
  readonly suite: string;
  readonly component: string;
  readonly architecture: string;
  readonly sets: Readonly<Record<string, PackageSet>>;
}

/** What the archive's signed Release file says of the index, in one sentence. */
function verification(suite: string, release: Buffer, indexPath: string, index: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-lock-'));
  const file = join(folder, 'InRelease');
  writeFileSync(file, release);
  try {
    execFileSync('gpgv', ['--keyring', '/usr/share/keyrings/debian-archive-keyring.gpg', file], { stdio: 'pipe' });
  } catch (error) {
    return `the signature of ${suite}'s Release file could not be verified: ${String(error).split('\n').at(-2) ?? ''}`;
  }
  const hash = createHash('sha256').update(index).digest('hex');
  return release.toString('utf8').includes(`${hash} `)
    ? `${suite}'s signed Release file vouches for the index`
    : `the signature of ${suite}'s Release file is good, but the index served does not match it (${indexPath}, SHA-256 ${hash}): the hashes below are those of the index as served`;
}

function namesOf(set: PackageSet, packages: ReadonlyMap<string, IndexedPackage>): string[] {
  const essential = set.essential ? [...packages.values()].filter(one => one.essential).map(one => one.name) : [];
  const roots = [...set.roots, ...essential];
  return set.dependencies === false ? roots.sort() : dependencyClosure(packages, roots, new Set(set.without));
}

interface SuiteIndex {
  readonly released: string;
  readonly verification: string;
  readonly packages: ReadonlyMap<string, IndexedPackage>;
}

async function readSuite(suite: string, { component, architecture }: PackageSets): Promise<SuiteIndex> {
  const indexPath = `${component}/binary-${architecture}/Packages.xz`;
  const compressed = await downloadFromMirrors(`dists/${suite}/${indexPath}`);
  const release = await downloadFromMirrors(`dists/${suite}/InRelease`);
  const index = execFileSync('xz', ['-dc'], { input: compressed, maxBuffer: 2 ** 30 }).toString('utf8');
  return { released: releaseDate(suite, release), verification: verification(suite, release, indexPath, compressed), packages: parseIndex(index) };
}

/** The sets with their packages, in the order of packages.json: one that lies on another comes after it. */
function lockSets(wanted: PackageSets, suites: ReadonlyMap<string, SuiteIndex>): Record<string, LockedSet> {
  const sets: Record<string, LockedSet> = {};
  for (const [name, set] of Object.entries(wanted.sets)) {
    const suite = suiteOf(wanted, set);
    const below = new Set<string>();
    for (let on = set.on; on !== undefined; on = wanted.sets[on]!.on) sets[on]!.packages.forEach(one => below.add(one));
    sets[name] = { suite, packages: namesOf(set, suites.get(suite)!.packages).filter(one => !below.has(one)) };
  }
  return sets;
}

function suiteOf(wanted: PackageSets, set: PackageSet): string {
  return set.suite ?? wanted.suite;
}

function lockSuite(suite: string, { released, verification, packages }: SuiteIndex, sets: Readonly<Record<string, LockedSet>>): LockedSuite {
  const names = Object.values(sets).flatMap(set => (set.suite === suite ? set.packages : []));
  const locked = [...new Set(names)].sort().map(name => {
    const { version, path, sizeBytes, sha256 } = packages.get(name)!;
    return [name, { version, path, sizeBytes, sha256 }] as const;
  });
  return { released, verification, packages: Object.fromEntries(locked) };
}

async function makeLock(): Promise<DebianLock> {
  const wanted = JSON.parse(readFileSync(join(imagesFolder, 'debian', 'packages.json'), 'utf8')) as PackageSets;
  // Before anything is read: what is published meanwhile is not in it.
  const date = new Date().toISOString();
  const suites = new Map<string, SuiteIndex>();
  for (const name of new Set(Object.values(wanted.sets).map(set => suiteOf(wanted, set)))) suites.set(name, await readSuite(name, wanted));
  const sets = lockSets(wanted, suites);
  return {
    date,
    architecture: wanted.architecture,
    suites: Object.fromEntries([...suites].map(([name, index]) => [name, lockSuite(name, index, sets)])),
    sets,
  };
}

async function refresh(isOnlyVersions: boolean): Promise<void> {
  const before = await readLock();
  const lock = await makeLock();
  const changes = changesBetween(before, lock);
  console.log(describeChanges(changes).join('\n'));
  if (isOnlyVersions && !changes.isOnlyVersions) {
    console.log('More than versions has changed, so nothing is written: look at it, then run "npm run guest:lock" without --only-versions.');
    process.exitCode = 1;
    return;
  }
  // Its date alone says nothing new.
  if (JSON.stringify({ ...lock, date: before.date }) === JSON.stringify(before)) return;
  writeFileSync(lockFile, `${JSON.stringify(lock, undefined, 2)}\n`);
  for (const [name, suite] of Object.entries(lock.suites))
    console.log(`${name}: ${Object.keys(suite.packages).length} packages. ${suite.verification}.`);
}

async function tellAge(): Promise<void> {
  const older = await newerSuites(await readLock());
  console.log(older.length > 0 ? older.join('\n') : 'The lock is as new as the archive.');
  if (older.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({ options: { 'only-versions': { type: 'boolean', default: false }, age: { type: 'boolean', default: false } } });
await (values.age ? tellAge() : refresh(values['only-versions']));
