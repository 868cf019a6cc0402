import { join } from 'node:path';
import { bootGuest, createOfflineGuest, runInGuest, type GuestFiles } from './offline-guest.ts';
import type { BuiltStep } from './step.ts';

/** The steps and files that a guest for the work is started from. */
export interface GuestInputs {
  readonly kernel: BuiltStep;
  readonly root: BuiltStep;
  readonly firmware: Pick<GuestFiles, 'bios' | 'vgaBios'>;
}

/** A guest that does a step's work. */
export interface WorkingGuest {
  /** Runs a command; throws with its output when it fails. */
  run(command: string, timeoutMilliseconds?: number): Promise<string>;
  /** Takes a file out of the guest. Throws where it is not there. */
  fetch(path: string): Promise<Uint8Array>;
}

/** Below /workspace, whose files the host sees. */
const FETCHED = 'fetched';

/**
 * Boots a guest that has a file as its second disk (/dev/sdb), and has `work` done in it: what needs programs of packages, none of which is run on the
 * build host. Which guest it is makes no difference to the result, so steps leave it out of their keys. The guest is gone afterwards.
 */
export async function withGuest<T>(
  { kernel, root, firmware }: GuestInputs,
  secondDisk: string,
  report: (message: string) => void,
  work: (guest: WorkingGuest) => Promise<T>,
): Promise<T> {
  const guest = await createOfflineGuest({
    ...firmware,
    disk: join(root.folder, 'disk.img'),
    kernel: join(kernel.folder, 'bzImage'),
    secondDisk,
  });
  const run = (command: string, timeoutMilliseconds?: number): Promise<string> => runInGuest(guest, command, timeoutMilliseconds);
  try {
    await bootGuest(guest, report);
    return await work({
      run,
      async fetch(path) {
        await run(`mv ${path} /workspace/${FETCHED}`);
        const content = guest.tree.read(FETCHED);
        if (content === undefined) throw new Error(`the guest left no ${path}`);
        return content;
      },
    });
  } finally {
    await guest.machine.dispose();
  }
}
