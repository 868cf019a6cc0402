/**
 * `npm run guest:lock`: makes images/debian/lock.json anew from Debian's current index and the sets in packages.json.
 * The archive's signature is checked with Debian's keyring; whether it vouches for the index is said and written down.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dependencyClosure, parseIndex, type IndexedPackage } from './debian-index.ts';
import { lockFile, mirrors, type DebianLock, type LockedSet, type LockedSuite } from './debian-lock.ts';
import { imagesFolder } from './folders.ts';

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

async function download(path: string): Promise<Buffer> {
  const failures: string[] = [];
  for (const mirror of mirrors) {
    try {
      const answer = await fetch(`${mirror}/${path}`, { signal: AbortSignal.timeout(120_000) });
      if (answer.ok) return Buffer.from(await answer.arrayBuffer());
      failures.push(`${mirror}: HTTP ${answer.status}`);
    } catch (error) {
      failures.push(`${mirror}: ${String(error)}`);
    }
  }
  throw new Error(`cannot download ${path}: ${failures.join('; ')}`);
}

/** What the archive's signed Release file says of the index, in one sentence. */
async function verification(suite: string, indexPath: string, index: Buffer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-lock-'));
  const file = join(folder, 'InRelease');
  const release = await download(`dists/${suite}/InRelease`);
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
  readonly verification: string;
  readonly packages: ReadonlyMap<string, IndexedPackage>;
}

async function readSuite(suite: string, { component, architecture }: PackageSets): Promise<SuiteIndex> {
  const indexPath = `${component}/binary-${architecture}/Packages.xz`;
  const compressed = await download(`dists/${suite}/${indexPath}`);
  const index = execFileSync('xz', ['-dc'], { input: compressed, maxBuffer: 2 ** 30 }).toString('utf8');
  return { verification: await verification(suite, indexPath, compressed), packages: parseIndex(index) };
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

function lockSuite(suite: string, { verification, packages }: SuiteIndex, sets: Readonly<Record<string, LockedSet>>): LockedSuite {
  const names = Object.values(sets).flatMap(set => (set.suite === suite ? set.packages : []));
  const locked = [...new Set(names)].sort().map(name => {
    const { version, path, sizeBytes, sha256 } = packages.get(name)!;
    return [name, { version, path, sizeBytes, sha256 }] as const;
  });
  return { verification, packages: Object.fromEntries(locked) };
}

async function main(): Promise<void> {
  const wanted = JSON.parse(readFileSync(join(imagesFolder, 'debian', 'packages.json'), 'utf8')) as PackageSets;
  const suites = new Map<string, SuiteIndex>();
  for (const name of new Set(Object.values(wanted.sets).map(set => suiteOf(wanted, set)))) suites.set(name, await readSuite(name, wanted));
  const sets = lockSets(wanted, suites);
  const lock: DebianLock = {
    architecture: wanted.architecture,
    suites: Object.fromEntries([...suites].map(([name, index]) => [name, lockSuite(name, index, sets)])),
    sets,
  };
  writeFileSync(lockFile, `${JSON.stringify(lock, undefined, 2)}\n`);
  for (const [name, suite] of Object.entries(lock.suites))
    console.log(`${name}: ${Object.keys(suite.packages).length} packages. ${suite.verification}.`);
}

await main();
