import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suiteName, type ArchiveCatalog, type ArchiveFile, type ArchiveSuite } from '../../core/archive/archive-catalog.ts';
import { readArchivePool } from '../../core/archive/debian-archive.ts';
import type { LoadPiece } from '../../core/base/piece-reader.ts';
import { packagesFile, releaseFiles, type IndexEntry } from '../builder/archive/archive-index.ts';
import { ARCHIVE_TIME } from '../builder/archive/archive-key.ts';
import { sha256Hex } from '../builder/archive/repack-deb.ts';
import { storePieces } from '../builder/blobs.ts';
import { PACKED_LEVEL } from '../builder/packed-level.ts';
import type { DebianLock } from '../builder/debian-lock.ts';
import { linkBlobs } from '../builder/link-blobs.ts';
import { runStep, type BuiltStep } from '../builder/step.ts';
import { checkAddedDebs, readAddedDebs, type AddedDeb } from './added-debs.ts';
import { loadFrom, readAptSuites, readArchive, readIndex } from './apt-suites.ts';
import { recompressed } from './deb-file.ts';

/** The dpkg of Debian 11 does not read zstd. */
const GZIP_SUITES = new Set(['11']);
const SECONDS_OF_A_YEAR = 365 * 24 * 60 * 60;

interface PackedDeb {
  readonly entry: IndexEntry;
  readonly file: ArchiveFile;
}

async function packDeb({ file, filename: name, control, suite }: AddedDeb, codename: string, folder: string): Promise<PackedDeb> {
  const bytes = await recompressed(file, GZIP_SUITES.has(suite) ? 'gzip' : 'zstd');
  // In a folder of its own: a package of the archive may have the same name, with another epoch.
  const filename = `pool/${codename}/added/${name}`;
  const sha256 = sha256Hex(bytes);
  return {
    entry: { control, filename, bytes: bytes.length, sha256 },
    file: { path: `debian/${filename}`, sha256, content: await storePieces(bytes, folder, { level: PACKED_LEVEL }) },
  };
}

/** What Debian calls a suite besides its code name (`stable`) stands in the file that was signed. */
function aliasOf({ codename, releases }: ArchiveSuite): string {
  const alias = /^Suite: (.+)$/m.exec(releases[`debian/dists/${codename}/InRelease`] ?? '')?.[1];
  if (alias === undefined) throw new Error(`the release file of ${codename} names no suite`);
  return alias;
}

async function extendSuite(suite: ArchiveSuite, debs: readonly AddedDeb[], load: LoadPiece, folder: string): Promise<ArchiveSuite> {
  if (debs.length === 0) return suite;
  const { codename, version } = suite;
  const packed: PackedDeb[] = [];
  for (const deb of debs) packed.push(await packDeb(deb, codename, folder));
  const packages = `${await readIndex(suite, load)}\n${packagesFile(packed.map(({ entry }) => entry))}`;
  const bytes = Buffer.from(packages, 'utf8');
  const pool = [...(await readArchivePool(suite.pool, load)).values(), ...packed.map(({ file }) => file)];
  return {
    ...suite,
    packages: suite.packages + debs.length,
    releases: releaseFiles({ codename, version, alias: aliasOf(suite) }, packages),
    index: { path: suite.index.path, sha256: sha256Hex(bytes), content: await storePieces(bytes, folder) },
    pool: await storePieces(Buffer.from(JSON.stringify(pool)), folder),
  };
}

/** A machine that was saved knows the index of then, and asks whether it was modified: so this is another time for each content. */
function modifiedFor(debs: readonly AddedDeb[], sums: readonly string[]): string {
  const names = debs.map(({ suite, filename }, index) => `${suite} ${filename} ${sums[index]}`).join('\n');
  const seconds = createHash('sha256').update(names).digest().readUInt32BE() % SECONDS_OF_A_YEAR;
  return new Date((ARCHIVE_TIME - 1 - seconds) * 1000).toUTCString();
}

async function sumsOf(debs: readonly AddedDeb[]): Promise<string[]> {
  return Promise.all(debs.map(async ({ file }) => sha256Hex(await readFile(file))));
}

/** The Debian archive of `catalog` with .debs added, signed anew; `load` gives its pieces, and what is new goes below `folder`/blobs. */
export async function extendArchive(catalog: ArchiveCatalog, debs: readonly AddedDeb[], load: LoadPiece, folder: string): Promise<ArchiveCatalog> {
  const suites: ArchiveSuite[] = [];
  for (const suite of catalog.suites)
    suites.push(
      await extendSuite(
        suite,
        debs.filter(deb => deb.suite === suite.version),
        load,
        folder,
      ),
    );
  return { ...catalog, modified: modifiedFor(debs, await sumsOf(debs)), suites };
}

/** The step of the Debian archive, with the .debs that were added to the site; the step itself where there are none. */
export async function withAddedDebs(archive: BuiltStep, lock: DebianLock): Promise<BuiltStep> {
  const debs = await readAddedDebs();
  if (debs.length === 0) return archive;
  checkAddedDebs(debs, await readAptSuites(lock, archive));
  return runStep({
    name: 'debs+',
    files: [import.meta.filename, join(import.meta.dirname, 'deb-file.ts')],
    values: [archive.key, ...debs.map(({ suite, filename }) => `${suite} ${filename}`), ...(await sumsOf(debs))],
    async build(folder, report) {
      await linkBlobs(archive.folder, folder);
      const catalog = await extendArchive(await readArchive(archive.folder), debs, loadFrom(archive.folder), folder);
      await writeFile(join(folder, 'archive.json'), JSON.stringify(catalog));
      report(debs.map(({ filename, suite }) => `${filename} for ${suiteName(catalog.suites.find(({ version }) => version === suite)!)}`).join(', '));
    },
  });
}
