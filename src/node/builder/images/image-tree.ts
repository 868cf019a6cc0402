import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { statusOf } from './installed-status.ts';
import { runAsRoot } from '../run.ts';

/** Where images are made: a folder that is thrown away afterwards. */
export interface Workplace {
  readonly folder: string;
  /** fakeroot's state: who owns what. */
  readonly owners: string;
}

/** What Debian's own slim images leave out as well; of usr/share/doc they keep the licences. */
const SLIM_PRUNED = [
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/lintian',
  'usr/share/bug',
  'usr/share/groff',
  'usr/share/linda',
  'usr/share/doc-base',
  'usr/share/bash-completion',
  'usr/share/zsh',
  'usr/share/gdb',
  'usr/share/gcc',
  'usr/share/pixmaps',
  'usr/share/applications',
  'usr/share/polkit-1',
  'usr/lib/systemd',
  'usr/lib/valgrind',
  'etc/init.d',
];

async function keepLicences(root: string): Promise<void> {
  const folder = join(root, 'usr/share/doc');
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.isDirectory() || entry.isSymbolicLink() || entry.name === 'copyright') continue;
    await rm(join(entry.parentPath, entry.name));
  }
  execFileSync('find', [folder, '-mindepth', '2', '-type', 'd', '-empty', '-delete'], { stdio: 'ignore' });
}

/**
 * Makes /bin, /sbin and /lib links into /usr where they are not there yet, as debootstrap does first too; gives those that it made.
 * Until Debian 12 packages have files in these folders, which otherwise would be folders of their own.
 */
export async function linkIntoUsr(root: string): Promise<string[]> {
  const made = ['bin', 'sbin', 'lib'].filter(name => !existsSync(join(root, name)));
  for (const name of made) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  return made;
}

/** Takes away links that are the base image's business, and what they pointed at where nothing came there. */
async function unlinkAgain(root: string, links: readonly string[]): Promise<void> {
  for (const name of links) {
    await rm(join(root, name));
    await rmdir(join(root, 'usr', name)).catch(() => undefined);
  }
  await rmdir(join(root, 'usr')).catch(() => undefined);
}

/** Unpacks packages into `root`, without what slim images leave out and without `pruned`. */
export async function extractPackages(work: Workplace, root: string, debs: readonly string[], pruned: readonly string[] = []): Promise<void> {
  await mkdir(root, { recursive: true });
  const links = await linkIntoUsr(root);
  // Not `dpkg-deb -x`, which replaces links by folders.
  const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x -p --keep-directory-symlink --warning=no-timestamp -C "$2"';
  for (const deb of debs) await runAsRoot(work.owners, 'sh', ['-ec', unpack, 'sh', deb, root]);
  if (!existsSync(join(root, 'etc/debian_version'))) await unlinkAgain(root, links);
  for (const path of [...SLIM_PRUNED, ...pruned]) await rm(join(root, path), { recursive: true, force: true });
  await keepLicences(root);
}

/**
 * Writes what dpkg would have noted, so that `dpkg -l` and apt know what is installed; without dependencies on what the image leaves out.
 * `status` is what the layers below have noted; gives that of this layer.
 */
export async function noteInstalled(root: string, debs: readonly string[], status: string): Promise<string> {
  const controls: string[] = [];
  await mkdir(join(root, 'var/lib/dpkg/info'), { recursive: true });
  for (const deb of debs) {
    const control = execFileSync('dpkg-deb', ['-f', deb]).toString().trimEnd();
    const name = /^Package: (.*)$/m.exec(control)![1]!;
    controls.push(control);
    const files = execFileSync('sh', ['-c', `dpkg-deb --fsys-tarfile "$1" | tar t | sed 's,^\\.,,; s,/$,,; s,^$,/.,'`, 'sh', deb]);
    await writeFile(join(root, 'var/lib/dpkg/info', `${name}.list`), files);
  }
  const text = statusOf(controls, status);
  await writeFile(join(root, 'var/lib/dpkg/status'), text);
  return text;
}

/** Packs a folder as a layer: sorted, without times or names of owners, so that the same content gives the same digest. */
export async function packLayer(work: Workplace, root: string, file: string): Promise<void> {
  await runAsRoot(work.owners, 'tar', ['--sort=name', '--mtime=@0', '--numeric-owner', '-cf', file, '-C', root, '.']);
}

/** A system user of an image, with the group of its name. */
export interface SystemUser {
  readonly name: string;
  readonly id: number;
  /** The group's, where it is another. */
  readonly group?: number | undefined;
  readonly home: string;
  readonly shell?: string;
}

/** Adds a system user of an image to what `base` (a folder with the accounts of the layers below) and the layer itself have. One that is there stays. */
export async function addUser(base: string, root: string, { name, id, group = id, home, shell = '/usr/sbin/nologin' }: SystemUser): Promise<void> {
  await mkdir(join(root, 'etc'), { recursive: true });
  const additions = { passwd: `${name}:x:${id}:${group}::${home}:${shell}`, group: `${name}:x:${group}:`, shadow: `${name}:!:20000::::::` };
  for (const [file, line] of Object.entries(additions)) {
    const own = join(root, 'etc', file);
    const from = existsSync(own) ? own : join(base, 'etc', file);
    const lines = (await readFile(from, 'utf8')).split('\n').filter(text => text !== '' && !text.startsWith(`${name}:`));
    await writeFile(own, `${[...lines, line].join('\n')}\n`, file === 'shadow' ? { mode: 0o640 } : {});
  }
}
