import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackages } from '../debian-packages.ts';
import { lockedTool } from '../npm/npm-lock.ts';
import { runAsRoot } from '../run.ts';
import type { DebianImage } from './debian-image.ts';
import { labelsOf, packagesOf, type ImageRecipe } from './image-recipe.ts';
import { addUser, noteInstalled, packLayer, type Workplace } from './image-tree.ts';
import { layOutNode, nodeFolder, nodeVersion, SNAPSHOT_PATH, type NodeBuild, type NodeRelease } from './node-root.ts';

/** The release that stands for Node where no version is asked for: the newest that Debian has. */
const NEWEST = '20';

/** `20`, `20.19`, `20.19.2`, the code names, and each with -slim and with Debian's name: all are this one image. */
function tagsOf({ major, codeName, suite }: NodeRelease, version: string): string[] {
  const names = [major, version.split('.').slice(0, 2).join('.'), version, codeName, `lts-${codeName}`];
  if (major === NEWEST) names.push('lts');
  const tags = names.flatMap(name => [name, `${name}-slim`, `${name}-${suite}`, `${name}-${suite}-slim`]);
  return major === NEWEST ? [...tags, 'latest', 'slim', suite, `${suite}-slim`] : tags;
}

async function addCertificates(root: string): Promise<void> {
  const certificates = execFileSync('sh', ['-c', 'cat "$1"/usr/share/ca-certificates/mozilla/*.crt', 'sh', root]);
  await rm(join(root, 'usr/share/ca-certificates'), { recursive: true });
  await mkdir(join(root, 'etc/ssl/certs'), { recursive: true });
  await writeFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), certificates);
}

async function addNodeUser(work: Workplace, base: string, root: string): Promise<void> {
  await addUser(base, root, { name: 'node', id: 1000, home: '/home/node' });
  const passwd = join(root, 'etc/passwd');
  await writeFile(passwd, (await readFile(passwd, 'utf8')).replace(/^(node:.*):\/usr\/sbin\/nologin$/m, '$1:/bin/bash'));
  await mkdir(join(root, 'home/node'), { recursive: true });
  await runAsRoot(work.owners, 'chown', ['1000:1000', join(root, 'home/node')]);
}

/** node, laid out as the official image: everything in /usr/local, the user `node`, npm from the npm registry. */
export async function node(work: Workplace, release: NodeRelease, { locks, snapshots }: NodeBuild, base: DebianImage): Promise<ImageRecipe> {
  const snapshot = snapshots.get(release.major);
  if (snapshot === undefined) throw new Error(`there is no start-up snapshot of Node ${release.major}`);
  const name = `node-${release.major}`;
  const root = join(work.folder, name);
  const version = nodeVersion(locks.debian, release);
  await layOutNode(work, root, release, locks);
  await mkdir(dirname(join(root, SNAPSHOT_PATH)), { recursive: true });
  await copyFile(join(snapshot.folder, 'start.blob'), join(root, SNAPSHOT_PATH));
  await copyFile(join(nodeFolder, 'docker-entrypoint.sh'), join(root, 'usr/local/bin/docker-entrypoint.sh'));
  await addCertificates(root);
  await addNodeUser(work, base.root, root);
  await noteInstalled(root, await fetchPackages(locks.debian, release.set), base.status);
  const file = join(work.folder, `${name}.tar`);
  await packLayer(work, root, file);
  return {
    repository: 'library/node',
    tags: tagsOf(release, version),
    description: `Node.js ${release.major} with npm, on Debian.`,
    layers: [
      ...base.recipe.layers,
      { file, comment: `ADD ${name}.tar / # Debian's nodejs laid out as the official image, npm ${lockedTool(locks.npm, 'npm').version}` },
    ],
    config: {
      Env: [`NODE_VERSION=${version}`],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['node'],
      Labels: labelsOf(locks.debian, packagesOf(locks.debian, release.baseSet, release.set)),
    },
  };
}
