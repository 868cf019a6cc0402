import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { familiarName } from '../../core/hub/hub-catalog.ts';
import { copyWithBlocks } from './disk-image.ts';
import { readBuiltImages, type BuiltImage } from './images/built-images.ts';
import { writeArchive } from './images/image-archive.ts';
import { bootGuest, createOfflineGuest, runInGuest, type GuestFiles } from './offline-guest.ts';
import { runStep, type BuiltStep } from './step.ts';

/** The images that the engine's store has from the start, and their tags there; all others are pulled from the hub. Named as Docker Hub does, in full. */
const STORE_IMAGES: Readonly<Record<string, readonly string[]>> = {
  'library/hello-world': ['latest'],
  'library/busybox': ['latest', '1.37'],
  'library/debian': ['13-slim', 'trixie-slim'],
  'library/python': ['3.13-slim', '3.13', '3', 'latest'],
};

/** The steps an engine's store is made from. */
export interface StoreInputs {
  readonly kernel: BuiltStep;
  readonly root: BuiltStep;
  readonly images: BuiltStep;
  readonly firmware: Pick<GuestFiles, 'bios' | 'vgaBios'>;
}

/**
 * Tells the engine under which digests a registry would offer the layers it has: it notes that for layers it has pulled, and then says
 * "Already exists" when another image needs them. The hub's layers are plain tars, so the digest is the layer's own.
 */
function noteDigests(images: readonly BuiltImage[]): string {
  const folder = '/var/lib/docker/image/overlay2/distribution/diffid-by-digest/sha256';
  const notes = [...new Set(images.flatMap(image => image.layers))].map(digest => `printf %s ${digest} > ${folder}/${digest.replace('sha256:', '')}`);
  return [`mkdir -p ${folder}`, ...notes].join(' && ');
}

function storeImages(built: readonly BuiltImage[]): BuiltImage[] {
  return Object.entries(STORE_IMAGES).map(([repository, tags]) => {
    const found = built.find(image => image.repository === repository && tags.every(tag => image.tags.includes(tag)));
    if (!found) throw new Error(`the engine's store is to have ${familiarName({ repository })}:${tags.join(', ')}, of which there is no recipe`);
    return { ...found, tags };
  });
}

/**
 * Boots the guest and has its own engine load the container images: disk.img with a filled /var/lib/docker.
 * The archive is attached as a second disk, as it is: nothing is copied twice.
 */
export async function buildStore({ kernel, root, images, firmware }: StoreInputs): Promise<BuiltStep> {
  const chosen = storeImages(await readBuiltImages(images.folder));
  return runStep({
    name: 'store',
    files: [import.meta.filename],
    // Not the key of the images step: an image that is only pulled does not change the store.
    values: [kernel.key, root.key, JSON.stringify(chosen)],
    async build(folder, report) {
      const disk = join(root.folder, 'disk.img');
      const archive = join(folder, 'images.tar');
      await writeArchive(chosen, images.folder, archive);
      const guest = await createOfflineGuest({ ...firmware, disk, kernel: join(kernel.folder, 'bzImage'), secondDisk: archive });
      try {
        await bootGuest(guest, report);
        report('docker load');
        report((await runInGuest(guest, 'docker load -q < /dev/sdb')).trim().replaceAll('\n', ', '));
        await runInGuest(guest, noteDigests(chosen));
        await runInGuest(guest, 'rm -f /root/.bash_history; sync');
        await guest.machine.pause();
        await copyWithBlocks(disk, join(folder, 'disk.img'), guest.machine.takeWrittenBlocks());
      } finally {
        await guest.machine.dispose();
        await rm(archive, { force: true });
      }
    },
  });
}
