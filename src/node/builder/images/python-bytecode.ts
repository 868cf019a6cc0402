import { existsSync } from 'node:fs';
import { copyFile, cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockedPackage, lockedSet, type DebianLock } from '../debian-lock.ts';
import { fetchPackage, setKey } from '../debian-packages.ts';
import { imagesFolder } from '../folders.ts';
import { withGuest, type GuestInputs } from '../guest-work.ts';
import { PACKAGES_FOLDER } from '../packages/debian-wheel.ts';
import { compiledWheels } from '../packages/wheel-sets.ts';
import { runAsRoot, runProgram } from '../run.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { packLayer, type Workplace } from './image-tree.ts';
import { LAYOUT_FILES, layOutPython, mergeIntoUsr } from './python-layout.ts';
import { PYTHON_RELEASES, sitePackages, type PythonRelease } from './python-releases.ts';

/** Where the script lies that is run in the guest. */
const script = join(imagesFolder, 'containers/python/compile.py');

/** Far above what it takes on a slow machine. */
const COMPILE_TIMEOUT_MILLISECONDS = 1_800_000;

/** The C libraries that Python loads: all that its program needs of the Debian below. */
const LIBRARY_PACKAGE = /^(lib(?!pam|selinux|semanage|sepol|apt|systemd|udev|perl).*|zlib1g)$/;

/** Unpacks a Python with all that is to be compiled, below a folder of its version. */
async function layOutWithWheels(work: Workplace, lock: DebianLock, release: PythonRelease): Promise<void> {
  const root = join(work.folder, 'root', release.version);
  await layOutPython(work, lock, root, release);
  const { set } = release.debian;
  const libraries = lockedSet(lock, set).packages.filter(name => LIBRARY_PACKAGE.test(name));
  for (const name of libraries) await runAsRoot(work.owners, 'dpkg-deb', ['-x', await fetchPackage(lock, set, name), root]);
  for (const name of compiledWheels(lock, release)) {
    const unpacked = join(work.folder, `${release.wheels}-${name}`);
    await runAsRoot(work.owners, 'dpkg-deb', ['-x', await fetchPackage(lock, release.wheels, name), unpacked]);
    const modules = join(unpacked, PACKAGES_FOLDER);
    if (existsSync(modules)) await cp(modules, join(root, sitePackages(release)), { recursive: true, verbatimSymlinks: true });
    await rm(unpacked, { recursive: true });
  }
  await mergeIntoUsr(root);
  for (const name of ['bin', 'lib']) await symlink(`usr/${name}`, join(root, name));
  for (const path of ['usr/share', 'usr/lib/i386-linux-gnu/gconv', 'var']) await rm(join(root, path), { recursive: true, force: true });
  await copyFile(script, join(root, 'compile.py'));
}

/** A second disk for the guest: a tar of all Pythons. */
export async function packPythons(lock: DebianLock, place: string): Promise<string> {
  const [root, disk, owners] = [join(place, 'root'), join(place, 'python.tar'), join(place, 'owners')];
  await writeFile(owners, '');
  const work = { folder: place, owners };
  for (const release of PYTHON_RELEASES) await layOutWithWheels(work, lock, release);
  await packLayer(work, root, disk);
  return disk;
}

/**
 * Python compiles what it imports, and a container would do that anew at each start: what is imported most is compiled once, by the image's
 * own Python in the guest, as no program of a package is run on the build host. The folder has the compiled modules with their paths.
 */
export function buildBytecode(inputs: GuestInputs, lock: DebianLock): Promise<BuiltStep> {
  return runStep({
    name: 'bytecode',
    files: [import.meta.filename, ...LAYOUT_FILES, script],
    // Not the keys of kernel and root: which guest it is done in makes no difference to what Python makes of its modules.
    values: PYTHON_RELEASES.flatMap(({ set, debian }) => [set, debian.set])
      .map(set => setKey(lock, set))
      .concat(
        PYTHON_RELEASES.map(release =>
          compiledWheels(lock, release)
            .map(name => lockedPackage(lock, release.wheels, name).sha256)
            .join(' '),
        ),
      ),
    async build(folder, report) {
      const place = await mkdtemp(join(tmpdir(), 'drydock-bytecode-'));
      try {
        const secondDisk = await packPythons(lock, place);
        await withGuest(inputs, secondDisk, report, async guest => {
          await guest.run('mkdir /python && tar x -C /python -f /dev/sdb');
          for (const { version } of PYTHON_RELEASES) {
            report(`compiling the modules of Python ${version} (1 to 4 minutes)`);
            const command = `PYTHONHASHSEED=0 LANG=C.UTF-8 chroot /python/${version} /usr/local/bin/python${version} /compile.py`;
            await guest.run(command, COMPILE_TIMEOUT_MILLISECONDS);
            await writeFile(join(place, 'bytecode.tar'), await guest.fetch(`/python/${version}/compiled.tar`));
            await runProgram('tar', ['-x', '--no-same-owner', '-C', folder, '-f', join(place, 'bytecode.tar')]);
          }
        });
        const count = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.pyc')).length;
        report(`${count} modules`);
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
  });
}
