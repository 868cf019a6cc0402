import { join } from 'node:path';
import { copyWithBlocks } from './disk-image.ts';
import { bootGuest, createOfflineGuest, runInGuest, type GuestFiles } from './offline-guest.ts';
import { runStep, type BuiltStep } from './step.ts';

/** The steps an engine's store is made from. */
export interface StoreInputs {
  readonly kernel: BuiltStep;
  readonly root: BuiltStep;
  readonly images: BuiltStep;
  readonly firmware: Pick<GuestFiles, 'bios' | 'vgaBios'>;
}

/**
 * Boots the guest and has its own engine load the container images: disk.img with a filled /var/lib/docker.
 * The archive is attached as a second disk, as it is: nothing is copied twice.
 */
export function buildStore({ kernel, root, images, firmware }: StoreInputs): Promise<BuiltStep> {
  return runStep({
    name: 'store',
    files: [import.meta.filename],
    values: [kernel.key, root.key, images.key],
    async build(folder, report) {
      const disk = join(root.folder, 'disk.img');
      const files = { ...firmware, disk, kernel: join(kernel.folder, 'bzImage'), secondDisk: join(images.folder, 'images.tar') };
      const guest = await createOfflineGuest(files);
      try {
        await bootGuest(guest, report);
        report('docker load');
        report((await runInGuest(guest, 'docker load -q < /dev/sdb')).trim().replaceAll('\n', ', '));
        await runInGuest(guest, 'rm -f /root/.bash_history; sync');
        await guest.machine.pause();
        await copyWithBlocks(disk, join(folder, 'disk.img'), guest.machine.takeWrittenBlocks());
      } finally {
        await guest.machine.dispose();
      }
    },
  });
}
