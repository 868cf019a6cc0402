import { join } from 'node:path';
import { withAddedDebs } from '../additions/with-debs.ts';
import { withAddedWheels } from '../additions/with-wheels.ts';
import { folderHost } from '../machine/folder-host.ts';
import { readLock, type DebianLock } from './debian-lock.ts';
import { buildArchive } from './archive/build-archive.ts';
import { buildFirmware } from './firmware.ts';
import { buildFirstReads, FIRST_READS } from './first-reads.ts';
import { buildImages } from './images/build-images.ts';
import { buildHub } from './images/hub.ts';
import { buildNodeSnapshots } from './images/node-snapshot.ts';
import { buildBytecode } from './images/python-bytecode.ts';
import { buildKernel } from './kernel.ts';
import { buildNpm } from './npm/build-npm.ts';
import { readNpmLock } from './npm/npm-lock.ts';
import { buildPackages } from './packages/build-packages.ts';
import { buildRoot } from './root.ts';
import { buildSnapshot } from './snapshot.ts';
import { countOfCachedSteps, type BuiltStep } from './step.ts';
import { buildStore } from './store.ts';
import { buildVm } from './vm.ts';

/** Where the files of the saved machine are, and of what it is given to pull and to install. */
export interface BuiltMachine {
  readonly firmware: { readonly bios: string; readonly vgaBios: string };
  readonly kernel: string;
  /** The folder with machine.json and blobs/. */
  readonly snapshot: string;
  /** The folder with hub.json and its blobs/. */
  readonly hub: string;
  /** The folder with packages.json and its blobs/. */
  readonly packages: string;
  /** The folder with npm.json and its blobs/. */
  readonly npm: string;
  /** The folder with archive.json and its blobs/. */
  readonly archive: string;
}

/** Where the files of a built guest are. */
export interface BuiltGuest extends BuiltMachine {
  /** The folder with vm.json and its blobs/: the lab's virtual machine. */
  readonly vm: string;
  /** A file: which blobs the saved machine reads in the first lessons. */
  readonly firstReads: string;
}

/** Builds the whole guest, or finds it in the cache, saying what it does. */
export async function buildGuest(): Promise<BuiltGuest> {
  const start = Date.now();
  console.log('Guest image:');
  const lock = await readLock();
  const firmwareStep = await buildFirmware(lock);
  const firmware = { bios: join(firmwareStep.folder, 'bios.bin'), vgaBios: join(firmwareStep.folder, 'vgabios.bin') };
  const kernel = await buildKernel(lock);
  // The machine's steps are emulators one after the other, of which each uses one processor. What nobody waits for gives way to them.
  const [machine, vm] = await Promise.all([buildMachine(lock, kernel, firmware), buildVm(lock)]);
  console.log(`Guest image: ready after ${((Date.now() - start) / 1000).toFixed(1)} s, ${countOfCachedSteps()} steps from the cache`);
  return { ...machine, vm: vm.folder };
}

async function buildMachine(lock: DebianLock, kernel: BuiltStep, firmware: BuiltGuest['firmware']): Promise<Omit<BuiltGuest, 'vm'>> {
  const root = await buildRoot(lock);
  const bytecode = await buildBytecode({ kernel, root, firmware }, lock);
  const npmLock = await readNpmLock();
  const node = await buildNodeSnapshots({ kernel, root, firmware }, { debian: lock, npm: npmLock });
  const images = await buildImages({ lock, npm: npmLock, bytecode, node, kernel, root, firmware });
  const store = await buildStore({ kernel, root, images, firmware });
  const [snapshot, hub, packages, npm, archive] = await Promise.all([
    buildSnapshot({ kernel, store, firmware }),
    buildHub(images),
    buildPackages(lock, bytecode).then(step => withAddedWheels(step, lock)),
    buildNpm(npmLock, lock),
    buildArchive(lock).then(step => withAddedDebs(step, lock)),
  ]);
  const built: BuiltMachine = {
    firmware,
    kernel: join(kernel.folder, 'bzImage'),
    snapshot: snapshot.folder,
    hub: hub.folder,
    packages: packages.folder,
    npm: npm.folder,
    archive: archive.folder,
  };
  const firstReads = await buildFirstReads({ host: folderHost(built), snapshot, disk: join(store.folder, 'disk.img') });
  return { ...built, firstReads: join(firstReads.folder, FIRST_READS) };
}
