import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createHash } from 'node:crypto';
import { PACKAGE_CATALOG_FORMAT, type PackageCatalog, type PackageFile } from '../../../core/packages/package-catalog.ts';
import { storePieces } from '../blobs.ts';
import { lockedPackage, lockedSet, type DebianLock } from '../debian-lock.ts';
import { fetchPackage, setKey } from '../debian-packages.ts';
import { addBytecode } from '../images/python-bytecode.ts';
import { runProgram } from '../run.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { makeWheel, type Wheel } from './wheel.ts';
import type { ZipEntry } from '../../zip.ts';

/** Where Debian installs Python packages. */
const PACKAGES_FOLDER = 'usr/lib/python3/dist-packages';
/** What Debian's folders of information have that goes into a wheel unchanged. */
const KEPT_INFORMATION = new Set(['entry_points.txt', 'top_level.txt']);

async function readTree(folder: string, root = folder): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) entries.push(...(await readTree(path, root)));
    else if (entry.isFile()) entries.push({ path: relative(root, path), bytes: await readFile(path) });
    else throw new Error(`${path} is no plain file: a wheel cannot have it`);
  }
  return entries;
}

/** Reads an unpacked Debian package of Python modules; undefined where it has none (gunicorn, whose command python3-gunicorn's entry points give). */
async function readWheel(root: string, name: string, source: string): Promise<Wheel | undefined> {
  const modules = join(root, PACKAGES_FOLDER);
  if (!existsSync(modules)) return undefined;
  const tree = await readTree(modules);
  const isInformation = ({ path }: ZipEntry) => /^[^/]+\.(dist|egg)-info\//.test(path);
  const information = tree.filter(isInformation).map(({ path, bytes }) => ({ path: path.slice(path.indexOf('/') + 1), bytes }));
  const metadata = information.find(({ path }) => path === 'METADATA' || path === 'PKG-INFO');
  if (!metadata) throw new Error(`${name} has no metadata`);
  // setuptools' old way to say what a package needs; none has it, and a wheel without it would not install what it needs.
  if (information.some(({ path }) => path === 'requires.txt')) throw new Error(`${name} says what it needs in requires.txt, which is not read here`);
  return makeWheel({
    metadata: Buffer.from(metadata.bytes).toString('utf8'),
    files: tree.filter(entry => !isInformation(entry)),
    information: information.filter(({ path }) => KEPT_INFORMATION.has(path)),
    copyright: await readFile(join(root, 'usr/share/doc', name, 'copyright'), 'utf8'),
    source,
  });
}

/** Makes what the package index inside the page serves: packages.json, and below blobs/ the wheels as compressed pieces. */
export function buildPackages(lock: DebianLock, bytecode: BuiltStep): Promise<BuiltStep> {
  return runStep({
    name: 'packages',
    files: [import.meta.dirname, join(import.meta.dirname, '../blobs.ts'), join(import.meta.dirname, '../../zip.ts')],
    values: [bytecode.key, setKey(lock, 'wheels'), String(PACKAGE_CATALOG_FORMAT)],
    async build(folder, report) {
      const work = await mkdtemp(join(tmpdir(), 'drydock-packages-'));
      const projects = new Map<string, PackageFile[]>();
      try {
        for (const name of lockedSet(lock, 'wheels').packages) {
          const source = `${name} ${lockedPackage(lock, 'wheels', name).version}`;
          const root = join(work, name);
          await runProgram('dpkg-deb', ['-x', await fetchPackage(lock, 'wheels', name), root]);
          await addBytecode(bytecode, root);
          const wheel = await readWheel(root, name, source);
          if (!wheel) continue;
          const { filename, project, requiresPython, bytes } = wheel;
          const sha256 = createHash('sha256').update(bytes).digest('hex');
          const content = await storePieces(bytes, folder);
          report(`${filename}: ${(bytes.length / 1e3).toFixed(0)} kB`);
          projects.set(project, [{ filename, sha256, ...(requiresPython !== undefined && { requiresPython }), source, content }]);
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
