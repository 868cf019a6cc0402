import { readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianLock } from './debian-lock.ts';
import { fetchPackages } from './debian-packages.ts';
import { runAsRoot } from './run.ts';

/** What the tools bring along and nobody uses here: helpers for desktops, mail and other systems for versions. */
const PRUNED = [
  'usr/share/git-core/contrib',
  'usr/share/gitweb',
  'usr/lib/git-core/git-web--browse',
  'usr/share/perl5',
  'usr/share/applications',
  'usr/share/icons',
  'usr/share/pixmaps',
  'usr/share/menu',
  'usr/share/apport',
  'usr/lib/mime',
  'etc/ldap',
  'etc/X11',
];

/** Names under which a Debian system finds a program through its alternatives, which a maintainer script would have made. */
const ALTERNATIVES = { vim: 'vim.tiny', view: 'vim.tiny', editor: 'nano', pager: 'less' };

/** Git's helpers that are programs in perl, which the machine does not have: they would fail with a riddle. */
async function removePerlHelpers(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const start = (await readFile(join(folder, entry.name))).subarray(0, 40).toString('latin1');
    if (/^#!.*perl/.test(start)) await rm(join(folder, entry.name));
  }
}

/** Adds what tutorials type at the prompt of a Docker host (curl, git, nano, ...): on the disk, so that it is downloaded when it is first used. */
export async function addPromptTools(lock: DebianLock, root: string, owners: string): Promise<void> {
  for (const file of await fetchPackages(lock, 'tools')) await runAsRoot(owners, 'dpkg-deb', ['-x', file, root]);
  for (const path of PRUNED) await rm(join(root, path), { recursive: true, force: true });
  await removePerlHelpers(join(root, 'usr/lib/git-core'));
  for (const [name, target] of Object.entries(ALTERNATIVES)) await symlink(target, join(root, 'usr/bin', name));
}
