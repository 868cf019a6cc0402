import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackages } from '../debian-packages.ts';
import { linkRun } from '../root.ts';
import { labelsOf, packagesOf, type ImageRecipe } from './image-recipe.ts';
import { extractPackages, noteInstalled, packLayer, type Workplace } from './image-tree.ts';

/** The Debian image, and what the images on top of it need of it. */
export interface DebianImage {
  readonly recipe: ImageRecipe;
  /** The unpacked layer. */
  readonly root: string;
  /** What its dpkg has noted. */
  readonly status: string;
}

/** glibc's tables for character sets that are still met; the C library itself knows UTF-8 and ASCII. */
const KEPT_CHARACTER_SETS = /^(gconv-modules|ISO8859-15?\.|ISO8859-2\.|CP1252\.|UTF-16\.|UTF-32\.|UTF-7\.|UNICODE\.)/;

async function pruneCharacterSets(root: string): Promise<void> {
  const folder = join(root, 'usr/lib/i386-linux-gnu/gconv');
  for (const name of await readdir(folder)) {
    // The cache names what is gone, and is not needed.
    if (!KEPT_CHARACTER_SETS.test(name) || name.endsWith('.cache')) await rm(join(folder, name), { recursive: true });
  }
}

/** What the maintainer scripts of Debian's base packages would have done; none of them is run. */
async function configure(root: string): Promise<void> {
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

/** debian:13-slim: Debian's smallest usual system. */
export async function debian(work: Workplace, lock: DebianLock): Promise<DebianImage> {
  const root = join(work.folder, 'debian');
  const debs = await fetchPackages(lock, 'debian');
  await extractPackages(work, root, debs);
  await pruneCharacterSets(root);
  await configure(root);
  const status = await noteInstalled(root, debs, '');
  const file = join(work.folder, 'debian.tar');
  await packLayer(work, root, file);
  const recipe: ImageRecipe = {
    repository: 'library/debian',
    tags: ['13-slim', 'trixie-slim'],
    description: 'Debian 13, the smallest usual system: a base for images of your own.',
    layers: [{ file, comment: 'ADD debian-13-slim.tar / # Debian 13 (trixie) i386, minbase without documentation' }],
    config: { Cmd: ['bash'], Labels: labelsOf(lock, packagesOf(lock, 'debian')) },
  };
  return { recipe, root, status };
}
