import { chmod, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackage, fetchPackages } from '../debian-packages.ts';
import { imagesFolder } from '../folders.ts';
import { compileForGuest } from '../root.ts';
import { runProgram } from '../run.ts';
import { labelsOf, type ImageRecipe, type LayerFile } from './image-recipe.ts';
import { extractPackages, packLayer, type Workplace } from './image-tree.ts';

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

const containersFolder = join(imagesFolder, 'containers');

/** An image of one program of ours, and nothing else. */
async function ofOneProgram(work: Workplace, name: string, source: string): Promise<LayerFile> {
  const root = join(work.folder, name);
  await mkdir(root);
  await compileForGuest(join(containersFolder, source), join(root, name));
  const file = join(work.folder, `${name}.tar`);
  await packLayer(work, root, file);
  return { file, comment: `COPY ${name} /` };
}

export async function helloWorld(work: Workplace): Promise<ImageRecipe> {
  return {
    repository: 'library/hello-world',
    tags: ['latest'],
    description: 'Says hello and ends: shows that Docker works.',
    layers: [await ofOneProgram(work, 'hello', 'hello-world/hello.c')],
    config: { Cmd: ['/hello'], Labels: { 'org.opencontainers.image.vendor': 'Drydock (a program of its own, not the official image of this name)' } },
  };
}

/** A user's image, where all others are official ones. */
export async function whoami(work: Workplace): Promise<ImageRecipe> {
  return {
    repository: 'traefik/whoami',
    tags: ['latest'],
    description: 'A tiny web server that answers with its host name, its addresses and the request it got.',
    layers: [await ofOneProgram(work, 'whoami', 'whoami/whoami.c')],
    config: {
      ExposedPorts: { '80/tcp': {} },
      Entrypoint: ['/whoami'],
      Labels: {
        'org.opencontainers.image.vendor': 'Drydock (a program of its own that answers as traefik/whoami does, not the image of this name)',
      },
    },
  };
}

export async function busybox(work: Workplace, lock: DebianLock): Promise<ImageRecipe> {
  const root = join(work.folder, 'busybox');
  await extractPackages(work, root, [await fetchPackage(lock, 'guest', 'busybox-static')]);
  await runProgram('mv', [join(root, 'usr/share/doc/busybox-static/copyright'), join(work.folder, 'busybox-copyright')]);
  await rm(join(root, 'usr/share'), { recursive: true, force: true });
  for (const folder of ['bin', 'etc', 'root', 'tmp', 'usr/sbin', 'var/www', 'home', 'usr/share/doc/busybox-static'])
    await mkdir(join(root, folder), { recursive: true });
  await copyFile(join(work.folder, 'busybox-copyright'), join(root, 'usr/share/doc/busybox-static/copyright'));
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
  return {
    repository: 'library/busybox',
    tags: ['latest', '1.37'],
    description: 'A shell and the usual commands in one small program.',
    layers: [{ file, comment: 'ADD busybox /' }],
    config: { Cmd: ['sh'], Labels: labelsOf(lock, [['guest', 'busybox-static']]) },
  };
}

/** What the registry's program needs of the C library. */
const REGISTRY_LIBRARIES = ['ld-linux.so.2', 'libc.so.6', 'libresolv.so.2'];

/** The registry on top of busybox, as the official one is on top of Alpine: with a shell to look around. */
export async function registry(work: Workplace, lock: DebianLock, base: ImageRecipe): Promise<ImageRecipe> {
  const [whole, root] = [join(work.folder, 'registry-packages'), join(work.folder, 'registry')];
  await extractPackages(work, whole, await fetchPackages(lock, 'registry'));
  const [libraries, config] = [join(root, 'usr/lib/i386-linux-gnu'), join(root, 'etc/docker/registry')];
  for (const folder of [libraries, config, join(root, 'bin'), join(root, 'var/lib/registry'), join(root, 'usr/share/doc')])
    await mkdir(folder, { recursive: true });
  for (const name of REGISTRY_LIBRARIES) await copyFile(join(whole, 'usr/lib/i386-linux-gnu', name), join(libraries, name));
  await symlink('i386-linux-gnu/ld-linux.so.2', join(root, 'usr/lib/ld-linux.so.2'));
  await symlink('usr/lib', join(root, 'lib'));
  await runProgram('mv', [join(whole, 'usr/bin/docker-registry'), join(root, 'bin/registry')]);
  await runProgram('cp', ['-r', join(whole, 'usr/share/doc/docker-registry'), join(whole, 'usr/share/doc/libc6'), join(root, 'usr/share/doc')]);
  await copyFile(join(containersFolder, 'registry/config.yml'), join(config, 'config.yml'));
  await copyFile(join(containersFolder, 'registry/entrypoint.sh'), join(root, 'entrypoint.sh'));
  const file = join(work.folder, 'registry.tar');
  await packLayer(work, root, file);
  return {
    repository: 'library/registry',
    tags: ['2', '2.8', '2.8.3'],
    description: 'A registry of your own: a place to push images to.',
    layers: [...base.layers, { file, comment: "ADD registry.tar / # Debian's docker-registry and the C library" }],
    config: {
      ExposedPorts: { '5000/tcp': {} },
      Entrypoint: ['/entrypoint.sh'],
      Cmd: ['/etc/docker/registry/config.yml'],
      Volumes: { '/var/lib/registry': {} },
      Labels: labelsOf(lock, [
        ['guest', 'busybox-static'],
        ['registry', 'docker-registry'],
        ['registry', 'libc6'],
      ]),
    },
  };
}
