import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { CONTROL_PORT, MEMORY_BYTES } from '../../core/machine/machine.ts';
import { COMMAND_LINE } from '../../core/machine/v86-machine.ts';
import { TERMINAL_COUNT } from '../../core/protocol/sandbox.ts';
import type { BuiltGuest } from '../builder/build-guest.ts';
import { copyWithBlocks } from '../builder/disk-image.ts';
import { cacheFolder } from '../builder/folders.ts';
import { closeGuestArchive, completeSteps } from '../builder/step.ts';
import { usageOf } from './process-usage.ts';
import type { Sample } from './samples.ts';
import { sleep, workspaceFiles, type BenchHost, type ProcessUsage } from './session.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { TypedShell } from './typed-shell.ts';

const PROGRAM = 'qemu-system-i386';
/** A 32-bit processor with about what v86's has: SSE2, SSE3, and a hardware random number generator. */
const PROCESSOR = 'coreduo,+rdrand';
/** Terminals and the agent's control port. */
const PORTS = TERMINAL_COUNT + 1;
const CONNECT_MILLISECONDS = 10_000;
const BOOT_MILLISECONDS = 120_000;
const ENGINE_MILLISECONDS = 240_000;

interface QemuFiles {
  readonly folder: string;
  readonly kernel: string;
  readonly disk: string;
  readonly workspace: string;
}

/** The version line of QEMU for PCs, or nothing where it is not installed. */
export function qemuVersion(): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = spawn(PROGRAM, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'], timeout: CONNECT_MILLISECONDS });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', () => resolve(undefined));
    child.on('close', code => resolve(code === 0 ? text.split('\n')[0] : undefined));
  });
}

function portSocket(folder: string, index: number): string {
  return join(folder, `hvc${index}`);
}

function argumentsOf({ folder, kernel, disk, workspace }: QemuFiles): string[] {
  const ports = Array.from({ length: PORTS }, (_, index) => [
    '-chardev',
    `socket,id=hvc${index},path=${portSocket(folder, index)},server=on,wait=off`,
    '-device',
    // The agent opens its control port as a device of its own, which a console is not.
    index === CONTROL_PORT ? `virtserialport,chardev=hvc${index},nr=${index}` : `virtconsole,chardev=hvc${index}`,
  ]);
  const options = [
    '-nodefaults -no-user-config -no-reboot -display none -machine pc -accel tcg -smp 1',
    `-cpu ${PROCESSOR} -m ${MEMORY_BYTES / 1024 / 1024}`,
    // v86's disk is memory too: QEMU need not wait for the host's.
    `-drive file=${disk},format=raw,if=ide,cache=unsafe`,
    '-netdev user,id=net,restrict=on -device virtio-net-pci,netdev=net',
    `-fsdev local,id=workspace,path=${workspace},security_model=none -device virtio-9p-pci,fsdev=workspace,mount_tag=host9p`,
    `-device virtio-serial-pci,max_ports=${PORTS}`,
  ];
  return [
    ...options.join(' ').split(' '),
    '-kernel',
    kernel,
    '-append',
    COMMAND_LINE,
    '-serial',
    `file:${join(folder, 'serial.log')}`,
    ...ports.flat(),
  ];
}

/** The disk that the snapshot was made from: its engine's store is filled. machine.json names the steps that it came from. */
async function findDisk(guest: BuiltGuest): Promise<string> {
  const { key } = JSON.parse(await readFile(join(guest.snapshot, 'machine.json'), 'utf8')) as { key: string };
  const disk = join(cacheFolder, `store-${key.split('-')[1]}`, 'disk.img');
  // From a guest archive it comes only when it is needed.
  await completeSteps();
  await closeGuestArchive();
  if (!existsSync(disk)) throw new Error(`${disk} is not there: remove ${guest.snapshot} and build the guest again`);
  return disk;
}

async function openPort(path: string, child: ChildProcess): Promise<Socket> {
  const end = performance.now() + CONNECT_MILLISECONDS;
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path, () => resolve(socket));
        socket.once('error', reject);
      });
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end) throw error;
      await sleep(100);
    }
  }
}

/** The same guest under QEMU's own translator (TCG), booted from the disk that the snapshot was made from. */
export class QemuHost implements BenchHost {
  readonly hasPackages = false;
  private constructor(
    private readonly child: ChildProcess,
    private readonly shell: TypedShell,
    private readonly end: () => void,
    /** From power-on to an engine that answers. */
    readonly bootSeconds: number,
  ) {}

  static async boot(guest: BuiltGuest): Promise<QemuHost> {
    const { path: folder, remove } = await temporaryFolder('qemu');
    const files = { folder, kernel: guest.kernel, disk: join(folder, 'disk.img'), workspace: join(folder, 'workspace') };
    await copyWithBlocks(await findDisk(guest), files.disk, new Map());
    await mkdir(files.workspace);
    for (const [name, text] of Object.entries(workspaceFiles)) await writeFile(join(files.workspace, name), text);
    const start = performance.now();
    const child = spawn(PROGRAM, argumentsOf(files), { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', error => (complaint += error.message));
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    const end = (): void => {
      process.removeListener('exit', kill);
      kill();
      remove();
    };
    try {
      const shell = await QemuHost.#openShell(folder, child);
      return new QemuHost(child, shell, end, (performance.now() - start) / 1000);
    } catch (error) {
      const serial = await readFile(join(folder, 'serial.log'), 'utf8').catch(() => '');
      end();
      throw new Error(`the guest did not come up under QEMU: ${(error as Error).message}\n${complaint}${serial.slice(-1000)}`, { cause: error });
    }
  }

  static async #openShell(folder: string, child: ChildProcess): Promise<TypedShell> {
    const sockets: Socket[] = [];
    for (let index = 0; index < PORTS; index++) sockets.push(await openPort(portSocket(folder, index), child));
    for (const socket of sockets) socket.on('error', () => undefined);
    // Nobody listens to the others, but what they print must not hold the guest up.
    for (const socket of sockets.slice(1)) socket.resume();
    const terminal = sockets[0]!;
    const shell = new TypedShell({ listen: listener => void terminal.on('data', listener), write: bytes => void terminal.write(bytes) });
    await shell.prompt(BOOT_MILLISECONDS);
    await shell.run('until docker version; do sleep 1; done > /dev/null 2>&1', ENGINE_MILLISECONDS);
    return shell;
  }

  run(command: string, milliseconds: number): Promise<Sample> {
    return this.shell.run(command, milliseconds);
  }

  usage(): Promise<ProcessUsage> {
    return usageOf(this.child.pid!);
  }

  close(): void {
    this.end();
  }
}
