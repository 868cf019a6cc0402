import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withGuest, type GuestInputs } from '../guest-work.ts';
import { runStep } from '../step.ts';

/** Data that programs of an image make once, so that each container need not. */
export interface GuestData {
  /** Of the recipe. */
  readonly name: string;
  /** Run in the image by its sh, as root. It leaves its result as /result. */
  readonly script: string;
  /** The tars of the image's layers, lowest first. */
  readonly layers: readonly string[];
}

/** Far above what it takes on a slow machine. */
const TIMEOUT_MILLISECONDS = 1_800_000;
const RESULT = 'result';
/** Disks are made of sectors. In bytes. */
const SECTOR = 512;

/**
 * Runs a script with the programs of an image in the guest, since no program of a package is run on the build host; gives the file that it leaves.
 * A cached step of its own: which guest it is done in makes no difference.
 */
export async function makeGuestData({ name, script, layers }: GuestData, inputs: GuestInputs): Promise<string> {
  const { folder } = await runStep({
    name: `data-${name}`,
    files: [import.meta.filename, script],
    values: await Promise.all(layers.map(digestOf)),
    async build(place, report) {
      const work = await mkdtemp(join(tmpdir(), 'drydock-data-'));
      try {
        const secondDisk = join(work, 'disk');
        const sizes = await joinFiles([...layers, script], secondDisk);
        const result = await withGuest(inputs, secondDisk, report, async guest => {
          report(`making the data of ${name} (1 to 4 minutes)`);
          await guest.run(unpacking(sizes));
          await guest.run(`chroot /image /bin/sh /make-data.sh`, TIMEOUT_MILLISECONDS);
          return guest.fetch(`/image/${RESULT}`);
        });
        await writeFile(join(place, RESULT), result);
        report(`${(result.length / 1e6).toFixed(2)} MB`);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
  });
  return join(folder, RESULT);
}

/** Puts files one after the other, each from a sector's start; gives their sizes. */
async function joinFiles(files: readonly string[], target: string): Promise<number[]> {
  const sizes: number[] = [];
  const whole = await open(target, 'w');
  let end = 0;
  try {
    for (const file of files) {
      const { size } = await appendFrom(file, whole, end);
      sizes.push(size);
      end += Math.ceil(size / SECTOR) * SECTOR;
    }
    await whole.truncate(end);
  } finally {
    await whole.close();
  }
  return sizes;
}

async function appendFrom(file: string, whole: Awaited<ReturnType<typeof open>>, at: number): Promise<{ size: number }> {
  let size = 0;
  for await (const chunk of createReadStream(file)) {
    await whole.write(chunk as Buffer, 0, undefined, at + size);
    size += (chunk as Buffer).length;
  }
  return { size };
}

/** The commands that make /image in the guest of the second disk: the layers one over the other, and the script. */
function unpacking(sizes: readonly number[]): string {
  const sectors = sizes.map(size => Math.ceil(size / SECTOR));
  const starts = sectors.map((_, index) => sectors.slice(0, index).reduce((sum, count) => sum + count, 0));
  const part = (index: number) => `tail -c +${starts[index]! * SECTOR + 1} /dev/sdb | head -c ${sizes[index]}`;
  return [
    'mkdir /image',
    ...sizes.slice(0, -1).map((_, index) => `${part(index)} | tar x -C /image -f -`),
    `${part(sizes.length - 1)} > /image/make-data.sh`,
    'mkdir -p /image/dev /image/proc /image/tmp',
    'mount --bind /dev /image/dev',
    'mkdir -p /dev/shm',
    'mount -t tmpfs shm /image/dev/shm',
    'mount -t proc proc /image/proc',
    'chmod 1777 /image/tmp',
  ].join(' && ');
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
