import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkArchiveCatalog, suiteName, type ArchiveCatalog, type ArchiveSuite } from '../../core/archive/archive-catalog.ts';
import { joinedAll } from '../../core/base/bytes.ts';
import { readPieces, type LoadPiece } from '../../core/base/piece-reader.ts';
import { BlobLoader } from '../../core/sandbox/load/blob-loader.ts';
import { parseControl, type ControlFields } from '../builder/archive/control-fields.ts';
import type { DebianLock } from '../builder/debian-lock.ts';
import { fetchPackages } from '../builder/debian-packages.ts';
import { PYTHON_RELEASES } from '../builder/images/python-releases.ts';
import type { BuiltStep } from '../builder/step.ts';
import { readControl } from './deb-file.ts';

/** A suite of the Debian archive inside the page, and what a package that is installed there can count on. */
export interface AptSuite {
  /** `13`. */
  readonly version: string;
  /** `trixie`. */
  readonly codename: string;
  /** What the archive has. */
  readonly archive: readonly ControlFields[];
  /** What the image of this Debian has. */
  readonly image: readonly ControlFields[];
}

/** As people call a suite: `Debian 13 (trixie)`. */
export const nameOfSuite = (suite: Pick<AptSuite, 'version' | 'codename'>): string => suiteName(suite);

/** Gives the pieces that lie below a folder's blobs/. */
export function loadFrom(folder: string): LoadPiece {
  const loader = new BlobLoader({
    readFile: () => Promise.reject(new Error('only blobs are read here')),
    readBlob: sha256 => readFile(join(folder, 'blobs', `${sha256}.zst`)),
  });
  return (sha256, bytes) => loader.load(sha256, bytes);
}

/** The text of a suite's Packages file. */
export async function readIndex({ index }: ArchiveSuite, load: LoadPiece): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of readPieces(index.content, load)) parts.push(part);
  return new TextDecoder().decode(joinedAll(parts));
}

/** Reads archive.json of a folder that the archive's step has made. */
export async function readArchive(folder: string): Promise<ArchiveCatalog> {
  return checkArchiveCatalog(JSON.parse(await readFile(join(folder, 'archive.json'), 'utf8')));
}

async function readSuite(lock: DebianLock, suite: ArchiveSuite, load: LoadPiece): Promise<AptSuite> {
  const set = PYTHON_RELEASES.find(({ debian }) => debian.suite === suite.codename)?.debian.set;
  if (set === undefined) throw new Error(`there is no image of ${suiteName(suite)}`);
  const text = await readIndex(suite, load);
  const image: ControlFields[] = [];
  for (const file of await fetchPackages(lock, set)) image.push(await readControl(file));
  return { version: suite.version, codename: suite.codename, archive: text.split('\n\n').map(parseControl), image };
}

/** The suites of the archive that its step has made. */
export async function readAptSuites(lock: DebianLock, { folder }: BuiltStep): Promise<AptSuite[]> {
  const { suites } = await readArchive(folder);
  const load = loadFrom(folder);
  return Promise.all(suites.map(suite => readSuite(lock, suite, load)));
}
