import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf } from '../../core/base/errors.ts';
import type { PackageProject } from '../../core/packages/package-catalog.ts';
import { additionsFolder } from './places.ts';
import type { SitePython } from './site-pythons.ts';
import { readWheelFile, type WheelFile } from './wheel-file.ts';
import { parseWheelName, pythonsFor } from './wheel-tags.ts';

/** Where the wheels lie that were added: the folder is the list. */
export const wheelsFolder = join(additionsFolder, 'wheels');

/** The wheels that were added; none where nothing was. Throws where one of them does not fit the site any more. */
export async function readAddedWheels(pythons: readonly SitePython[], folder = wheelsFolder): Promise<WheelFile[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter(name => name.endsWith('.whl')).sort();
  return Promise.all(
    names.map(name =>
      readWheelFile(join(folder, name), pythons).catch((error: unknown) => {
        throw new Error(`The wheel ${name}, which was added to the site: ${messageOf(error)} (npm run hub -- remove ${name} removes it.)`);
      }),
    ),
  );
}

/** Adds a wheel to the site's package index and describes it. Throws a sentence if pip would not install it here, or if it is already there. */
export async function addWheel(file: string, pythons: readonly SitePython[], folder = wheelsFolder): Promise<WheelFile> {
  if (!existsSync(file)) throw new Error('There is no such file.');
  const wheel = await readWheelFile(file, pythons);
  const same = (await readAddedWheels(pythons, folder)).find(
    one => one.project === wheel.project && one.version === wheel.version && one.pythons.some(python => wheel.pythons.includes(python)),
  );
  if (same !== undefined) {
    throw new Error(
      `${wheel.project} ${wheel.version} was added already, as ${same.filename}. To put this one in its place: npm run hub -- remove ${same.filename} and add it again.`,
    );
  }
  await mkdir(folder, { recursive: true });
  const target = join(folder, wheel.filename);
  await writeFile(`${target}.part`, wheel.bytes);
  await rename(`${target}.part`, target);
  return wheel;
}

/** Takes a wheel out of what was added, by its file name; false where it is not among them. */
export async function removeWheel(name: string, folder = wheelsFolder): Promise<boolean> {
  const file = join(folder, basename(name));
  if (!existsSync(file)) return false;
  await rm(file);
  return true;
}

/** Throws where a wheel was added that the index has by itself for each Python that it is for: pip would never take the one that was added. */
export function checkWheelNames(projects: readonly PackageProject[], added: readonly WheelFile[], pythons: readonly SitePython[]): void {
  for (const { filename, project, version, pythons: wanted } of added) {
    const own = projects.find(({ name }) => name === project)?.files ?? [];
    const names = own.flatMap(one => parseWheelName(one.filename) ?? []).filter(one => one.version === version);
    const has = new Set(names.flatMap(one => pythonsFor(one, pythons).map(python => python.version)));
    if (wanted.every(python => has.has(python))) {
      throw new Error(
        `The package index has ${project} ${version} for Python ${wanted.join(', ')} by itself, and ${filename} was added. Remove it: npm run hub -- remove ${filename}`,
      );
    }
  }
}
