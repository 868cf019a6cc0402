import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NPM_FORMAT, type NpmBinary, type NpmCatalog, type NpmPackage, type NpmPackages, type NpmVersion } from '../../../core/npm/npm-catalog.ts';
import { storePieces } from '../blobs.ts';
import type { DebianLock } from '../debian-lock.ts';
import { setKey } from '../debian-packages.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { BINDINGS_SET, makeBindings } from './native-bindings.ts';
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
    return this.put(await readFile(file));
  }

  put(bytes: Buffer): NonNullable<NpmVersion['tarball']> {
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
    if (isElsewhere === true) {
      list.push({ version, manifest, integrity });
      continue;
    }
    const bytes = await readFile(await fetchTarball(name, version, integrity));
    const shasum = createHash('sha1').update(bytes).digest('hex');
    list.push({ version, manifest, integrity, shasum, tarball: tarballs.put(bytes) });
  }
  return { name, ...(isChosen && { isChosen }), latest, versions: list };
}

/** Puts the compiled parts of packages behind the tarballs. */
async function addBindings(npm: NpmLock, debian: DebianLock, tarballs: Tarballs): Promise<NpmBinary[]> {
  const place = await mkdtemp(join(tmpdir(), 'drydock-bindings-'));
  try {
    const binaries: NpmBinary[] = [];
    for (const { path, file } of await makeBindings(npm, debian, place)) binaries.push({ path, ...(await tarballs.add(file)) });
    return binaries;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Makes what the npm registry inside the page serves: npm.json, and below blobs/ its list of packages and the tarballs, in pieces. */
export function buildNpm(lock: NpmLock, debian: DebianLock): Promise<BuiltStep> {
  const files = ['build-npm.ts', 'native-bindings.ts', 'npm-tarballs.ts', '../blobs.ts', '../packages/elf-libraries.ts'];
  return runStep({
    name: 'npm',
    files: files.map(name => join(import.meta.dirname, name)),
    values: [JSON.stringify(lock.packages), setKey(debian, BINDINGS_SET), String(NPM_FORMAT)],
    async build(folder, report) {
      const wanted = Object.entries(lock.packages).flatMap(([name, { versions }]) =>
        Object.entries(versions).flatMap(([version, { integrity, isElsewhere }]) => (isElsewhere === true ? [] : [{ name, version, integrity }])),
      );
      report(`${wanted.length} tarballs`);
      await forAll(wanted, ({ name, version, integrity }) => fetchTarball(name, version, integrity));
      const tarballs = new Tarballs();
      const packages: NpmPackage[] = [];
      for (const [name, one] of Object.entries(lock.packages)) packages.push(await listed(name, one, tarballs));
      const binaries = await addBindings(lock, debian, tarballs);
      const bytes = tarballs.whole();
      const list: NpmPackages = { packages, binaries };
      const catalog: NpmCatalog = {
        format: NPM_FORMAT,
        list: await storePieces(Buffer.from(JSON.stringify(list)), folder),
        // They are compressed already: trying hard would only cost time.
        tarballs: await storePieces(bytes, folder, { pieceBytes: PIECE_BYTES, level: '-1' }),
      };
      await writeFile(join(folder, 'npm.json'), JSON.stringify(catalog));
      report(`${packages.length} packages, ${(bytes.length / 1e6).toFixed(1)} MB`);
    },
  });
}
