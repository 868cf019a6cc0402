import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Unpacks packages into `root`, without what slim images leave out and without `pruned`. */
export async function extractPackages(work: Workplace, root: string, debs: readonly string[], pruned: readonly string[] = []): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const deb of debs) await runAsRoot(work.owners, 'dpkg-deb', ['-x', deb, root]);
  for (const path of [...SLIM_PRUNED, ...pruned]) await rm(join(root, path), { recursive: true, force: true });
  await keepLicences(root);
}

/**
 * Writes what dpkg would have noted, so that `dpkg -l` and apt know what is installed.
 * `status` is what the layers below have noted; gives that of this layer.
 */
export async function noteInstalled(root: string, debs: readonly string[], status: string): Promise<string> {
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

/** Packs a folder as a layer: sorted, without times or names of owners, so that the same content gives the same digest. */
export async function packLayer(work: Workplace, root: string, file: string): Promise<void> {
  await runAsRoot(work.owners, 'tar', ['--sort=name', '--mtime=@0', '--numeric-owner', '-cf', file, '-C', root, '.']);
}

/** Adds a system user of an image, with the home it has in Debian, to what `base` (the layer below) has. */
export async function addUser(base: string, root: string, line: { name: string; id: number; home: string }): Promise<void> {
  await mkdir(join(root, 'etc'), { recursive: true });
  const { name, id, home } = line;
  const additions = { passwd: `${name}:x:${id}:${id}::${home}:/usr/sbin/nologin`, group: `${name}:x:${id}:`, shadow: `${name}:!:20000::::::` };
  for (const [file, text] of Object.entries(additions)) {
    await copyFile(join(base, 'etc', file), join(root, 'etc', file));
    await writeFile(join(root, 'etc', file), `${text}\n`, { flag: 'a' });
  }
}
