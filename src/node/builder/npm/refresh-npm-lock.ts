/**
 * Makes images/npm/lock.json anew from images/npm/packages.json: npm itself resolves each of the packages there, in a folder of its own, against the
 * registry that it is configured to use. Takes some minutes. Run as `npm run npm:lock`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALL_FIELDS } from '../../../core/npm/npm-catalog.ts';
import { imagesFolder } from '../folders.ts';
import { runProgram } from '../run.ts';
import { npmLockFile, type LockedManifest, type LockedPackage, type LockedVersion, type NpmLock } from './npm-lock.ts';
import { olderFirst } from './versions.ts';

/** images/npm/packages.json. */
interface WantedPackages {
  /** `npm@10.8.2`: what the node images are made with. */
  readonly tools: readonly string[];
  /** `express@5`, or `cors` for the newest. */
  readonly packages: readonly string[];
  /** Versions that are not taken though something would: `typescript@7.`. */
  readonly without: readonly string[];
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

/** Does this machine's npm ever install it? The sandbox is linux on ia32. */
function isElsewhere({ os, cpu, libc }: LockedManifest): boolean {
  const fits = (list: readonly string[] | undefined, mine: string): boolean =>
    list === undefined || (list.every(one => one.startsWith('!')) ? !list.includes(`!${mine}`) : list.includes(mine) || list.includes('any'));
  return !(fits(os, 'linux') && fits(cpu, 'ia32') && fits(libc, 'glibc'));
}

function lockedVersion(entry: Entry): LockedVersion {
  const manifest = Object.fromEntries(MANIFEST_FIELDS.filter(field => entry[field] !== undefined).map(field => [field, entry[field]]));
  return { integrity: entry.integrity, ...(isElsewhere(entry) && { isElsewhere: true }), ...manifest };
}

async function resolveAll(wanted: readonly string[]): Promise<Map<string, Entry[]>> {
  const resolved = new Map<string, Entry[]>();
  const waiting = [...wanted];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) resolved.set(one, await resolve(one));
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

/** The packages in the order in which they are met, so that what is installed together stands together. */
function lockPackages(resolved: ReadonlyMap<string, readonly Entry[]>, without: readonly string[]): Record<string, LockedPackage> {
  const packages = new Map<string, Map<string, LockedVersion>>();
  for (const entry of [...resolved.values()].flat()) {
    if (without.some(prefix => `${entry.name}@${entry.version}`.startsWith(prefix))) continue;
    if (!packages.has(entry.name!)) packages.set(entry.name!, new Map());
    packages.get(entry.name!)!.set(entry.version, lockedVersion(entry));
  }
  const chosen = newestChosen(resolved);
  return Object.fromEntries(
    [...packages].map(([name, versions]) => {
      const ordered = [...versions].sort(([a], [b]) => olderFirst(a, b));
      const latest = chosen.get(name) ?? ordered.at(-1)![0];
      return [name, { latest, ...(chosen.has(name) && { isChosen: true as const }), versions: Object.fromEntries(ordered) }];
    }),
  );
}

function lockTool(wanted: string): readonly [string, { version: string; integrity: string }] {
  const said = execFileSync('npm', ['view', wanted, 'version', 'dist.integrity', '--json'], { encoding: 'utf8' });
  const { version, 'dist.integrity': integrity } = JSON.parse(said) as Record<string, string>;
  return [nameOf(wanted), { version: version!, integrity: integrity! }];
}

async function main(): Promise<void> {
  const wanted = JSON.parse(await readFile(join(imagesFolder, 'npm', 'packages.json'), 'utf8')) as WantedPackages;
  const lock: NpmLock = {
    tools: Object.fromEntries(wanted.tools.map(lockTool)),
    packages: lockPackages(await resolveAll(wanted.packages), wanted.without),
  };
  await writeFile(npmLockFile, `${JSON.stringify(lock, undefined, 1)}\n`);
  const versions = Object.values(lock.packages).flatMap(one => Object.values(one.versions));
  console.log(`${Object.keys(lock.packages).length} packages, ${versions.length} versions`);
}

await main();
