import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { archiveKeyring, KEYRING_PATH, TRUSTED_PATH } from '../archive/archive-key.ts';

/** Where apt finds packages: Drydock's archive, under Debian's own name for it. */
function sourcesOf(suite: string): string {
  return [
    '# In this sandbox deb.debian.org is an archive inside the page: some hundred packages made from Debian\'s ("apt-cache search ." lists them),',
    `# signed with a key of its own. It has ${suite}-updates and ${suite}-security too, which are empty: ${suite} itself has what is newest.`,
    'Types: deb',
    'URIs: http://deb.debian.org/debian',
    `Suites: ${suite}`,
    'Components: main',
    `Signed-By: /${KEYRING_PATH}`,
    '',
  ].join('\n');
}

/**
 * apt's settings, as Debian's images for Docker have them: no translations, nothing kept of what was downloaded, no second cache. Besides no terminal
 * of dpkg's own, whose output apt would copy twice. The last two save 65 of the 375 million instructions of installing tree.
 */
const APT_SETTINGS = `Acquire::Languages "none";
APT::Keep-Downloaded-Packages "false";
Binary::apt::APT::Keep-Downloaded-Packages "false";
APT::AutoRemove::SuggestsImportant "false";
Dir::Cache::srcpkgcache "";
Dpkg::Use-Pty "false";
`;

/** dpkg's: what is unpacked need not survive a power cut. */
const DPKG_SETTINGS = 'force-unsafe-io\n';

/** Asked before a package starts its service: not in a container, whose one process is the image's own. */
const NO_SERVICES = '#!/bin/sh\n# No service starts by itself in a container: its process is what the image or docker run names.\nexit 101\n';

/**
 * debconf would look through all packages for questions before the first is unpacked, in perl. It asks them when each is configured, too. The file is
 * debconf's own, so an empty one stays.
 */
const PRECONFIGURE = 'etc/apt/apt.conf.d/70debconf';

/** apt downloads as this user; until Debian 11 its maintainer script made it. */
async function addAptUser(root: string): Promise<void> {
  const passwd = join(root, 'etc/passwd');
  if (/^_apt:/m.test(await readFile(passwd, 'utf8'))) return;
  await appendFile(passwd, '_apt:x:100:65534::/nonexistent:/usr/sbin/nologin\n');
  await appendFile(join(root, 'etc/shadow'), '_apt:*:20000:0:99999:7:::\n');
}

/** Sets up apt and dpkg in a Debian image. `number` is Debian's: 13. */
export async function setUpApt(root: string, suite: string, number: number): Promise<void> {
  const keyring = archiveKeyring();
  const sources = number >= 12 ? 'etc/apt/sources.list.d/debian.sources' : 'etc/apt/sources.list';
  const files: Readonly<Record<string, string | Uint8Array>> = {
    [sources]: number >= 12 ? sourcesOf(suite) : `deb [signed-by=/${KEYRING_PATH}] http://deb.debian.org/debian ${suite} main\n`,
    [KEYRING_PATH]: keyring,
    [TRUSTED_PATH]: keyring,
    'etc/apt/apt.conf.d/docker': APT_SETTINGS,
    'etc/dpkg/dpkg.cfg.d/docker': DPKG_SETTINGS,
    [PRECONFIGURE]: '',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content, { mode: 0o644 });
  }
  await addAptUser(root);
  await mkdir(join(root, 'usr/sbin'), { recursive: true });
  await writeFile(join(root, 'usr/sbin/policy-rc.d'), NO_SERVICES, { mode: 0o755 });
}
