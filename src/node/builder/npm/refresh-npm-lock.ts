/**
 * Makes images/npm/lock.json anew from images/npm/packages.json: npm itself resolves each of the packages there, in a folder of its own, against the
 * registry that it is configured to use. Takes some minutes. Run as `npm run npm:lock`; with names as in `npm run npm:lock -- sqlite3@5` only these
 * are resolved, and with `--keep` none, so that only exact versions are added: everything that the lock has stays as it is.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALL_FIELDS } from '../../../core/npm/npm-catalog.ts';
import { imagesFolder } from '../folders.ts';
import { runProgram } from '../run.ts';
import { npmLockFile, readNpmLock, type LockedManifest, type LockedPackage, type LockedVersion, type NpmLock } from './npm-lock.ts';
import { npmRegistry } from './npm-tarballs.ts';
import { olderFirst } from './versions.ts';

/** images/npm/packages.json. */
interface WantedPackages {
  /** `npm@10.8.2`: what the node images are made with. */
  readonly tools: readonly string[];
  /** `express@5`, or `cors` for the newest. */
  readonly packages: readonly string[];
  /** Versions that are not taken though something would: `typescript@7.`. */
  readonly without: readonly string[];
  /** Versions that somebody's own lock file names, by where that is: `express@4.18.2`. Only these, not what else they would take. */
  readonly exact: Readonly<Record<string, readonly string[]>>;
}

/** An entry of package-lock.json. */
interface Entry extends LockedManifest {
  readonly name?: string;
  readonly version: string;
  readonly integrity: string;
}

const AT_A_TIME = 3;
const MANIFEST_FIELDS = [...INSTALL_FIELDS, 'license'] as const;

/** `@scope/name@1` as its name and what follows it. */
function nameOf(wanted: string): string {
  const at = wanted.indexOf('@', 1);
  return at < 0 ? wanted : wanted.slice(0, at);
}

/** What npm would put into package-lock.json for one package, its own entry first. */
async function resolve(wanted: string): Promise<Entry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-npm-'));
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'drydock-lock', version: '1.0.0', private: true }));
    const options = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', '--install-strategy=hoisted'];
    await runProgram('npm', ['install', ...options, wanted], { directory: folder });
    const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> };
    const entries = Object.entries(packages)
      .filter(([path]) => path !== '')
      .map(([path, entry]) => ({ ...entry, name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length) }));
    const own = entries.find(({ name }) => name === nameOf(wanted));
    if (own === undefined) throw new Error(`npm found nothing for ${wanted}`);
    return [own, ...entries.filter(entry => entry !== own)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A version's own document in the registry, as far as an entry of package-lock.json has it. */
type VersionDocument = Omit<Entry, 'integrity' | 'hasInstallScript' | 'bin'> & {
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dist: { readonly integrity: string };
};

/** One version and nothing of what it needs. */
async function exactly(wanted: string): Promise<Entry> {
  const name = nameOf(wanted);
  const answer = await fetch(new URL(wanted.replace(/(?<=.)@([^@]*)$/, '/$1'), await npmRegistry()));
  if (!answer.ok) throw new Error(`the registry answers ${answer.status} for ${wanted}`);
  const { bin, scripts = {}, dist, ...document } = (await answer.json()) as VersionDocument;
  const isInstalled = ['preinstall', 'install', 'postinstall'].some(one => one in scripts);
  const ownBin = typeof bin === 'string' ? { [name.slice(name.indexOf('/') + 1)]: bin } : bin;
  return { ...document, name, integrity: dist.integrity, ...(ownBin && { bin: ownBin }), ...(isInstalled && { hasInstallScript: true }) };
}

/** Does this machine's npm ever install it? The sandbox is linux on ia32. */
function isElsewhere({ os, cpu, libc }: LockedManifest): boolean {
  const fits = (list: readonly string[] | undefined, mine: string): boolean =>
    list === undefined || (list.every(one => one.startsWith('!')) ? !list.includes(`!${mine}`) : list.includes(mine) || list.includes('any'));
  return !(fits(os, 'linux') && fits(cpu, 'ia32') && fits(libc, 'glibc'));
}

/** Optional dependencies that are not told of: node-gyp could only compile, with what is not here, and npm would install sixty packages for it. */
const UNUSABLE = new Set(['node-gyp']);

function lockedVersion({ optionalDependencies = {}, ...entry }: Entry, isForOthers = isElsewhere(entry)): LockedVersion {
  const optional = Object.entries(optionalDependencies).filter(([name]) => !UNUSABLE.has(name));
  const told: Entry = optional.length === 0 ? entry : { ...entry, optionalDependencies: Object.fromEntries(optional) };
  const manifest = Object.fromEntries(MANIFEST_FIELDS.filter(field => told[field] !== undefined).map(field => [field, told[field]]));
  return { integrity: entry.integrity, ...(isForOthers && { isElsewhere: true }), ...manifest };
}

async function resolveAll(wanted: readonly string[], how: (one: string) => Promise<Entry[]>): Promise<Map<string, Entry[]>> {
  const resolved = new Map<string, Entry[]>();
  const waiting = [...wanted];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) resolved.set(one, await how(one));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return new Map(wanted.map(one => [one, resolved.get(one)!]));
}

/** Of each package that was asked for, the newest version that was. */
function newestChosen(resolved: ReadonlyMap<string, readonly Entry[]>): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  for (const [wanted, [own]] of resolved) {
    const other = chosen.get(nameOf(wanted));
    if (other === undefined || olderFirst(other, own!.version) < 0) chosen.set(nameOf(wanted), own!.version);
  }
  return chosen;
}

/** The packages in the order in which they are met, so that what is installed together stands together; behind those that the lock is to keep. */
function lockPackages(
  kept: Readonly<Record<string, LockedPackage>>,
  resolved: ReadonlyMap<string, readonly Entry[]>,
  exact: readonly Entry[],
  without: readonly string[],
): Record<string, LockedPackage> {
  const packages = new Map(Object.entries(kept).map(([name, { versions }]) => [name, new Map(Object.entries(versions))]));
  const add = ({ name, version }: Entry, locked: LockedVersion) => {
    if (without.some(prefix => `${name}@${version}`.startsWith(prefix))) return;
    if (!packages.has(name!)) packages.set(name!, new Map<string, LockedVersion>());
    const versions = packages.get(name!)!;
    if ((versions.get(version)?.isElsewhere ?? true) === true) versions.set(version, locked);
  };
  for (const entry of [...resolved.values()].flat()) add(entry, lockedVersion(entry));
  // Whatever they are for: yarn downloads also what is for other machines only, and then does not install it.
  for (const entry of exact) add(entry, lockedVersion(entry, false));
  const chosen = newestChosen(resolved);
  return Object.fromEntries(
    [...packages].map(([name, versions]) => {
      const ordered = [...versions].sort(([a], [b]) => olderFirst(a, b));
      const isChosen = chosen.has(name) || kept[name]?.isChosen === true;
      // An exact version is only for whoever asks for it, where another was resolved.
      const newest = ordered.filter(([version]) => !exact.some(one => one.name === name && one.version === version)).at(-1) ?? ordered.at(-1)!;
      const latest = chosen.get(name) ?? kept[name]?.latest ?? newest[0];
      return [name, { latest, ...(isChosen && { isChosen: true as const }), versions: Object.fromEntries(ordered) }];
    }),
  );
}

function lockTool(wanted: string): readonly [string, { version: string; integrity: string }] {
  const said = execFileSync('npm', ['view', wanted, 'version', 'dist.integrity', '--json'], { encoding: 'utf8' });
  const { version, 'dist.integrity': integrity } = JSON.parse(said) as Record<string, string>;
  return [nameOf(wanted), { version: version!, integrity: integrity! }];
}

/** What of the lock stays, and which of the packages are resolved, by what was asked for. */
async function chosenWork(wanted: WantedPackages): Promise<{ kept: NpmLock['packages']; names: readonly string[] }> {
  const asked = process.argv.slice(2);
  if (asked.length === 0) return { kept: {}, names: wanted.packages };
  const names = asked.filter(one => one !== '--keep');
  const unknown = names.find(one => !wanted.packages.includes(one));
  if (unknown !== undefined) throw new Error(`images/npm/packages.json has no "${unknown}": write it there first`);
  return { kept: (await readNpmLock()).packages, names };
}

async function main(): Promise<void> {
  const wanted = JSON.parse(await readFile(join(imagesFolder, 'npm', 'packages.json'), 'utf8')) as WantedPackages;
  const { kept, names } = await chosenWork(wanted);
  const resolved = await resolveAll(names, resolve);
  const known = new Set(
    Object.entries(kept).flatMap(([name, { versions }]) =>
      Object.entries(versions).flatMap(([version, one]) => (one.isElsewhere ? [] : [`${name}@${version}`])),
    ),
  );
  for (const entry of [...resolved.values()].flat()) if (!isElsewhere(entry)) known.add(`${entry.name}@${entry.version}`);
  const exact = [...new Set(Object.values(wanted.exact).flat())].filter(one => !known.has(one));
  const found = await resolveAll(exact, async one => [await exactly(one)]);
  const lock: NpmLock = {
    tools: Object.fromEntries(wanted.tools.map(lockTool)),
    packages: lockPackages(kept, resolved, [...found.values()].flat(), wanted.without),
  };
  await writeFile(npmLockFile, `${JSON.stringify(lock, undefined, 1)}\n`);
  const versions = Object.values(lock.packages).flatMap(one => Object.values(one.versions));
  console.log(`${Object.keys(lock.packages).length} packages, ${versions.length} versions`);
}

await main();
