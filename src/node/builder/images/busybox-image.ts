import { chmod, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackage, setKey } from '../debian-packages.ts';
import { runProgram } from '../run.ts';
import { labelsOf } from './image-recipe.ts';
import type { ImageMaker, MadeImage } from './image-step.ts';
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

/** The image of one small program under two hundred names. */
export function busyboxImage(lock: DebianLock): ImageMaker {
  return { name: 'busybox', files: [import.meta.filename], values: [setKey(lock, 'guest')], make: work => makeBusybox(work, lock) };
}

async function makeBusybox(work: Workplace, lock: DebianLock): Promise<MadeImage> {
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
    root,
    recipe: {
      repository: 'library/busybox',
      tags: ['latest', '1.37', '1', 'stable', 'glibc'],
      description: 'A shell and the usual commands in one small program.',
      layers: [{ file, comment: 'ADD busybox /' }],
      config: { Cmd: ['sh'], Labels: labelsOf(lock, [['guest', 'busybox-static']]) },
    },
  };
}
