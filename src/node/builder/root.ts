import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES } from '../../core/workspace/file-change.ts';
import { fetchPackage, fetchPackages, setKey } from './debian-packages.ts';
import { lockedPackage, type DebianLock } from './debian-lock.ts';
import { giveFixedAddress } from './fixed-address.ts';
import { quickenDeflate } from './go-deflate.ts';
import { useOwnFrontend } from './own-frontend.ts';
import { addPromptTools } from './prompt-tools.ts';
import { imagesFolder } from './folders.ts';
import { runAsRoot, runProgram } from './run.ts';
import { runStep, type BuiltStep } from './step.ts';

const guestFolder = join(imagesFolder, 'guest');

/** Size of the guest's disk, in bytes. Only written blocks are stored or sent, so a roomy disk costs nothing. */
const DISK_BYTES = 3 * 1024 ** 3;

/** What nobody in the guest reads. */
const PRUNED = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/lintian',
  'usr/share/bash-completion',
  'usr/share/bug',
  'usr/share/zoneinfo',
  'usr/lib/systemd',
  'usr/share/gcc',
  'usr/lib/i386-linux-gnu/gconv',
  'usr/share/i18n',
  'usr/share/locales',
  'usr/bin/ctr',
  'usr/bin/containerd-shim',
  'usr/bin/containerd-shim-runc-v1',
  'usr/sbin/docker-proxy',
  'etc/init.d',
  'etc/default',
  'usr/share/docker.io',
  'usr/lib/i386-linux-gnu/libpthread.a',
  'usr/sbin/ldconfig',
  'usr/share/libc-bin',
];

/** Applets of busybox that Debian's packages here do not bring. */
const BUSYBOX_APPLETS =
  '[ awk base64 basename bc bunzip2 bzip2 cal cat chgrp chmod chown chroot clear cmp cp cut date dd df diff dirname dmesg dos2unix du echo ed egrep env expr false fgrep find fold free getopt grep groups ' +
  'gunzip gzip halt head hexdump hostname id install ip kill killall less ln login losetup ls lsof md5sum mkdir mkfifo mknod mktemp more mount ' +
  'mv nc netstat nl nproc nsenter nslookup od paste patch pgrep pidof ping pivot_root pkill poweroff printenv printf ps pwd readlink realpath reset rev rm rmdir route sed ' +
  'seq setsid sh sha1sum sha256sum sha512sum shuf sleep sort split stat strings stty sync sysctl tac tail tar tee telnet test time timeout top touch tr traceroute true truncate tty ' +
  'umount uname uniq unshare unix2dos unxz unzip uptime vi watch wc wget which who whoami xargs xxd yes zcat';

/** GNU's programs that take what busybox's do not (`head -c 5M`), or that Debian's busybox lacks (split), and need nothing but libc; the rest of coreutils goes. */
const KEPT_COREUTILS = new Set(['head', 'numfmt', 'split', 'truncate']);

async function pruneCoreutils(deb: string, root: string): Promise<void> {
  const files = execFileSync('dpkg-deb', ['-c', deb]).toString();
  for (const [, name] of files.matchAll(/ \.\/usr\/s?bin\/(\S+)/g)) {
    if (KEPT_COREUTILS.has(name!)) continue;
    for (const folder of ['usr/bin', 'usr/sbin']) await rm(join(root, folder, name!), { force: true });
  }
}

async function linkBusybox(root: string): Promise<void> {
  const taken = new Set([...(await readdir(join(root, 'usr/bin'))), ...(await readdir(join(root, 'usr/sbin')))]);
  for (const applet of BUSYBOX_APPLETS.split(' ')) {
    if (!taken.has(applet)) await symlink('busybox', join(root, 'usr/bin', applet));
  }
}

/** What the page's file system takes, for the programs that tell it before they write. */
const WORKSPACE_LIMITS = [`-DMAX_FILE_BYTES=${MAX_FILE_BYTES}`, `-DMAX_WORKSPACE_BYTES=${MAX_WORKSPACE_BYTES}`];

/** Compiles one of the guest's own C programs: static, for i686. */
export async function compileForGuest(source: string, target: string, extra: readonly string[] = []): Promise<void> {
  await runProgram('gcc', ['-m32', '-march=i686', '-Os', '-static', '-s', '-Wall', '-Wextra', '-Werror', ...extra, '-o', target, source]);
}

/** Makes /var/run and /var/lock the links that a maintainer script of base-files would have made of them. */
export async function linkRun(root: string): Promise<void> {
  for (const [path, target] of [
    ['var/run', '/run'],
    ['var/lock', '/run/lock'],
  ] as const) {
    await rm(join(root, path), { recursive: true, force: true });
    await symlink(target, join(root, path));
  }
}

/** The engine: it compresses what is pushed. */
const ENGINE = 'usr/sbin/dockerd';
/** Large programs that Debian links to run at any address, which costs instructions at each start and in each function. */
const FIXED_PROGRAMS = ['usr/bin/docker', ENGINE];

/** Changes Debian's programs where that saves the guest much and changes nothing of what they do: docs/guest.md. */
async function quickenPrograms(root: string, report: (message: string) => void): Promise<void> {
  for (const name of FIXED_PROGRAMS) {
    const bytes = await readFile(join(root, name));
    if (name === ENGINE) {
      quickenDeflate(bytes);
      useOwnFrontend(bytes);
    }
    const { relocations, thunkCalls } = giveFixedAddress(bytes);
    report(`${name}: ${relocations} relocations done, ${thunkCalls} calls replaced`);
    await writeFile(join(root, name), bytes);
  }
}

/** The docker command's plugins, by package and file, with what `docker info` says of each. */
const PLUGINS: Readonly<Record<string, string>> = { 'docker-compose': 'Docker Compose', 'docker-buildx': 'Docker Buildx' };

/** Puts our front before one of Debian's plugins, see images/guest/plugin-front. The plugins are linked to a fixed address as they come. */
async function frontPlugin(root: string, name: string, title: string, version: string): Promise<void> {
  const plugin = join(root, 'usr/libexec/docker/cli-plugins', name);
  await rename(plugin, join(root, 'usr/libexec/docker', name));
  const values = { NAME: name, TITLE: title, VERSION: version };
  const defines = Object.entries(values).map(([key, value]) => `-D${key}="${value}"`);
  await compileForGuest(join(guestFolder, 'plugin-front/plugin.c'), plugin, defines);
}

/** Compiles the client of `docker build`, which is several files. */
async function compileBuildClient(root: string): Promise<void> {
  const folder = join(guestFolder, 'build-client');
  const sources = (await readdir(folder)).filter(name => name.endsWith('.c') && name !== 'main.c').sort();
  await compileForGuest(
    join(folder, 'main.c'),
    join(root, 'usr/lib/drydock/build-client'),
    sources.map(name => join(folder, name)),
  );
}

async function addOwnFiles(root: string): Promise<void> {
  await cp(join(guestFolder, 'rootfs'), root, { recursive: true, force: true });
  await mkdir(join(root, 'usr/lib/drydock'), { recursive: true });
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  for (const folder of ['proc', 'sys', 'dev', 'run', 'tmp', 'root', 'workspace', 'var/lib/docker', 'var/lib/containerd', 'var/log', 'etc/iptables']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await compileForGuest(join(guestFolder, 'agent/agent.c'), join(root, 'usr/lib/drydock/agent'));
  await compileForGuest(join(guestFolder, 'docker-front/docker.c'), join(root, 'usr/local/bin/docker'), WORKSPACE_LIMITS);
  await compileBuildClient(root);
  await compileForGuest(join(guestFolder, 'crun-front/crun.c'), join(root, 'usr/lib/drydock/crun'));
  await compileForGuest(join(guestFolder, 'crun-front/cannot-run.c'), join(root, 'usr/lib/drydock/cannot-run'));
  await compileForGuest(join(guestFolder, 'set-key/set-key.c'), join(root, 'usr/lib/drydock/set-key'));
  await compileForGuest(join(guestFolder, 'sudo/sudo.c'), join(root, 'usr/local/bin/sudo'));
  await compileForGuest(join(guestFolder, 'shim-front/shim.c'), join(root, 'usr/local/bin/containerd-shim-runc-v2'));
  // Debian chooses between the two iptables back ends in a maintainer script; the kernel has the legacy one only.
  for (const name of ['iptables', 'iptables-save', 'iptables-restore']) {
    await rm(join(root, 'usr/sbin', name), { force: true });
    await symlink('xtables-legacy-multi', join(root, 'usr/sbin', name));
  }
  await linkRun(root);
  // dockerd refuses to start where no runc is found, and BuildKit calls it: crun is the default and the only runtime.
  await symlink('../lib/drydock/crun', join(root, 'usr/bin/runc'));
  await writeFile(join(root, 'etc/ld.so.conf'), '/usr/lib/i386-linux-gnu\n');
  await chmod(join(root, 'usr/lib/drydock/start'), 0o755);
}

/** Makes the guest's root file system as an ext4 image (`disk.img`, sparse), with no container image in it yet. */
export function buildRoot(lock: DebianLock): Promise<BuiltStep> {
  return runStep({
    name: 'root',
    files: [
      guestFolder,
      import.meta.filename,
      ...['fixed-address', 'go-deflate', 'own-frontend', 'prompt-tools'].map(name => join(import.meta.dirname, `${name}.ts`)),
    ],
    values: [setKey(lock, 'guest'), setKey(lock, 'plugins'), setKey(lock, 'tools'), ...WORKSPACE_LIMITS],
    async build(folder, report) {
      const packages = [
        ...(await fetchPackages(lock, 'guest')),
        ...(await Promise.all(Object.keys(PLUGINS).map(name => fetchPackage(lock, 'plugins', name)))),
      ];
      const work = await mkdtemp(join(tmpdir(), 'drydock-root-'));
      const [root, owners] = [join(work, 'root'), join(work, 'owners')];
      await writeFile(owners, '');
      try {
        report(`extracting ${packages.length} packages`);
        for (const file of packages) await runAsRoot(owners, 'dpkg-deb', ['-x', file, root]);
        await addPromptTools(lock, root, owners);
        for (const path of PRUNED) await rm(join(root, path), { recursive: true, force: true });
        await pruneCoreutils(await fetchPackage(lock, 'guest', 'coreutils'), root);
        await quickenPrograms(root, report);
        for (const [name, title] of Object.entries(PLUGINS)) await frontPlugin(root, name, title, lockedPackage(lock, 'plugins', name).version);
        await addOwnFiles(root);
        await linkBusybox(root);
        await runAsRoot(owners, 'chown', ['-R', '0:0', root]);
        report('making the ext4 image');
        const image = join(folder, 'disk.img');
        // No journal and no checksums: the machine's saved states are consistent by themselves, and both cost guest time.
        await runAsRoot(owners, 'mke2fs', [
          '-q',
          '-t',
          'ext4',
          '-d',
          root,
          '-L',
          'drydock',
          '-b',
          '4096',
          '-m',
          '0',
          '-N',
          '131072',
          '-O',
          '^has_journal,^metadata_csum,^resize_inode,^64bit',
          '-E',
          'lazy_itable_init=0,root_owner=0:0',
          '-U',
          '5d8a4c1e-0000-4000-8000-647279646f63',
          image,
          `${DISK_BYTES / 1024}k`,
        ]);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
  });
}
