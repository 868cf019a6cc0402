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
 * Python compiles what it imports, and a container would do that anew at each start: its modules are compiled once, as a
 * layer of their own. Only the engine in the guest can run this image's Python, so this is where it is done.
 */
const COMPILE_PYTHON = String.raw`mkdir /tmp/compile && cd /tmp/compile && cat > Dockerfile <<'EOF'
FROM python:3.13-slim
RUN python3 -m compileall -q -x '/(idlelib|test|tkinter|turtledemo|lib2to3|pydoc_data)/' /usr/lib/python3.13 /usr/lib/python3/dist-packages
EOF
docker build -t python:3.13-slim . && for tag in 3.13 3 latest; do docker tag python:3.13-slim python:$tag; done
rm -rf /tmp/compile`;

/** Far above what it takes on a slow machine. */
const COMPILE_TIMEOUT_MILLISECONDS = 1_800_000;

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
        report("compiling Python's modules (2 to 5 minutes)");
        await runInGuest(guest, COMPILE_PYTHON, COMPILE_TIMEOUT_MILLISECONDS);
        await runInGuest(guest, 'rm -f /root/.bash_history; sync');
        await guest.machine.pause();
        await copyWithBlocks(disk, join(folder, 'disk.img'), guest.machine.takeWrittenBlocks());
      } finally {
        await guest.machine.dispose();
      }
    },
  });
}
