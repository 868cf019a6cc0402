import { signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { OnByteProgress, SnapshotInfo, SnapshotList } from '../../../core/protocol/sandbox.ts';
import type { Machine } from './machine.ts';
import type { Messages } from '../messages.ts';
import { askToPersist, measureRoom } from '../storage-room.ts';

/** The longest name of a snapshot, in characters. */
export const MAX_SNAPSHOT_NAME = 80;

/** What this browser keeps, and how much room there is, in bytes; `freeBytes` is undefined where the browser does not say. */
export interface Shelf extends SnapshotList {
  readonly freeBytes: number | undefined;
}

/** How far something large is, in bytes. */
export interface ByteProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** The saved machines of this browser as the page shows them. */
export class Snapshots {
  readonly #shelf = signal<Shelf | undefined>(undefined);
  readonly #problem = signal<string | undefined>(undefined);
  readonly #busy = signal<string | undefined>(undefined);
  readonly #progress = signal<ByteProgress | undefined>(undefined);

  constructor(
    private readonly machine: Machine,
    private readonly messages: Messages,
  ) {}

  /** Undefined until it was read. */
  readonly shelf: ReadonlySignal<Shelf | undefined> = this.#shelf;
  /** Why it could not be read, or what was last asked for did not work. */
  readonly problem: ReadonlySignal<string | undefined> = this.#problem;
  /** What is being done, in words. */
  readonly busy: ReadonlySignal<string | undefined> = this.#busy;
  /** How far it is, where that is known. */
  readonly progress: ReadonlySignal<ByteProgress | undefined> = this.#progress;

  load(): Promise<void> {
    return this.#do(undefined, () => this.#read());
  }

  /** Keeps the machine as it is now under a name. */
  save(name: string): Promise<void> {
    return this.#do('Saving the machine', async () => {
      await askToPersist();
      await this.machine.save(name);
      this.messages.announce(`Saved as "${name}".`);
      await this.#read();
    });
  }

  remove({ id, name }: SnapshotInfo): Promise<void> {
    return this.#do('Deleting', async () => {
      await this.machine.removeSnapshot(id);
      this.messages.announce(name === undefined ? 'The saved machine was deleted.' : `"${name}" was deleted.`);
      await this.#read();
    });
  }

  /** A snapshot as one file, or undefined where that did not work. */
  async export({ id, name }: SnapshotInfo): Promise<Blob | undefined> {
    let file: Blob | undefined;
    await this.#do(name === undefined ? 'Packing the machine' : `Packing "${name}"`, async () => {
      file = await this.machine.exportSnapshot(id, this.#onProgress);
    });
    return file;
  }

  /** Takes a snapshot's file in. */
  import(file: File): Promise<void> {
    return this.#do(`Reading ${file.name}`, async () => {
      const name = file.name.replace(/\.drydock(\.gz)?$/, '').slice(0, MAX_SNAPSHOT_NAME);
      await this.machine.importSnapshot(file, name, this.#onProgress);
      this.messages.announce(`"${name}" is here now: you can restore it.`);
      await this.#read();
    });
  }

  readonly #onProgress: OnByteProgress = (doneBytes, totalBytes) => {
    this.#progress.value = { doneBytes, totalBytes };
  };

  async #read(): Promise<void> {
    const [list, room] = await Promise.all([this.machine.snapshots(), measureRoom()]);
    this.#shelf.value = { ...list, freeBytes: room?.freeBytes };
  }

  async #do(what: string | undefined, work: () => Promise<void>): Promise<void> {
    this.#busy.value = what;
    this.#problem.value = undefined;
    try {
      await work();
    } catch (error) {
      this.#problem.value = messageOf(error);
    } finally {
      this.#busy.value = undefined;
      this.#progress.value = undefined;
    }
  }
}
