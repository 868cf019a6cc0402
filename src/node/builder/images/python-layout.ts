import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockedPackage, lockedSet, type DebianLock } from '../debian-lock.ts';
import { fetchPackage } from '../debian-packages.ts';
import { imagesFolder } from '../folders.ts';
import { PACKAGES_FOLDER, readWheel } from '../packages/debian-wheel.ts';
import { recordOf } from '../packages/wheel.ts';
import { runProgram } from '../run.ts';
import { unfreezeSite } from './frozen-site.ts';
import { extractPackages, type Workplace } from './image-tree.ts';
import { patchLibrary } from './python-patches.ts';
import { isTestModule, prunedOf } from './python-pruned.ts';
import { libraryFolder, sitePackages, type PythonRelease } from './python-releases.ts';

/** Our own module of this name: puts pip into environments. */
export const ensurepipFolder = join(imagesFolder, 'containers/python/ensurepip');

/** What the layout is made by, for the keys of steps. */
export const LAYOUT_FILES = [
  ...['python-layout.ts', 'python-patches.ts', 'python-pruned.ts', 'python-releases.ts', 'frozen-site.ts'].map(name =>
    join(import.meta.dirname, name),
  ),
  ensurepipFolder,
];

/** A project that the image has installed in site-packages, as pip would have: the Debian packages it is in, each with its set. */
interface InstalledProject {
  readonly packages: readonly (readonly [set: string, name: string])[];
  /** Commands, each with the module that has its main(). */
  readonly commands: Readonly<Record<string, string>>;
}

/** All releases have pip of the newest: older ones keep most of pip in archives without compiled modules, slow at each start. */
const PIP_SET = 'python';

function installedProjects({ version, set }: PythonRelease): InstalledProject[] {
  const pip = 'pip._internal.cli.main';
  const all: InstalledProject[] = [{ packages: [[PIP_SET, 'python3-pip']], commands: { pip, pip3: pip, [`pip${version}`]: pip } }];
  // Since Python 3.12 there is only pip from the start.
  if (version !== '3.13') {
    const setuptools = ['python3-setuptools', 'python3-pkg-resources'].map(name => [set, name] as const);
    all.push({ packages: setuptools, commands: {} }, { packages: [[set, 'python3-wheel']], commands: { wheel: 'wheel.cli' } });
  }
  return all;
}

/** Packages of Python itself: in /usr/local of the image, where dpkg does not know them, as in the official image. */
const PYTHON_PACKAGE = /^(lib)?python3/;

/** The packages of a release's set that dpkg of the image is to know: what Python needs, and what comes with it. */
export function installedPackages(lock: DebianLock, { set }: PythonRelease): string[] {
  return lockedSet(lock, set).packages.filter(name => !PYTHON_PACKAGE.test(name));
}

/** The packages of Debian that an image of a release has inside, for its labels. */
export function packagesInside(lock: DebianLock, release: PythonRelease): (readonly [set: string, name: string])[] {
  const own = lockedSet(lock, release.set).packages.map(name => [release.set, name] as const);
  return release.set === PIP_SET ? own : [...own, [PIP_SET, 'python3-pip']];
}

/** Before Debian 13 packages still have files in /bin and /lib, which are links into /usr in every image: a folder in their place would hide what is there. */
export async function mergeIntoUsr(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib']) {
    const folder = join(root, name);
    if (!existsSync(folder)) continue;
    await mkdir(join(root, 'usr', name), { recursive: true });
    await runProgram('cp', ['-a', `${folder}/.`, join(root, 'usr', name)]);
    await rm(folder, { recursive: true });
  }
}

async function moveToLocal(root: string, { version }: PythonRelease): Promise<void> {
  const [from, to] = [join(root, 'usr'), join(root, 'usr/local')];
  for (const folder of ['bin', 'lib']) await mkdir(join(to, folder), { recursive: true });
  await rename(join(from, `lib/python${version}`), join(to, `lib/python${version}`));
  await rename(join(from, `bin/python${version}`), join(to, `bin/python${version}`));
  await rm(join(from, 'lib/python3'), { recursive: true, force: true });
  // What is left are Debian's scripts for its own packages, and scripts that start /usr/bin/python3.
  for (const name of await readdir(join(from, 'bin'))) if (/^(py|pdb|pip|python|2to3|wheel)/.test(name)) await rm(join(from, 'bin', name));
  for (const name of ['python', 'python3']) await symlink(`python${version}`, join(to, 'bin', name));
}

function scriptOf({ version }: PythonRelease, module: string, call = 'main'): string {
  return `#!/usr/local/bin/python${version}\nimport sys\nfrom ${module} import ${call}\nif __name__ == '__main__':\n    sys.exit(${call}())\n`;
}

async function writeScript(root: string, name: string, text: string): Promise<void> {
  const file = join(root, 'usr/local/bin', name);
  await writeFile(file, text);
  await chmod(file, 0o755);
}

async function installProject(work: Workplace, lock: DebianLock, root: string, release: PythonRelease, project: InstalledProject): Promise<void> {
  const unpacked = join(work.folder, `${release.set}-${project.packages[0]![1]}`);
  for (const [set, name] of project.packages) await runProgram('dpkg-deb', ['-x', await fetchPackage(lock, set, name), unpacked]);
  for (const path of prunedOf(release)) await rm(join(unpacked, path), { recursive: true, force: true });
  const [set, name] = project.packages[0]!;
  const wheel = await readWheel({ root: unpacked, name, version: lockedPackage(lock, set, name).version, release });
  if (!wheel) throw new Error(`${name} has no Python modules in ${PACKAGES_FOLDER}`);
  const target = join(root, sitePackages(release));
  const record = wheel.entries.at(-1)!.path;
  const entries = [...wheel.entries.slice(0, -1), { path: join(dirname(record), 'INSTALLER'), bytes: Buffer.from('pip\n') }];
  const scripts = Object.entries(project.commands).map(([command, module]) => ({ command, text: scriptOf(release, module) }));
  for (const { path, bytes } of entries) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), bytes);
  }
  for (const { command, text } of scripts) await writeScript(root, command, text);
  const recorded = scripts.map(({ command, text }) => ({ path: `../../../bin/${command}`, bytes: Buffer.from(text) }));
  await writeFile(join(target, record), recordOf([...entries, ...recorded], record));
}

async function pruneModules(root: string, release: PythonRelease): Promise<void> {
  const folder = join(root, libraryFolder(release), 'lib-dynload');
  for (const name of await readdir(folder)) if (isTestModule(name)) await rm(join(folder, name));
  const libraries = join(root, 'usr/lib/i386-linux-gnu');
  for (const name of await readdir(libraries)) if (name.startsWith('libexpatw.')) await rm(join(libraries, name));
}

/**
 * Lays out a Python in `root` as the official image does: program and library in /usr/local, packages in site-packages, pip installed.
 * Everything is from Debian's packages; what Debian changed about where packages lie is undone (python-patches.ts).
 */
export async function layOutPython(work: Workplace, lock: DebianLock, root: string, release: PythonRelease): Promise<void> {
  const projects = installedProjects(release);
  const separate = new Set(projects.flatMap(({ packages }) => packages.map(([, name]) => name)));
  const names = lockedSet(lock, release.set).packages.filter(name => !separate.has(name));
  const debs: string[] = [];
  for (const name of names) debs.push(await fetchPackage(lock, release.set, name));
  await extractPackages(work, root, debs, prunedOf(release));
  await mergeIntoUsr(root);
  await moveToLocal(root, release);
  await pruneModules(root, release);
  await patchLibrary(root, release);
  if (release.version !== '3.9') {
    const program = join(root, `usr/local/bin/python${release.version}`);
    const bytes = await readFile(program);
    unfreezeSite(bytes);
    await writeFile(program, bytes);
  }
  await cp(ensurepipFolder, join(root, libraryFolder(release), 'ensurepip'), { recursive: true });
  for (const name of ['pydoc3', `pydoc${release.version}`, 'pydoc']) await writeScript(root, name, scriptOf(release, 'pydoc', 'cli'));
  for (const project of projects) await installProject(work, lock, root, release, project);
}
