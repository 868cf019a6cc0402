import { WRITTEN_BLOCK_BYTES } from '../../machine/copy-on-write-disk.ts';
import type { Guest } from './guest.ts';

const LOOK_MILLISECONDS = 20_000;
/** So much more must have been written than after the last time, in bytes: to look has its price. */
const WORTHWHILE_BYTES = 16 * 1024 * 1024;
const SYNC_MILLISECONDS = 60_000;

/** Has the machine's disk give back, now and then, what the guest has deleted: else images that are pulled and removed would fill the browser's memory. */
export class DiskTrimmer {
  #keptBytes: number;
  #isWorking = false;
  readonly #timer = setInterval(() => void this.look(), LOOK_MILLISECONDS);

  constructor(private readonly guest: Guest) {
    this.#keptBytes = this.#writtenBytes;
  }

  /** Gives back what is free, if enough was written since the last time; resolves to the number of bytes. */
  async look(): Promise<number> {
    if (this.#isWorking || this.#writtenBytes < this.#keptBytes + WORTHWHILE_BYTES) return 0;
    this.#isWorking = true;
    try {
      const end = this.guest.machine.beginTrim();
      await this.guest.agent.run('sync', { timeoutMilliseconds: SYNC_MILLISECONDS });
      return (await end()) * WRITTEN_BLOCK_BYTES;
    } catch {
      // The guest is too busy, or the disk's first part could not be read: the next time will do.
      return 0;
    } finally {
      this.#keptBytes = this.#writtenBytes;
      this.#isWorking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get #writtenBytes(): number {
    return this.guest.machine.look().writtenBlocks.size * WRITTEN_BLOCK_BYTES;
  }
}
