import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackages, setKey } from '../debian-packages.ts';
import { imagesFolder } from '../folders.ts';
import { bootGuest, createOfflineGuest, runInGuest, type GuestFiles } from '../offline-guest.ts';
import { runProgram } from '../run.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { extractPackages, packLayer } from './image-tree.ts';
import { PYTHON_PRUNED } from './python-pruned.ts';

/** Where the script lies that is run in the guest. */
const script = join(imagesFolder, 'containers/python/compile.py');

/** Far above what it takes on a slow machine. */
const COMPILE_TIMEOUT_MILLISECONDS = 1_800_000;

/** The steps and files that a guest for the work is started from. */
export interface BytecodeInputs {
  readonly kernel: BuiltStep;
  readonly root: BuiltStep;
  readonly firmware: Pick<GuestFiles, 'bios' | 'vgaBios'>;
}

/** Unpacks Python with all that is to be compiled, as a tar that the guest gets as its second disk. */
async function packPython(lock: DebianLock, place: string): Promise<string> {
  const [root, disk, owners] = [join(place, 'root'), join(place, 'python.tar'), join(place, 'owners')];
  await writeFile(owners, '');
  const work = { folder: place, owners };
  for (const set of ['debian', 'python', 'wheels']) await extractPackages(work, root, await fetchPackages(lock, set), PYTHON_PRUNED);
  await copyFile(script, join(root, 'compile.py'));
  await packLayer(work, root, disk);
  return disk;
}

/**
 * Python compiles what it imports, and a container would do that anew at each start: what is imported most is compiled once, by the image's
 * own Python in the guest, as no program of a package is run on the build host. The folder has the compiled modules with their paths.
 */
export function buildBytecode({ kernel, root, firmware }: BytecodeInputs, lock: DebianLock): Promise<BuiltStep> {
  return runStep({
    name: 'bytecode',
    files: [import.meta.filename, join(import.meta.dirname, 'python-pruned.ts'), script],
    // Not the keys of kernel and root: which guest it is done in makes no difference to what Python makes of its modules.
    values: ['debian', 'python', 'wheels'].map(set => setKey(lock, set)),
    async build(folder, report) {
      const place = await mkdtemp(join(tmpdir(), 'drydock-bytecode-'));
      try {
        const secondDisk = await packPython(lock, place);
        const guest = await createOfflineGuest({
          ...firmware,
          disk: join(root.folder, 'disk.img'),
          kernel: join(kernel.folder, 'bzImage'),
          secondDisk,
        });
        try {
          await bootGuest(guest, report);
          report("compiling Python's modules (1 to 4 minutes)");
          await runInGuest(guest, 'mkdir /python && tar x -C /python -f /dev/sdb');
          await runInGuest(guest, 'PYTHONHASHSEED=0 LANG=C.UTF-8 chroot /python /usr/bin/python3.13 /compile.py', COMPILE_TIMEOUT_MILLISECONDS);
          report('fetching them');
          await runInGuest(guest, `chroot /python sh -c "cd / && find usr -name '*.pyc' | sort | tar -c -T -" > /workspace/bytecode.tar`);
          const compiled = guest.tree.read('bytecode.tar');
          if (compiled === undefined) throw new Error('the guest left no compiled modules');
          await writeFile(join(place, 'bytecode.tar'), compiled);
        } finally {
          await guest.machine.dispose();
        }
        await runProgram('tar', ['-x', '--no-same-owner', '-C', folder, '-f', join(place, 'bytecode.tar')]);
        const count = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.pyc')).length;
        report(`${count} modules`);
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
  });
}

/** Where the compiled form of a module lies, seen from the same folder as the module. */
export function compiledPath(module: string): string {
  return join(dirname(module), '__pycache__', `${basename(module, '.py')}.cpython-313.pyc`);
}

/** Puts the compiled modules beside the modules that are in `root`. */
export async function addBytecode(bytecode: BuiltStep, root: string): Promise<void> {
  for (const path of await readdir(root, { recursive: true })) {
    if (!path.endsWith('.py')) continue;
    const compiled = compiledPath(path);
    if (!existsSync(join(bytecode.folder, compiled))) continue;
    await mkdir(join(root, dirname(compiled)), { recursive: true });
    await copyFile(join(bytecode.folder, compiled), join(root, compiled));
  }
}
