import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackages, setKey } from '../debian-packages.ts';
import { linkRun } from '../root.ts';
import { setUpApt } from './apt-setup.ts';
import { labelsOf, packagesOf } from './image-recipe.ts';
import type { ImageMaker, MadeImage } from './image-step.ts';
import { extractPackages, noteInstalled, packLayer, type Workplace } from './image-tree.ts';

/** A release of Debian of which there is an image. */
interface DebianRelease {
  readonly number: number;
  /** Its code name. */
  readonly suite: string;
  /** The set of images/debian/packages.json. */
  readonly set: string;
  /** Beside number and code name. */
  readonly tags: readonly string[];
  readonly description: string;
}

const RELEASES: readonly DebianRelease[] = [
  {
    number: 13,
    suite: 'trixie',
    set: 'debian',
    tags: ['latest', 'stable', 'stable-slim'],
    description: 'Debian 13, the smallest usual system: a base for images of your own.',
  },
  {
    number: 12,
    suite: 'bookworm',
    set: 'debian12',
    tags: ['oldstable', 'oldstable-slim'],
    description: 'Debian 12, the release before the current one.',
  },
  {
    number: 11,
    suite: 'bullseye',
    set: 'debian11',
    tags: ['oldoldstable', 'oldoldstable-slim'],
    description: 'Debian 11, of 2021: for images that need what was in it.',
  },
];

/** glibc's tables for character sets that are still met; the C library itself knows UTF-8 and ASCII. */
const KEPT_CHARACTER_SETS = /^(gconv-modules|ISO8859-15?\.|ISO8859-2\.|CP1252\.|UTF-16\.|UTF-32\.|UTF-7\.|UNICODE\.)/;

async function pruneCharacterSets(root: string): Promise<void> {
  const folder = join(root, 'usr/lib/i386-linux-gnu/gconv');
  for (const name of await readdir(folder)) {
    // The cache names what is gone, and is not needed.
    if (!KEPT_CHARACTER_SETS.test(name) || name.endsWith('.cache')) await rm(join(folder, name), { recursive: true });
  }
}

/** What pam-auth-update writes where nothing but passwords is in use: without it nobody can become another user with su. */
const PAM: Readonly<Record<string, readonly string[]>> = {
  'common-auth': ['auth [success=1 default=ignore] pam_unix.so nullok', 'auth requisite pam_deny.so', 'auth required pam_permit.so'],
  'common-account': [
    'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so',
    'account requisite pam_deny.so',
    'account required pam_permit.so',
  ],
  'common-password': [
    'password [success=1 default=ignore] pam_unix.so obscure yescrypt',
    'password requisite pam_deny.so',
    'password required pam_permit.so',
  ],
  'common-session': [
    'session [default=1] pam_permit.so',
    'session requisite pam_deny.so',
    'session required pam_permit.so',
    'session required pam_unix.so',
  ],
  'common-session-noninteractive': [
    'session [default=1] pam_permit.so',
    'session requisite pam_deny.so',
    'session required pam_permit.so',
    'session required pam_unix.so',
  ],
};

/** The folders that the scripts of base-files, dpkg and apt make. */
const FOLDERS = [
  ...['etc/opt', 'media', 'mnt', 'opt', 'srv', 'var/local', 'var/mail', 'var/opt'],
  ...['bin', 'etc', 'games', 'include', 'lib', 'sbin', 'share/man', 'src'].map(name => `usr/local/${name}`),
  ...['var/lib/dpkg/updates', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial'],
];

/** What the maintainer scripts of Debian's base packages would have done; none of them is run. */
async function configure(root: string, { suite, number }: DebianRelease): Promise<void> {
  await copyFile(join(root, 'usr/share/base-passwd/passwd.master'), join(root, 'etc/passwd'));
  await copyFile(join(root, 'usr/share/base-passwd/group.master'), join(root, 'etc/group'));
  await writeFile(join(root, 'etc/shadow'), 'root:*:20000:0:99999:7:::\n', { mode: 0o640 });
  await chooseAlternatives(root);
  await linkRun(root);
  await writeFile(join(root, 'etc/shells'), '/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n');
  await copyFile(join(root, 'usr/share/base-files/dot.bashrc'), join(root, 'root/.bashrc'));
  await copyFile(join(root, 'usr/share/base-files/dot.profile'), join(root, 'root/.profile'));
  await setUpApt(root, suite, number);
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true });
  for (const name of ['available', 'diversions', 'statoverride']) await writeFile(join(root, 'var/lib/dpkg', name), '');
  for (const [name, lines] of Object.entries(PAM)) await writeFile(join(root, 'etc/pam.d', name), `${lines.join('\n')}\n`);
  const switches = join(root, 'usr/share/base-files/nsswitch.conf');
  if (number < 13 && existsSync(switches)) await copyFile(switches, join(root, 'etc/nsswitch.conf'));
}

/** What `update-alternatives --install` of the base packages' scripts says: a name, the program, its priority, and a second name of the same. */
const ALTERNATIVES: readonly (readonly [name: string, program: string, priority: number, second?: string])[] = [
  ['awk', 'mawk', 5, 'nawk'],
  ['which', 'which.debianutils', 0],
  ['pager', 'more', 50],
];

/** Makes Debian's alternatives as its own tool does (dpkg's update-alternatives), so that a package that brings another one can take the name over. */
async function chooseAlternatives(root: string): Promise<void> {
  await mkdir(join(root, 'etc/alternatives'), { recursive: true });
  await mkdir(join(root, 'var/lib/dpkg/alternatives'), { recursive: true });
  for (const [name, program, priority, second] of ALTERNATIVES) {
    const path = `/usr/bin/${program}`;
    // Debian 11 has `which` itself; not every image has `more`.
    if (!existsSync(join(root, path)) || existsSync(join(root, 'usr/bin', name))) continue;
    for (const link of second === undefined ? [name] : [name, second]) {
      await symlink(path, join(root, 'etc/alternatives', link));
      await symlink(`/etc/alternatives/${link}`, join(root, 'usr/bin', link));
    }
    const slave = second === undefined ? [] : [second, `/usr/bin/${second}`];
    const lines = ['auto', `/usr/bin/${name}`, ...slave, '', path, String(priority), ...(second === undefined ? [] : [path]), '', ''];
    await writeFile(join(root, 'var/lib/dpkg/alternatives', name), lines.join('\n'));
  }
}

/** What the code of these images is made of, for their steps. */
const FILES = [
  import.meta.filename,
  ...['apt-setup.ts', '../archive/archive-key.ts', '../archive/openpgp.ts'].map(name => join(import.meta.dirname, name)),
];

/** Debian's smallest usual systems. The plain tags and those with -slim are one image: documentation and locales are in neither. */
export function debianImages(lock: DebianLock): ImageMaker[] {
  return RELEASES.map(release => ({
    name: `debian-${release.number}`,
    files: FILES,
    values: [setKey(lock, release.set)],
    make: work => makeDebian(work, lock, release),
  }));
}

async function makeDebian(work: Workplace, lock: DebianLock, release: DebianRelease): Promise<MadeImage> {
  const { number, suite, set, tags, description } = release;
  const root = join(work.folder, 'debian');
  const debs = await fetchPackages(lock, set);
  await extractPackages(work, root, debs);
  await pruneCharacterSets(root);
  await configure(root, release);
  await noteInstalled(root, debs, '');
  const file = join(work.folder, 'debian.tar');
  await packLayer(work, root, file);
  const comment = `ADD debian-${number}-slim.tar / # Debian ${number} (${suite}) i386, minbase without documentation`;
  return {
    root,
    recipe: {
      repository: 'library/debian',
      tags: [`${number}-slim`, `${suite}-slim`, String(number), suite, ...tags],
      description,
      layers: [{ file, comment }],
      config: { Cmd: ['bash'], Labels: labelsOf(lock, packagesOf(lock, set)) },
    },
  };
}
