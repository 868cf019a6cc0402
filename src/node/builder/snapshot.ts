import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONTROL_PORT, MEMORY_BYTES } from '../../core/machine/machine.ts';
import type { Guest } from '../../core/sandbox/guest/guest.ts';
import { MANIFEST_FORMAT, type DiskIndex, type MachineManifest, type SavedState } from '../../core/sandbox/load/manifest.ts';
import { copyWithBlocks } from './disk-image.ts';
import { storeDisk, storeState } from './blobs.ts';
import { giveBackGarbage } from './go-memory.ts';
import { takeImage } from './machine-image.ts';
import { bootGuest, createOfflineGuest, runInGuest, waitForEngine, wasmFile, type GuestFiles } from './offline-guest.ts';
import { projectFolder } from './folders.ts';
import { orderLikeDisk } from './page-order.ts';
import { runStep, type BuiltStep } from './step.ts';

/**
 * What a learner does first, done before the state is saved: it loads the programs and files of the first commands into the
 * guest's page cache, and lets the engine make what it makes once. It leaves no container and no image behind.
 */
const FIRST_COMMANDS = [
  'docker version; docker info; docker ps; docker images; docker --help',
  'docker run --rm hello-world',
  'docker run --rm busybox echo warm',
  String.raw`mkdir /tmp/warm && cd /tmp/warm && printf 'FROM python:3.13-slim\nWORKDIR /app\nCOPY hello.py .\nCMD ["python3", "hello.py"]\n' > Dockerfile && echo 'print(1)' > hello.py && docker build -t warm/up:v1 .`,
  'docker run --rm warm/up:v1; docker run --rm warm/up:v1 bash -c "ps; ls"',
  'docker run --name warm -d busybox sleep 100; docker exec warm true; docker logs warm; docker stop -t 0 warm; docker rm warm',
  'docker rmi warm/up:v1; docker image prune -f; docker builder prune -af; rm -rf /tmp/warm /root/.bash_history; : > /var/log/dockerd.log; : > /var/log/containerd.log',
];

const READ_AHEAD = '/sys/block/sda/queue/read_ahead_kb';

/**
 * Gives back every page that holds what can be read again: what only starting up needed is then not in the state.
 * memory.reclaim also takes pages that programs have mapped; it says EAGAIN when there is no more.
 */
const FORGET = `sync; echo 3 > /proc/sys/vm/drop_caches; for n in 1 2 3; do echo 400M > /sys/fs/cgroup/memory.reclaim; done 2>/dev/null; true`;

/** What is read from now on is read without its neighbours, which would be downloaded by every learner and used by none. */
const NO_READ_AHEAD = `echo 8 > ${READ_AHEAD}`;

/**
 * Ends the engine's daemons; the agent starts them again. The kernel notes how far to read ahead when a file is opened, so daemons that
 * were started before NO_READ_AHEAD would go on reading their programs with all neighbours.
 */
const END_ENGINE =
  'pids=$(pidof dockerd containerd); kill $pids; for pid in $pids; do for n in $(seq 150); do [ -d /proc/$pid ] || break; sleep 0.2; done; [ ! -d /proc/$pid ] || exit 1; done';

/** Back to the kernel's usual reading ahead, for what the state does not hold. */
const READ_AHEAD_AGAIN = `echo 128 > ${READ_AHEAD}; sync`;

/** How long the guest is left alone before its state is saved, so that what runs late has run. */
const SETTLE_MILLISECONDS = 5000;

/**
 * How often the first commands are repeated, so that the emulator translates what they run: the translated code is saved too. A page of
 * guest code is translated when it has become hot, and again when it is entered in new places, so this takes a few rounds.
 */
const TRAINING_ROUNDS = 2;

/** What decides what the emulated PC is, and what of the emulator is saved, and how. */
const ENGINE_FILES = [
  'machine',
  'v86-machine',
  'engine',
  'engine-addresses',
  'compiled-code',
  'code-profile',
  'stub-module',
  'compile-governor',
  'jit-patch',
  'memory-image',
  'absolute-calls',
].map(name => join(projectFolder, `src/core/machine/${name}.ts`));

const OWN_FILES = ['snapshot', 'blobs', 'go-memory', 'machine-image', 'page-order'].map(name => join(import.meta.dirname, `${name}.ts`));

/** The steps a snapshot is made from. */
export interface SnapshotInputs {
  readonly kernel: BuiltStep;
  readonly store: BuiltStep;
  readonly firmware: Pick<GuestFiles, 'bios' | 'vgaBios'>;
}

async function warmUp(guest: Guest, report: (message: string) => void): Promise<void> {
  const doFirstCommands = async (): Promise<void> => {
    for (const command of FIRST_COMMANDS) {
      report(command.split(/[;&]/)[0]!);
      await runInGuest(guest, command);
    }
  };
  await doFirstCommands();
  report('starting the engine anew');
  await runInGuest(guest, `${NO_READ_AHEAD}; ${END_ENGINE}`);
  await waitForEngine(guest);
  await runInGuest(guest, FORGET);
  await doFirstCommands();
  for (let round = 0; round < TRAINING_ROUNDS; round++) {
    report(`having the guest's programs translated: round ${round + 1} of ${TRAINING_ROUNDS}`);
    const stopMeasuring = round === TRAINING_ROUNDS - 1 ? guest.machine.measureCode() : undefined;
    for (const command of FIRST_COMMANDS) await runInGuest(guest, command);
    stopMeasuring?.();
  }
  await giveBackGarbage(guest, report);
  await runInGuest(guest, READ_AHEAD_AGAIN);
  await guest.agent.zeroFreeMemory();
  await new Promise(resolve => setTimeout(resolve, SETTLE_MILLISECONDS));
}

/** What each terminal shows at the moment of the snapshot: its first prompt. */
function recordTerminals(guest: Guest): Uint8Array[][] {
  return guest.machine.ports.slice(0, CONTROL_PORT).map(port => {
    const shown: Uint8Array[] = [];
    port.onOutput(bytes => {
      port.acknowledge(bytes.length);
      shown.push(bytes);
    });
    return shown;
  });
}

async function v86Version(): Promise<string> {
  const text = await readFile(join(dirname(wasmFile), '../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function writeManifest(folder: string, key: string, state: SavedState, disk: DiskIndex, guest: Guest, shown: Uint8Array[][]): Promise<void> {
  const manifest: MachineManifest = {
    format: MANIFEST_FORMAT,
    key,
    v86Version: await v86Version(),
    memoryBytes: MEMORY_BYTES,
    state,
    disk,
    ninePState: guest.nineP.saveState(),
    terminals: shown.map(pieces => Buffer.concat(pieces).toString('base64')),
  };
  await writeFile(join(folder, 'machine.json'), JSON.stringify(manifest));
}

/**
 * Boots the guest once, warms its engine and saves the machine: machine.json, and below blobs/ the state and the disk as
 * content-addressed, zstd-compressed pieces. With kernel and BIOS for a full boot, this folder is all that the site serves.
 */
export function buildSnapshot({ kernel, store, firmware }: SnapshotInputs): Promise<BuiltStep> {
  return runStep({
    name: 'snapshot',
    files: [...OWN_FILES, wasmFile, ...ENGINE_FILES],
    values: [kernel.key, store.key],
    async build(folder, report) {
      const disk = join(store.folder, 'disk.img');
      const guest = await createOfflineGuest({ ...firmware, disk, kernel: join(kernel.folder, 'bzImage'), isKeepingCode: true });
      const shown = recordTerminals(guest);
      try {
        await bootGuest(guest, report);
        await warmUp(guest, report);
        await guest.machine.pause();
        const finalDisk = join(folder, 'disk.img');
        await copyWithBlocks(disk, finalDisk, guest.machine.takeWrittenBlocks());
        report('saving the state, and cutting the disk into chunks');
        const image = await orderLikeDisk(await takeImage(guest.machine), finalDisk);
        // The state is compressed as one stream, which takes one processor.
        const [state, index] = await Promise.all([storeState(image, folder), storeDisk(finalDisk, folder)]);
        await writeManifest(folder, `${kernel.key}-${store.key}`, state, index, guest, shown);
      } finally {
        await guest.machine.dispose();
      }
    },
  });
}
