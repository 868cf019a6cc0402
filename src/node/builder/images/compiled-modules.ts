import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BuiltStep } from '../step.ts';
import { cacheTag, libraryFolder, sitePackages, type PythonRelease } from './python-releases.ts';

/** Where the compiled form of a module lies, seen from the same folder as the module. */
export function compiledPath(module: string, release: Pick<PythonRelease, 'version'>): string {
  return join(dirname(module), '__pycache__', `${basename(module, '.py')}.${cacheTag(release)}.pyc`);
}

/** Puts the compiled modules beside the modules that are in `folder`, which is `place` in the image: `usr/local/lib/python3.9`. */
export async function addBytecode(bytecode: BuiltStep, release: PythonRelease, folder: string, place: string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true })) {
    if (!path.endsWith('.py')) continue;
    const compiled = compiledPath(path, release);
    if (!existsSync(join(bytecode.folder, place, compiled))) continue;
    await mkdir(join(folder, dirname(compiled)), { recursive: true });
    await copyFile(join(bytecode.folder, place, compiled), join(folder, compiled));
  }
}

/** Puts the compiled modules beside Python's own in `root`, and beside what is installed, which then names them as its own. */
export async function addCompiled(bytecode: BuiltStep, root: string, release: PythonRelease): Promise<void> {
  await addBytecode(bytecode, release, join(root, libraryFolder(release)), libraryFolder(release));
  const target = join(root, sitePackages(release));
  for (const name of await readdir(target)) {
    if (!name.endsWith('.dist-info')) continue;
    const record = join(target, name, 'RECORD');
    const lines = (await readFile(record, 'utf8')).split('\n');
    const compiled = lines
      .map(line => line.split(',')[0]!)
      .filter(path => path.endsWith('.py'))
      .map(path => compiledPath(path, release))
      .filter(path => existsSync(join(target, path)));
    await writeFile(record, [...lines.slice(0, -1), ...compiled.map(path => `${path},,`), ''].join('\n'));
  }
}
