import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fetchPackages, setKey } from '../debian-packages.ts';
import { lockedTool } from '../npm/npm-lock.ts';
import { runAsRoot } from '../run.ts';
import type { BuiltStep } from '../step.ts';
import { labelsOf, packagesOf } from './image-recipe.ts';
import type { ImageBase, ImageMaker, MadeImage } from './image-step.ts';
import { addUser, noteInstalled, packLayer, type Workplace } from './image-tree.ts';
import { layOutNode, NODE_RELEASES, nodeFolder, nodeVersion, SNAPSHOT_PATH, type NodeBuild, type NodeLocks, type NodeRelease } from './node-root.ts';

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

/** node for each release, laid out as the official image: everything in /usr/local, the user `node`, npm from the npm registry. */
export function nodeImages({ locks, snapshots }: NodeBuild): ImageMaker[] {
  return NODE_RELEASES.map(release => {
    const snapshot = snapshots.get(release.major)!;
    return {
      name: `node-${release.major}`,
      on: release.base,
      files: [import.meta.filename, join(import.meta.dirname, 'node-root.ts'), join(import.meta.dirname, 'icu-data.ts'), nodeFolder],
      values: [snapshot.key, setKey(locks.debian, release.set), ...['npm', 'yarn'].map(name => lockedTool(locks.npm, name).integrity)],
      make: (work, base) => makeNode(work, release, locks, base!, snapshot),
    };
  });
}

async function makeNode(work: Workplace, release: NodeRelease, locks: NodeLocks, base: ImageBase, snapshot: BuiltStep): Promise<MadeImage> {
  const name = `node-${release.major}`;
  const root = join(work.folder, name);
  const version = nodeVersion(locks.debian, release);
  await layOutNode(work, root, release, locks);
  await mkdir(dirname(join(root, SNAPSHOT_PATH)), { recursive: true });
  await copyFile(join(snapshot.folder, 'start.blob'), join(root, SNAPSHOT_PATH));
  await copyFile(join(nodeFolder, 'docker-entrypoint.sh'), join(root, 'usr/local/bin/docker-entrypoint.sh'));
  await addCertificates(root);
  await addUser(base.root, root, { name: 'node', id: 1000, home: '/home/node', shell: '/bin/bash' });
  await mkdir(join(root, 'home/node'), { recursive: true });
  await runAsRoot(work.owners, 'chown', ['1000:1000', join(root, 'home/node')]);
  await noteInstalled(root, await fetchPackages(locks.debian, release.set), base.status);
  const file = join(work.folder, `${name}.tar`);
  await packLayer(work, root, file);
  const [npm, yarn] = ['npm', 'yarn'].map(name => lockedTool(locks.npm, name).version);
  return {
    root,
    recipe: {
      repository: 'library/node',
      tags: tagsOf(release, version),
      description: `Node.js ${release.major} with npm, on Debian.`,
      layers: [
        ...base.recipe.layers,
        { file, comment: `ADD ${name}.tar / # Debian's nodejs laid out as the official image, npm ${npm}, yarn ${yarn}` },
      ],
      config: {
        Env: [`NODE_VERSION=${version}`, `YARN_VERSION=${yarn}`],
        Entrypoint: ['docker-entrypoint.sh'],
        Cmd: ['node'],
        Labels: labelsOf(locks.debian, packagesOf(locks.debian, release.baseSet, release.set)),
      },
    },
  };
}
