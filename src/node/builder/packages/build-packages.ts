import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_CATALOG_FORMAT, type PackageCatalog, type PackageFile } from '../../../core/packages/package-catalog.ts';
import { storePieces } from '../blobs.ts';
import { PACKED_LEVEL } from '../packed-level.ts';
import { lockedPackage, type DebianLock } from '../debian-lock.ts';
import { fetchPackage, setKey } from '../debian-packages.ts';
import { addBytecode } from '../images/compiled-modules.ts';
import { PYTHON_RELEASES, sitePackages, type PythonRelease } from '../images/python-releases.ts';
import { runProgram } from '../run.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { LibraryBundler } from './bundled-libraries.ts';
import { PACKAGES_FOLDER, projectOf, readWheel } from './debian-wheel.ts';
import { neededProject, otherNamesOf, ownPackages, partsOf, pythonDependencies } from './wheel-sets.ts';
import { packWheel, type Wheel } from './wheel.ts';

/** A Debian package that is to become a wheel, unpacked. */
interface Unpacked {
  readonly set: string;
  readonly name: string;
  readonly root: string;
  /** Python packages of Debian's that it needs. */
  readonly needs: readonly string[];
}

async function unpack(lock: DebianLock, set: string, name: string, folder: string): Promise<Unpacked> {
  const root = join(folder, name);
  let needs = '';
  for (const part of [name, ...partsOf(lock, set, name)]) {
    const deb = await fetchPackage(lock, set, part);
    await runProgram('dpkg-deb', ['-x', deb, root]);
    needs += `,${await runProgram('dpkg-deb', ['-f', deb, 'Depends'])}`;
  }
  return { set, name, root, needs: pythonDependencies(needs).filter(one => one !== name) };
}

/** Makes the wheels of a release, one for each project. */
async function* wheelsOf(lock: DebianLock, release: PythonRelease, bytecode: BuiltStep, work: string): AsyncGenerator<readonly [Wheel, string]> {
  const folder = join(work, release.version);
  await mkdir(folder);
  const libraries = await LibraryBundler.open(lock, release, join(folder, 'libraries'));
  const all: Unpacked[] = [];
  for (const [set, name] of ownPackages(lock, release)) all.push(await unpack(lock, set, name, folder));
  const projects = new Map<string, string | undefined>();
  for (const { name, root } of all) projects.set(name, await projectOf(root));
  for (const { set, name, root, needs } of all) {
    if (projects.get(name) === undefined) continue;
    await addBytecode(bytecode, release, join(root, PACKAGES_FOLDER), sitePackages(release));
    await removeBoundModules(join(root, PACKAGES_FOLDER));
    const version = lockedPackage(lock, set, name).version;
    const dependencies = needs.map(one => neededProject(one, projects));
    for (const project of [undefined, ...otherNamesOf(name)]) {
      const wheel = await readWheel({ root, name, version, release, dependencies, libraries, ...(project !== undefined && { project }) });
      if (wheel) yield [wheel, `${name} ${version}`];
    }
  }
  await rm(folder, { recursive: true });
}

/** The flags of a compiled module (PEP 552): 1 where it is bound to no time of its source, which a wheel does not keep. */
const FLAGS_OFFSET = 4;
const BOUND_TO_NOTHING = 1;

/** Removes what Python compiled by the way when it started, to compile the rest: it would be out of date wherever it is installed. */
async function removeBoundModules(folder: string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true }).catch(() => [])) {
    if (!path.endsWith('.pyc')) continue;
    const bytes = await readFile(join(folder, path));
    if (bytes.readUInt32LE(FLAGS_OFFSET) !== BOUND_TO_NOTHING) await rm(join(folder, path));
  }
}

async function storeWheel(wheel: Wheel, source: string, folder: string): Promise<PackageFile> {
  const { filename, requiresPython } = wheel;
  const bytes = packWheel(wheel);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    filename,
    sha256,
    ...(requiresPython !== undefined && { requiresPython }),
    source,
    content: await storePieces(bytes, folder, { level: PACKED_LEVEL }),
  };
}

/** Makes what the package index inside the page serves: packages.json, and below blobs/ the wheels as compressed pieces. */
export function buildPackages(lock: DebianLock, bytecode: BuiltStep): Promise<BuiltStep> {
  return runStep({
    name: 'packages',
    files: [
      import.meta.dirname,
      join(import.meta.dirname, '../images/python-releases.ts'),
      join(import.meta.dirname, '../blobs.ts'),
      join(import.meta.dirname, '../packed-level.ts'),
      join(import.meta.dirname, '../../zip.ts'),
    ],
    values: [
      bytecode.key,
      ...PYTHON_RELEASES.flatMap(({ wheels, libraries }) => [wheels, libraries]).map(set => setKey(lock, set)),
      String(PACKAGE_CATALOG_FORMAT),
    ],
    async build(folder, report) {
      const work = await mkdtemp(join(tmpdir(), 'drydock-packages-'));
      const projects = new Map<string, PackageFile[]>();
      try {
        for (const release of PYTHON_RELEASES) {
          let [count, bytes] = [0, 0];
          for await (const [wheel, source] of wheelsOf(lock, release, bytecode, work)) {
            const file = await storeWheel(wheel, source, folder);
            projects.set(wheel.project, [...(projects.get(wheel.project) ?? []), file]);
            count += 1;
            bytes += file.content.bytes;
          }
          report(`Python ${release.version}: ${count} wheels, ${(bytes / 1e6).toFixed(1)} MB`);
        }
      } finally {
        await rm(work, { recursive: true, force: true });
      }
      const catalog: PackageCatalog = {
        format: PACKAGE_CATALOG_FORMAT,
        projects: [...projects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, files]) => ({ name, files })),
      };
      await writeFile(join(folder, 'packages.json'), JSON.stringify(catalog));
    },
  });
}
