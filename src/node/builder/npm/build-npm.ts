import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NPM_FORMAT, type NpmCatalog, type NpmPackage, type NpmVersion } from '../../../core/npm/npm-catalog.ts';
import { storePieces } from '../blobs.ts';
import { runStep, type BuiltStep } from '../step.ts';
import type { LockedPackage, NpmLock } from './npm-lock.ts';
import { fetchTarball } from './npm-tarballs.ts';

/** Downloads at a time. */
const AT_A_TIME = 8;
/** A piece of the tarballs: what a small install needs comes in a few of them. In bytes. */
const PIECE_BYTES = 1024 * 1024;

/** Does `work` for all, some at a time. */
async function forAll<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const waiting = [...all];
  const take = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, take));
}

/** The tarballs one after the other, as the registry published them: a learner's package-lock.json has their hashes. */
class Tarballs {
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  async add(file: string): Promise<NonNullable<NpmVersion['tarball']>> {
    const bytes = await readFile(file);
    this.#parts.push(bytes);
    const start = this.#bytes;
    this.#bytes += bytes.length;
    return { start, bytes: bytes.length };
  }

  whole(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

async function listed(name: string, { latest, isChosen, versions }: LockedPackage, tarballs: Tarballs): Promise<NpmPackage> {
  const list: NpmVersion[] = [];
  for (const [version, { integrity, isElsewhere, ...manifest }] of Object.entries(versions)) {
    const tarball = isElsewhere === true ? undefined : await tarballs.add(await fetchTarball(name, version, integrity));
    list.push({ version, manifest, integrity, ...(tarball && { tarball }) });
  }
  return { name, ...(isChosen && { isChosen }), latest, versions: list };
}

/** Makes what the npm registry inside the page serves: npm.json, and below blobs/ its list of packages and the tarballs, in pieces. */
export function buildNpm(lock: NpmLock): Promise<BuiltStep> {
  return runStep({
    name: 'npm',
    files: ['build-npm.ts', 'npm-tarballs.ts', '../blobs.ts'].map(name => join(import.meta.dirname, name)),
    values: [JSON.stringify(lock.packages), String(NPM_FORMAT)],
    async build(folder, report) {
      const wanted = Object.entries(lock.packages).flatMap(([name, { versions }]) =>
        Object.entries(versions).flatMap(([version, { integrity, isElsewhere }]) => (isElsewhere === true ? [] : [{ name, version, integrity }])),
      );
      report(`${wanted.length} tarballs`);
      await forAll(wanted, ({ name, version, integrity }) => fetchTarball(name, version, integrity));
      const tarballs = new Tarballs();
      const packages: NpmPackage[] = [];
      for (const [name, one] of Object.entries(lock.packages)) packages.push(await listed(name, one, tarballs));
      const bytes = tarballs.whole();
      const catalog: NpmCatalog = {
        format: NPM_FORMAT,
        list: await storePieces(Buffer.from(JSON.stringify({ packages })), folder),
        // They are compressed already: trying hard would only cost time.
        tarballs: await storePieces(bytes, folder, { pieceBytes: PIECE_BYTES, level: '-1' }),
      };
      await writeFile(join(folder, 'npm.json'), JSON.stringify(catalog));
      report(`${packages.length} packages, ${(bytes.length / 1e6).toFixed(1)} MB`);
    },
  });
}
