import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPackages, setKey } from '../debian-packages.ts';
import { withGuest, type GuestInputs } from '../guest-work.ts';
import { lockedTool } from '../npm/npm-lock.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { extractPackages, packLayer } from './image-tree.ts';
import { layOutNode, NODE_RELEASES, nodeFolder, SNAPSHOT_PATH, type NodeBuild, type NodeLocks, type NodeRelease } from './node-root.ts';

/** Far above what it takes on a slow machine. */
const SNAPSHOT_TIMEOUT_MILLISECONDS = 900_000;

/** Unpacks Node on its Debian, as a tar that the guest gets as its second disk. */
async function packNode(release: NodeRelease, locks: NodeLocks, place: string): Promise<string> {
  const [root, disk, owners] = [join(place, 'root'), join(place, 'node.tar'), join(place, 'owners')];
  await writeFile(owners, '');
  const work = { folder: place, owners };
  await extractPackages(work, root, await fetchPackages(locks.debian, release.baseSet));
  await layOutNode(work, root, release, locks);
  await copyFile(join(nodeFolder, 'snapshot.js'), join(root, 'snapshot.js'));
  await packLayer(work, root, disk);
  return disk;
}

/**
 * Debian's Node sets up each of its parts anew at every start. A snapshot of that state, which node.c names at the start, halves the cost. It fits only the
 * very same Node on the same processor, so it is made in the guest, as no program of a package is run on the build host. The folder has start.blob.
 */
function buildNodeSnapshot(release: NodeRelease, inputs: GuestInputs, locks: NodeLocks): Promise<BuiltStep> {
  return runStep({
    name: `node${release.major}-start`,
    files: [
      import.meta.filename,
      join(import.meta.dirname, 'node-root.ts'),
      join(import.meta.dirname, 'icu-data.ts'),
      join(nodeFolder, 'node.c'),
      join(nodeFolder, 'snapshot.js'),
    ],
    values: [
      setKey(locks.debian, release.baseSet),
      setKey(locks.debian, release.set),
      ...['npm', 'yarn'].map(name => lockedTool(locks.npm, name).integrity),
    ],
    async build(folder, report) {
      const place = await mkdtemp(join(tmpdir(), 'drydock-node-'));
      try {
        const secondDisk = await packNode(release, locks, place);
        const blob = await withGuest(inputs, secondDisk, report, async guest => {
          report(`making the snapshot of Node ${release.major}`);
          await guest.run('mkdir /node && tar x -C /node -f /dev/sdb && mount -o bind /dev /node/dev && mount -t proc proc /node/proc');
          const command = `cd / && mkdir -p /usr/local/lib/node && node --snapshot-blob /${SNAPSHOT_PATH} --build-snapshot /snapshot.js`;
          await guest.run(`chroot /node sh -c '${command}'`, SNAPSHOT_TIMEOUT_MILLISECONDS);
          await guest.run(`chroot /node node -e 'process.exitCode = process.execArgv.length === 2 ? 0 : 1'`);
          return guest.fetch(`/node/${SNAPSHOT_PATH}`);
        });
        await writeFile(join(folder, 'start.blob'), blob);
        report(`${(blob.length / 1e6).toFixed(1)} MB`);
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
  });
}

/** The snapshot of each release, made side by side: each is an emulator that uses one processor. */
export async function buildNodeSnapshots(inputs: GuestInputs, locks: NodeLocks): Promise<NodeBuild> {
  const steps = NODE_RELEASES.map(async release => [release.major, await buildNodeSnapshot(release, inputs, locks)] as const);
  return { locks, snapshots: new Map(await Promise.all(steps)) };
}
