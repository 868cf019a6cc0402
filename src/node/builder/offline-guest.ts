import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SandboxError, withTimeout } from '../../core/base/errors.ts';
import { eagerPolicy } from '../../core/machine/compile-governor.ts';
import { createGuest, type Guest } from '../../core/sandbox/guest/guest.ts';
import { FileBlockSource } from '../machine/file-block-source.ts';
import { projectFolder } from './folders.ts';

/** v86's engine, as npm installed it. */
export const wasmFile = join(projectFolder, 'node_modules/v86/build/v86.wasm');

/** The files a build step boots a guest from. */
export interface GuestFiles {
  readonly disk: string;
  readonly kernel: string;
  readonly bios: string;
  readonly vgaBios: string;
  readonly secondDisk?: string;
  /** Keep the translated guest code, to save it with the machine. */
  readonly isKeepingCode?: boolean;
}

const BOOT_TIMEOUT_MILLISECONDS = 120_000;
const ENGINE_TIMEOUT_MILLISECONDS = 240_000;
const POLL_MILLISECONDS = 500;

export async function readBytes(file: string): Promise<ArrayBuffer> {
  const bytes = await readFile(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** Makes a guest from files, under Node; it does not run yet. */
export async function createOfflineGuest(files: GuestFiles): Promise<Guest> {
  return createGuest({
    wasm: new Uint8Array(await readBytes(wasmFile)),
    bios: await readBytes(files.bios),
    vgaBios: await readBytes(files.vgaBios),
    kernel: await readBytes(files.kernel),
    disk: new FileBlockSource(files.disk),
    ...(files.secondDisk !== undefined && { secondDisk: new FileBlockSource(files.secondDisk) }),
    compilePolicy: eagerPolicy,
    isKeepingCode: files.isKeepingCode ?? false,
  });
}

/** Boots a guest; resolves when its engine answers. What the kernel says goes to `report`. */
export async function bootGuest(guest: Guest, report: (message: string) => void): Promise<void> {
  reportSerial(guest, report);
  const up = new Promise<void>(resolve => guest.agent.onUp(resolve));
  guest.machine.run();
  await withTimeout(up, BOOT_TIMEOUT_MILLISECONDS, 'the guest did not come up');
  report('the guest is up');
  await waitForEngine(guest);
  report('the engine answers');
}

function reportSerial(guest: Guest, report: (message: string) => void): void {
  let line = '';
  guest.machine.onSerial(text => {
    line += text;
    if (!line.endsWith('\n')) return;
    if (line.trim() !== '') report(line.trim());
    line = '';
  });
}

/** Resolves when the guest's engine answers; throws, with its logs, when it does not. */
export async function waitForEngine(guest: Guest): Promise<void> {
  const end = Date.now() + ENGINE_TIMEOUT_MILLISECONDS;
  while (Date.now() < end) {
    const { engine } = await guest.agent.status();
    if (engine === 'running') return;
    if (engine === 'stopped') break;
    await new Promise(resolve => setTimeout(resolve, POLL_MILLISECONDS));
  }
  const { stdout } = await guest.agent.run('tail -n 15 /var/log/containerd.log /var/log/dockerd.log', { directory: '/' });
  throw new SandboxError('machine-failed', `the engine did not start in the guest:\n${stdout}`);
}

/** Runs a command in a guest and throws with its output when it fails. */
export async function runInGuest(guest: Guest, command: string, timeoutMilliseconds = 600_000): Promise<string> {
  const result = await guest.agent.run(command, { directory: '/', timeoutMilliseconds });
  if (result.exitCode !== 0) throw new Error(`"${command}" failed in the guest (exit code ${result.exitCode}):\n${result.stdout}${result.stderr}`);
  return result.stdout;
}
