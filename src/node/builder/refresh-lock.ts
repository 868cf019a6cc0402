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
import { lockFile, mirrors, type DebianLock } from './debian-lock.ts';
import { imagesFolder } from './folders.ts';

interface PackageSet {
  readonly roots: readonly string[];
  readonly without?: readonly string[];
  readonly essential?: boolean;
  readonly dependencies?: boolean;
  /** A set that is there already, below this one. */
  readonly on?: string;
}

interface PackageSets {
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

async function main(): Promise<void> {
  const wanted = JSON.parse(readFileSync(join(imagesFolder, 'debian', 'packages.json'), 'utf8')) as PackageSets;
  const indexPath = `${wanted.component}/binary-${wanted.architecture}/Packages.xz`;
  const compressed = await download(`dists/${wanted.suite}/${indexPath}`);
  const index = execFileSync('xz', ['-dc'], { input: compressed, maxBuffer: 2 ** 30 }).toString('utf8');
  const packages = parseIndex(index);
  const sets: Record<string, string[]> = {};
  for (const [name, set] of Object.entries(wanted.sets)) {
    const below = new Set(set.on === undefined ? [] : sets[set.on]);
    sets[name] = namesOf(set, packages).filter(one => !below.has(one));
  }
  const locked = [...new Set(Object.values(sets).flat())].sort().map(name => {
    const { version, path, sizeBytes, sha256 } = packages.get(name)!;
    return [name, { version, path, sizeBytes, sha256 }] as const;
  });
  const lock: DebianLock = {
    suite: wanted.suite,
    architecture: wanted.architecture,
    verification: await verification(wanted.suite, indexPath, compressed),
    sets,
    packages: Object.fromEntries(locked),
  };
  writeFileSync(lockFile, `${JSON.stringify(lock, undefined, 2)}\n`);
  console.log(`${lockFile}: ${locked.length} packages. ${lock.verification}.`);
}

await main();
