import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGE_PATH, PAGE_SCRIPT } from '../../core/lab/page.ts';
import { VM_FORMAT, type VmManifest } from '../../core/lab/vm-manifest.ts';
import { storePieces } from './blobs.ts';
import { packCpio, type CpioEntry } from './cpio.ts';
import { lockedPackage, type DebianLock } from './debian-lock.ts';
import { fetchPackage } from './debian-packages.ts';
import { imagesFolder, projectFolder } from './folders.ts';
import { buildVmKernel } from './kernel.ts';
import { compileForGuest } from './root.ts';
import { runProgram } from './run.ts';
import { runStep, type BuiltStep } from './step.ts';

const rootFolder = join(imagesFolder, 'vm', 'root');
const agentSource = join(imagesFolder, 'guest', 'agent', 'agent.c');

/** Enough to look around in a machine whose whole work is one page. */
const BUSYBOX_APPLETS =
  '[ awk cat chmod clear cp cut date dd df dmesg du echo env expr false find free grep halt head hexdump hostname httpd id ip kill killall less ls ' +
  'mkdir more mount mv nc netstat nproc od pgrep ping pkill poweroff printf ps pwd readlink rm rmdir sed seq sh sleep sort stat stty sync sysctl ' +
  'tail tee test time top touch tr true tty umount uname uniq uptime vi watch wc wget which whoami xargs yes';

const FOLDERS = ['bin', 'dev', 'etc', 'proc', 'root', 'tmp', 'var', 'var/www', 'var/www/cgi-bin'];

/** Debian's busybox and our agent, compiled for a machine without an engine. */
async function programs(lock: DebianLock): Promise<CpioEntry[]> {
  const work = await mkdtemp(join(tmpdir(), 'drydock-vm-'));
  try {
    await runProgram('dpkg-deb', ['-x', await fetchPackage(lock, 'guest', 'busybox-static'), work]);
    await compileForGuest(agentSource, join(work, 'agent'), ['-DVIRTUAL_MACHINE']);
    return [
      { kind: 'file', path: 'bin/busybox', mode: 0o755, content: await readFile(join(work, 'usr/bin/busybox')) },
      { kind: 'file', path: 'agent', mode: 0o755, content: await readFile(join(work, 'agent')) },
    ];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function rootEntries(lock: DebianLock): Promise<CpioEntry[]> {
  const settings = (await readdir(join(rootFolder, 'etc'))).sort();
  return [
    ...FOLDERS.map((path): CpioEntry => ({ kind: 'folder', path, mode: path === 'root' ? 0o700 : 0o755 })),
    // The kernel opens it before anything is mounted.
    { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'init', mode: 0o755, content: await readFile(join(rootFolder, 'init')) },
    ...(await Promise.all(
      settings.map(async (name): Promise<CpioEntry> => {
        return { kind: 'file', path: `etc/${name}`, mode: 0o644, content: await readFile(join(rootFolder, 'etc', name)) };
      }),
    )),
    { kind: 'file', path: `var/www/${PAGE_PATH}`, mode: 0o755, content: Buffer.from(PAGE_SCRIPT) },
    ...(await programs(lock)),
    ...BUSYBOX_APPLETS.split(' ').map((name): CpioEntry => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' })),
  ];
}

/** Makes the lab's virtual machine: vm.json, and below blobs/ its kernel and its root, which is all it has. */
export async function buildVm(lock: DebianLock): Promise<BuiltStep> {
  const kernel = await buildVmKernel(lock);
  return runStep({
    name: 'vm',
    files: [
      rootFolder,
      agentSource,
      import.meta.filename,
      join(import.meta.dirname, 'cpio.ts'),
      join(projectFolder, 'src/core/lab/page.ts'),
      join(projectFolder, 'src/core/lab/vm-manifest.ts'),
    ],
    values: [kernel.key, lockedPackage(lock, 'guest', 'busybox-static').sha256],
    async build(folder, report) {
      const root = packCpio(await rootEntries(lock));
      const manifest: VmManifest = {
        format: VM_FORMAT,
        kernel: await storePieces(await readFile(join(kernel.folder, 'bzImage')), folder),
        root: await storePieces(root, folder),
      };
      await writeFile(join(folder, 'vm.json'), JSON.stringify(manifest));
      report(`kernel ${(manifest.kernel.bytes / 1e6).toFixed(1)} MB, root ${(manifest.root.bytes / 1e6).toFixed(1)} MB`);
    },
  });
}
