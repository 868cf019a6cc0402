import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackageCatalog, type PackageCatalog, type PackageFile, type PackageProject } from '../../core/packages/package-catalog.ts';
import { storePieces } from '../builder/blobs.ts';
import { PACKED_LEVEL } from '../builder/packed-level.ts';
import type { DebianLock } from '../builder/debian-lock.ts';
import { linkBlobs } from '../builder/link-blobs.ts';
import { runStep, type BuiltStep } from '../builder/step.ts';
import { checkWheelNames, readAddedWheels } from './added-wheels.ts';
import { sitePythons } from './site-pythons.ts';
import type { WheelFile } from './wheel-file.ts';

/** Said of a wheel where others have the name of a Debian package. */
const SOURCE = 'added to this site';

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Of the projects that added wheels need: those that the index lacks. */
function missingProjects(projects: readonly PackageProject[], added: readonly WheelFile[]): string[] {
  const known = new Set([...projects.map(({ name }) => name), ...added.map(({ project }) => project)]);
  return added.flatMap(({ filename, needs }) => {
    const missing = needs.filter(name => !known.has(name));
    return missing.length === 0 ? [] : [`${filename} needs ${missing.join(', ')}, which the index does not have: add a wheel of it, too`];
  });
}

/** The package index of `catalog` with wheels added; their pieces go below `folder`/blobs. */
export async function extendIndex({ format, projects }: PackageCatalog, wheels: readonly WheelFile[], folder: string): Promise<PackageCatalog> {
  const files = new Map(projects.map(({ name, files: own }) => [name, [...own]]));
  for (const { project, filename, bytes, requiresPython } of wheels) {
    const content = await storePieces(bytes, folder, { level: PACKED_LEVEL });
    const file: PackageFile = { filename, sha256: hashOf(bytes), ...(requiresPython !== undefined && { requiresPython }), source: SOURCE, content };
    files.set(project, [...(files.get(project) ?? []), file]);
  }
  return { format, projects: [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, all]) => ({ name, files: all })) };
}

/** The step of the package index, with the wheels that were added to the site; the step itself where there are none. */
export async function withAddedWheels(packages: BuiltStep, lock: DebianLock): Promise<BuiltStep> {
  const pythons = sitePythons(lock);
  const wheels = await readAddedWheels(pythons);
  if (wheels.length === 0) return packages;
  const catalog = checkPackageCatalog(JSON.parse(await readFile(join(packages.folder, 'packages.json'), 'utf8')));
  checkWheelNames(catalog.projects, wheels, pythons);
  for (const sentence of missingProjects(catalog.projects, wheels)) console.log(`  ${'wheels+'.padEnd(10)} ${sentence}`);
  return runStep({
    name: 'wheels+',
    files: [import.meta.filename, join(import.meta.dirname, 'wheel-file.ts')],
    values: [packages.key, ...wheels.flatMap(({ filename, bytes }) => [filename, hashOf(bytes)])],
    async build(folder, report) {
      await linkBlobs(packages.folder, folder);
      await writeFile(join(folder, 'packages.json'), JSON.stringify(await extendIndex(catalog, wheels, folder)));
      report(wheels.map(({ filename }) => filename).join(', '));
    },
  });
}
