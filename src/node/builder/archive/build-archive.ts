import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ARCHIVE_CATALOG_FORMAT, type ArchiveCatalog, type ArchiveFile, type ArchiveSuite } from '../../../core/archive/archive-catalog.ts';
import { storePieces } from '../blobs.ts';
import { PACKED_LEVEL } from '../packed-level.ts';
import { lockedPackage, lockedSet, type DebianLock } from '../debian-lock.ts';
import { fetchPackage, setKey } from '../debian-packages.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { packagesFile, releaseFiles, type IndexEntry, type SuiteNames } from './archive-index.ts';
import { ARCHIVE_TIME } from './archive-key.ts';
import { repackDeb, sha256Hex, type DebCompression } from './repack-deb.ts';

interface SuiteRecipe extends SuiteNames {
  /** The set of the lock. */
  readonly set: string;
  readonly compression: DebCompression;
}

const SUITES: readonly SuiteRecipe[] = [
  { codename: 'trixie', version: '13', alias: 'stable', set: 'apt13', compression: 'zstd' },
  { codename: 'bookworm', version: '12', alias: 'oldstable', set: 'apt12', compression: 'zstd' },
  { codename: 'bullseye', version: '11', alias: 'oldoldstable', set: 'apt11', compression: 'gzip' },
];

interface PackedPackage {
  readonly entry: IndexEntry;
  readonly file: ArchiveFile;
}

async function packPackage(lock: DebianLock, { set, codename, compression }: SuiteRecipe, name: string, folder: string): Promise<PackedPackage> {
  const original = lockedPackage(lock, set, name).path.split('/').at(-1)!;
  const { bytes, control } = await repackDeb(await readFile(await fetchPackage(lock, set, name)), original, compression);
  const filename = `pool/${codename}/${original.replaceAll('%3a', ':')}`;
  const sha256 = sha256Hex(bytes);
  const content = await storePieces(bytes, folder, { level: PACKED_LEVEL });
  return { entry: { control, filename, bytes: bytes.length, sha256 }, file: { path: `debian/${filename}`, sha256, content } };
}

/** In the set's order, as many at a time as there are processors. */
async function packPackages(lock: DebianLock, recipe: SuiteRecipe, folder: string): Promise<PackedPackage[]> {
  const { packages } = lockedSet(lock, recipe.set);
  const packed: PackedPackage[] = [];
  const waiting = packages.map((name, index) => ({ name, index }));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) packed[next.index] = await packPackage(lock, recipe, next.name, folder);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return packed;
}

async function buildSuite(lock: DebianLock, recipe: SuiteRecipe, folder: string): Promise<ArchiveSuite> {
  const { codename, version } = recipe;
  const packed = await packPackages(lock, recipe, folder);
  const packages = packagesFile(packed.map(({ entry }) => entry));
  const bytes = Buffer.from(packages, 'utf8');
  const index = { path: `debian/dists/${codename}/main/binary-i386/Packages`, sha256: sha256Hex(bytes), content: await storePieces(bytes, folder) };
  const pool = await storePieces(Buffer.from(JSON.stringify(packed.map(({ file }) => file))), folder);
  return { codename, version, packages: packed.length, releases: releaseFiles(recipe, packages), index, pool };
}

/** Makes what the Debian archive inside the page serves: archive.json, and below blobs/ the packages. */
export function buildArchive(lock: DebianLock): Promise<BuiltStep> {
  return runStep({
    name: 'archive',
    files: [import.meta.dirname, ...['blobs.ts', 'packed-level.ts'].map(name => join(import.meta.dirname, '..', name))],
    values: [...SUITES.map(({ set }) => setKey(lock, set)), String(ARCHIVE_CATALOG_FORMAT)],
    async build(folder, report) {
      const suites: ArchiveSuite[] = [];
      for (const recipe of SUITES) {
        report(`${recipe.codename}: ${lockedSet(lock, recipe.set).packages.length} packages`);
        suites.push(await buildSuite(lock, recipe, folder));
      }
      const catalog: ArchiveCatalog = { format: ARCHIVE_CATALOG_FORMAT, modified: new Date(ARCHIVE_TIME * 1000).toUTCString(), suites };
      await writeFile(join(folder, 'archive.json'), JSON.stringify(catalog));
    },
  });
}
