import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPackages, packageFile, setKey } from './debian-packages.ts';
import type { DebianLock } from './debian-lock.ts';
import { imagesFolder } from './folders.ts';
import { writeArchive, type ImageRecipe } from './image-archive.ts';
import { compileForGuest, linkRun } from './root.ts';
import { runAsRoot, runProgram } from './run.ts';
import { runStep, type BuiltStep } from './step.ts';

const containersFolder = join(imagesFolder, 'containers');

/** What Debian's own slim images leave out as well. */
const SLIM_PRUNED = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/lintian',
  'usr/share/bug',
  'usr/share/groff',
  'usr/share/linda',
];

/** What Debian's busybox can do of what the official image's can, less what needs a machine of its own. adduser and its kin are not in Debian's. */
const BUSYBOX_APPLETS =
  '[ [[ ar arch arp arping ascii ash awk base64 basename bc blockdev brctl bunzip2 bzcat bzip2 cal cat chgrp chmod chown chroot clear cmp cp ' +
  'cpio crc32 crond crontab cut date dc dd df diff dirname dmesg dnsdomainname dos2unix du echo ed egrep env expand expr factor fallocate ' +
  'false fdisk fgrep find fold free ftpget ftpput getfattr getopt getty grep groups gunzip gzip halt head hexdump hostid hostname httpd id ' +
  'ifconfig install ionice ip ipcalc kill killall klogd last less link linux32 linux64 ln logger login logname logread losetup ls lzcat lzma ' +
  'lzop md5sum mkdir mkfifo mknod mkpasswd mkswap mktemp more mount mv nc netstat nl nologin nproc nsenter nslookup nuke od passwd paste patch ' +
  'pidof ping ping6 pivot_root poweroff printf ps pwd readlink realpath reboot renice reset rev rm rmdir route run-parts sed seq setpriv ' +
  'setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf sleep sort start-stop-daemon stat strings stty su sync sysctl syslogd tac tail tar ' +
  'taskset tc tee telnet telnetd test tftp time timeout top touch tr traceroute traceroute6 true truncate ts tty udhcpc udhcpd umount uname ' +
  'uncompress unexpand uniq unix2dos unlink unlzma unshare unxz unzip uptime usleep uudecode uuencode vi w watch wc wget which who whoami ' +
  'xargs xxd xz xzcat yes zcat';

interface Workplace {
  readonly folder: string;
  readonly owners: string;
}

/** Packs a folder as a layer: sorted, without times or names of owners, so that the same content gives the same digest. */
async function packLayer(work: Workplace, root: string, file: string): Promise<void> {
  await runAsRoot(work.owners, 'tar', ['--sort=name', '--mtime=@0', '--numeric-owner', '-cf', file, '-C', root, '.']);
}

function labelsOf(lock: DebianLock, ...sets: string[]): Record<string, string> {
  const names = sets.flatMap(set => lock.sets[set] ?? []);
  return {
    'org.opencontainers.image.vendor': 'Drydock (made from Debian packages, not the official image of this name)',
    'org.opencontainers.image.base.name': `Debian ${lock.suite} ${lock.architecture}`,
    'dev.drydock.debian-packages': names.map(name => `${name}=${lock.packages[name]?.version}`).join(' '),
  };
}

/** Writes what dpkg would have noted, so that `dpkg -l` and apt know what is installed. */
async function noteInstalled(root: string, debs: readonly string[], status: string): Promise<string> {
  let text = status;
  await mkdir(join(root, 'var/lib/dpkg/info'), { recursive: true });
  for (const deb of debs) {
    const control = execFileSync('dpkg-deb', ['-f', deb]).toString().trimEnd();
    const name = /^Package: (.*)$/m.exec(control)![1]!;
    text += `${control.replace(/^Package: .*$/m, line => `${line}\nStatus: install ok installed`)}\n\n`;
    const files = execFileSync('sh', ['-c', `dpkg-deb --fsys-tarfile "$1" | tar t | sed 's,^\\.,,; s,/$,,; s,^$,/.,'`, 'sh', deb]);
    await writeFile(join(root, 'var/lib/dpkg/info', `${name}.list`), files);
  }
  await writeFile(join(root, 'var/lib/dpkg/status'), text);
  return text;
}

async function extract(work: Workplace, root: string, debs: readonly string[]): Promise<void> {
  for (const deb of debs) await runAsRoot(work.owners, 'dpkg-deb', ['-x', deb, root]);
  for (const path of SLIM_PRUNED) await rm(join(root, path), { recursive: true, force: true });
}

/** What the maintainer scripts of Debian's base packages would have done; none of them is run. */
async function configureDebian(root: string): Promise<void> {
  await copyFile(join(root, 'usr/share/base-passwd/passwd.master'), join(root, 'etc/passwd'));
  await copyFile(join(root, 'usr/share/base-passwd/group.master'), join(root, 'etc/group'));
  await writeFile(join(root, 'etc/shadow'), 'root:*:20000:0:99999:7:::\n', { mode: 0o640 });
  await symlink('mawk', join(root, 'usr/bin/awk'));
  await linkRun(root);
  await writeFile(join(root, 'etc/shells'), '/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n');
  await copyFile(join(root, 'usr/share/base-files/dot.bashrc'), join(root, 'root/.bashrc'));
  await copyFile(join(root, 'usr/share/base-files/dot.profile'), join(root, 'root/.profile'));
  await writeFile(
    join(root, 'etc/apt/sources.list.d/debian.sources'),
    'Types: deb\nURIs: http://deb.debian.org/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
  );
  for (const folder of ['var/lib/dpkg/updates', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial'])
    await mkdir(join(root, folder), { recursive: true });
  for (const name of ['available', 'diversions', 'statoverride']) await writeFile(join(root, 'var/lib/dpkg', name), '');
}

async function configurePython(root: string): Promise<void> {
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  for (const name of ['python', 'python3', 'python3.13']) await symlink('/usr/bin/python3.13', join(root, 'usr/local/bin', name));
  await symlink('/usr/bin/pip3', join(root, 'usr/local/bin/pip'));
  // The image is one environment, as the official one: pip may install into it.
  await rm(join(root, 'usr/lib/python3.13/EXTERNALLY-MANAGED'), { force: true });
  await rm(join(root, 'usr/share/python-wheels'), { recursive: true, force: true });
  const certificates = execFileSync('sh', ['-c', 'cat "$1"/usr/share/ca-certificates/mozilla/*.crt', 'sh', root]);
  await mkdir(join(root, 'etc/ssl/certs'), { recursive: true });
  await writeFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), certificates);
}

async function helloWorld(work: Workplace): Promise<ImageRecipe> {
  const root = join(work.folder, 'hello');
  await mkdir(root);
  await compileForGuest(join(containersFolder, 'hello-world/hello.c'), join(root, 'hello'));
  const file = join(work.folder, 'hello.tar');
  await packLayer(work, root, file);
  return { tags: ['hello-world:latest'], layers: [{ file, comment: 'COPY hello /' }], config: { Cmd: ['/hello'] } };
}

async function busybox(work: Workplace, lock: DebianLock): Promise<ImageRecipe> {
  const root = join(work.folder, 'busybox');
  await extract(work, root, [packageFile(lock.packages['busybox-static']!)]);
  await rm(join(root, 'usr/share'), { recursive: true, force: true });
  for (const folder of ['bin', 'etc', 'root', 'tmp', 'usr/sbin', 'var/www', 'home']) await mkdir(join(root, folder), { recursive: true });
  await runProgram('mv', [join(root, 'usr/bin/busybox'), join(root, 'bin/busybox')]);
  for (const applet of BUSYBOX_APPLETS.split(' ')) await symlink('busybox', join(root, 'bin', applet));
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  );
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nwww-data:x:33:\nnobody:x:65534:\n');
  await chmod(join(root, 'tmp'), 0o1777);
  const file = join(work.folder, 'busybox.tar');
  await packLayer(work, root, file);
  const labels = { ...labelsOf(lock), 'dev.drydock.debian-packages': `busybox-static=${lock.packages['busybox-static']!.version}` };
  return { tags: ['busybox:latest', 'busybox:1.37'], layers: [{ file, comment: 'ADD busybox /' }], config: { Cmd: ['sh'], Labels: labels } };
}

interface DebianImages {
  readonly debian: ImageRecipe;
  readonly python: ImageRecipe;
}

async function debianAndPython(work: Workplace, lock: DebianLock): Promise<DebianImages> {
  const [debianRoot, pythonRoot] = [join(work.folder, 'debian'), join(work.folder, 'python')];
  const [debianDebs, pythonDebs] = [await fetchPackages(lock, 'debian'), await fetchPackages(lock, 'python')];
  await extract(work, debianRoot, debianDebs);
  await configureDebian(debianRoot);
  const status = await noteInstalled(debianRoot, debianDebs, '');
  await extract(work, pythonRoot, pythonDebs);
  await configurePython(pythonRoot);
  await noteInstalled(pythonRoot, pythonDebs, status);
  const [debianFile, pythonFile] = [join(work.folder, 'debian.tar'), join(work.folder, 'python.tar')];
  await packLayer(work, debianRoot, debianFile);
  await packLayer(work, pythonRoot, pythonFile);
  const base = { file: debianFile, comment: 'ADD debian-13-slim.tar / # Debian 13 (trixie) i386, minbase without documentation' };
  return {
    debian: { tags: ['debian:13-slim'], layers: [base], config: { Cmd: ['bash'], Labels: labelsOf(lock, 'debian') } },
    python: {
      tags: ['python:3.13-slim', 'python:3.13', 'python:3', 'python:latest'],
      layers: [base, { file: pythonFile, comment: "ADD python-3.13.tar / # Debian's python3, pip and procps" }],
      config: { Cmd: ['python3'], Env: ['LANG=C.UTF-8'], Labels: labelsOf(lock, 'debian', 'python') },
    },
  };
}

/** Makes the container images as one archive for `docker load`: images.tar. */
export function buildContainerImages(lock: DebianLock): Promise<BuiltStep> {
  return runStep({
    name: 'images',
    files: [containersFolder, join(import.meta.dirname, 'container-images.ts'), join(import.meta.dirname, 'image-archive.ts')],
    values: [setKey(lock, 'debian'), setKey(lock, 'python'), setKey(lock, 'guest')],
    async build(folder, report) {
      await fetchPackages(lock, 'guest');
      const work = { folder: await mkdtemp(join(tmpdir(), 'drydock-images-')), owners: '' };
      const place = { ...work, owners: join(work.folder, 'owners') };
      await writeFile(place.owners, '');
      try {
        report('hello-world, busybox');
        const small = [await helloWorld(place), await busybox(place, lock)];
        report('debian:13-slim, python:3.13-slim');
        const { debian, python } = await debianAndPython(place, lock);
        await writeArchive([...small, debian, python], join(folder, 'images.tar'));
      } finally {
        await rm(work.folder, { recursive: true, force: true });
      }
    },
  });
}
