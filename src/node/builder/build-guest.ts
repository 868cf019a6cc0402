import { join } from 'node:path';
import { withAddedDebs } from '../additions/with-debs.ts';
import { withAddedWheels } from '../additions/with-wheels.ts';
import { folderHost } from '../machine/folder-host.ts';
import { readLock, type DebianLock } from './debian-lock.ts';
import { fetchAhead } from './debian-packages.ts';
import { buildArchive } from './archive/build-archive.ts';
import { buildFirmware } from './firmware.ts';
import { buildFirstReads, FIRST_READS } from './first-reads.ts';
import { buildImages } from './images/build-images.ts';
import { buildHub } from './images/hub.ts';
import { buildNodeSnapshots } from './images/node-snapshot.ts';
import { buildBytecode } from './images/python-bytecode.ts';
import { buildKernel } from './kernel.ts';
import { buildNpm } from './npm/build-npm.ts';
import { readNpmLock, type NpmLock } from './npm/npm-lock.ts';
import { buildPackages } from './packages/build-packages.ts';
import { buildRoot } from './root.ts';
import { givingWay } from './run.ts';
import { buildSnapshot } from './snapshot.ts';
import { closeGuestArchive, countOfFoundSteps, longestSteps, whenBuilding, type BuiltStep } from './step.ts';
import { buildStore, type StoreInputs } from './store.ts';
import { buildVm } from './vm.ts';

/** How far a step gives way that nobody waits for yet: see `givingWay`. */
const ASIDE_NICENESS = 10;
/** Steps that took longer are named at the end. In seconds. */
const LONG_SECONDS = 5;

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
  whenBuilding('kernel', () => {
    console.log('  A build from source takes about half an hour on two cores. A built guest takes half a minute: docs/releases.md, DRYDOCK_GUEST.');
    void fetchAhead(lock);
  });
  const kernel = await buildKernel(lock);
  // The machine's steps are emulators one after the other, of which each uses one processor. What nobody waits for gives way to them.
  const [machine, vm] = await Promise.all([buildMachine(lock, kernel, firmware), buildVm(lock)]);
  await closeGuestArchive();
  tellLongest();
  console.log(`Guest image: ready after ${((Date.now() - start) / 1000).toFixed(1)} s, ${countOfFoundSteps()}`);
  return { ...machine, vm: vm.folder };
}

/** Where the time went, for whoever waited for it. */
function tellLongest(): void {
  const longest = longestSteps().filter(({ seconds }) => seconds >= LONG_SECONDS);
  if (longest.length > 0) console.log(`Longest: ${longest.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(', ')}`);
}

/** Does what needs no emulator: it begins as soon as it can and fills the time that the steps with one leave, giving way to them. */
function aside<T>(work: () => Promise<T>): Promise<T> {
  return givingWay(ASIDE_NICENESS, work);
}

async function buildMachine(lock: DebianLock, kernel: BuiltStep, firmware: BuiltGuest['firmware']): Promise<Omit<BuiltGuest, 'vm'>> {
  const npmLock = await readNpmLock();
  const [npm, archive, steps] = await Promise.all([
    aside(() => buildNpm(npmLock, lock)),
    aside(async () => withAddedDebs(await buildArchive(lock), lock)),
    buildSystem({ lock, npmLock, kernel, firmware }),
  ]);
  const { store, snapshot, hub, packages } = steps;
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

interface SystemInputs {
  readonly lock: DebianLock;
  readonly npmLock: NpmLock;
  readonly kernel: BuiltStep;
  readonly firmware: BuiltGuest['firmware'];
}

type SystemSteps = Readonly<Record<'store' | 'snapshot' | 'hub' | 'packages', BuiltStep>>;

/** The steps that stand on each other, and beside them those that need one of these. */
async function buildSystem({ lock, npmLock, kernel, firmware }: SystemInputs): Promise<SystemSteps> {
  const root = await buildRoot(lock);
  const inputs = { kernel, root, firmware };
  const bytecode = await buildBytecode(inputs, lock);
  const [packages, rest] = await Promise.all([
    aside(async () => withAddedWheels(await buildPackages(lock, bytecode), lock)),
    (async () => {
      const node = await buildNodeSnapshots(inputs, { debian: lock, npm: npmLock });
      const images = await buildImages({ lock, npm: npmLock, bytecode, node, ...inputs });
      const [hub, machine] = await Promise.all([aside(() => buildHub(images)), buildSaved({ images, ...inputs })]);
      return { hub, ...machine };
    })(),
  ]);
  return { packages, ...rest };
}

async function buildSaved(inputs: StoreInputs): Promise<Pick<SystemSteps, 'store' | 'snapshot'>> {
  const store = await buildStore(inputs);
  return { store, snapshot: await buildSnapshot({ kernel: inputs.kernel, store, firmware: inputs.firmware }) };
}
