import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyWithBlocks } from './disk-image.ts';
import { familiarName, readBuiltImages, type BuiltImage } from './images/built-images.ts';
import { writeArchive } from './images/image-archive.ts';
import { bootGuest, createOfflineGuest, runInGuest, type GuestFiles } from './offline-guest.ts';
import { runStep, type BuiltStep } from './step.ts';

/** The images that the engine's store has from the start; all others are pulled from the hub. Named as Docker Hub does, in full. */
const STORE_IMAGES = ['library/hello-world', 'library/busybox', 'library/debian', 'library/python'];

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
 * Tells the engine under which digests a registry would offer the layers it has: it notes that for layers it has pulled, and then says
 * "Already exists" when another image needs them. The hub's layers are plain tars, so the digest is the layer's own.
 */
function noteDigests(images: readonly BuiltImage[]): string {
  const folder = '/var/lib/docker/image/overlay2/distribution/diffid-by-digest/sha256';
  const notes = [...new Set(images.flatMap(image => image.layers))].map(digest => `printf %s ${digest} > ${folder}/${digest.replace('sha256:', '')}`);
  return [`mkdir -p ${folder}`, ...notes].join(' && ');
}

function storeImages(built: readonly BuiltImage[]): BuiltImage[] {
  return STORE_IMAGES.map(name => {
    const found = built.find(image => image.repository === name);
    if (!found) throw new Error(`the engine's store is to have ${familiarName(name)}, of which there is no recipe`);
    return found;
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
        report("compiling Python's modules (2 to 5 minutes)");
        await runInGuest(guest, COMPILE_PYTHON, COMPILE_TIMEOUT_MILLISECONDS);
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
