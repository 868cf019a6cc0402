import { SandboxError, withTimeout } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import { counted, gzipped, ungzipped } from '../../base/gzip.ts';
import { lazily } from '../../base/lazily.ts';
import { sha256Of } from '../../base/sha256.ts';
import { MACHINE_FORMAT, type CompiledModule } from '../../machine/machine.ts';
import type { OnByteProgress, SaveReport } from '../../protocol/sandbox.ts';
import type { SavedSnapshot } from '../../snapshots/saved-snapshot.ts';
import type { SnapshotFolder } from '../../snapshots/snapshot-folder.ts';
import type { SnapshotInfo } from '../../snapshots/snapshot-info.ts';
import { SnapshotStore, type SnapshotDraft } from '../../snapshots/snapshot-store.ts';
import { saveTree } from '../../workspace/tree-state.ts';
import { besideMachine } from './beside-machine.ts';
import type { Guest } from '../guest/guest.ts';
import type { MachineManifest } from '../load/manifest.ts';
import type { GuestState } from '../guest/guest-state.ts';
import type { TerminalPort } from '../guest/terminal-port.ts';

/** How long a save may take before it is given up. */
const SAVE_MILLISECONDS = 60_000;
const ANSWER_MILLISECONDS = 15_000;
const OPEN_MILLISECONDS = 10_000;

/** What a saved machine must have been made with to go on with what the site serves now. */
export function fingerprintOf({ disk, v86Version, memoryBytes }: MachineManifest): Promise<string> {
  return sha256Of(new TextEncoder().encode(JSON.stringify([MACHINE_FORMAT, disk, v86Version, memoryBytes])));
}

/** A machine's saves: what there is, and new ones. */
export class MachineSaves {
  readonly #report = new Emitter<SaveReport>();
  readonly onReport = this.#report.event;
  readonly #store: () => Promise<SnapshotStore>;
  #current: Promise<unknown> = Promise.resolve();
  #isHurried = false;

  /** `folder` gives where to save, or undefined where the browser has no such place. */
  constructor(folder: () => Promise<SnapshotFolder | undefined>) {
    this.#store = lazily(async () => {
      const found = await withTimeout(folder(), OPEN_MILLISECONDS, 'The browser does not answer when asked for the saved machines.');
      if (found === undefined) {
        throw new SandboxError(
          'storage-refused',
          'This browser has no place to keep a machine, or does not allow it here (a private window, or a setting), so the machine cannot be saved.',
        );
      }
      return SnapshotStore.open(found);
    });
  }

  /** What there is, the newest first; the machine's own has no name. */
  async list(): Promise<readonly SnapshotInfo[]> {
    return (await this.#store()).list();
  }

  async usedBytes(): Promise<number> {
    return (await this.#store()).usedBytes();
  }

  async remove(id: string): Promise<void> {
    await (await this.#store()).remove(id);
  }

  /** A snapshot as one file. */
  async export(id: string, onProgress: OnByteProgress = ignore): Promise<Blob> {
    const store = await this.#store();
    const totalBytes = store.list().find(snapshot => snapshot.id === id)?.bytes ?? 0;
    return gzipped(counted(await store.export(id), doneBytes => onProgress(Math.min(doneBytes, totalBytes), totalBytes)));
  }

  async import(file: Blob, name: string, onProgress: OnByteProgress = ignore): Promise<SnapshotInfo> {
    return (await this.#store()).import(
      ungzipped(file, doneBytes => onProgress(doneBytes, file.size)),
      name,
    );
  }

  async read(id: string): Promise<SavedSnapshot> {
    return (await this.#store()).read(id);
  }

  /** Forgets the automatic save of the machine, so that it is not resumed. */
  async forgetOwn(): Promise<void> {
    const store = await this.#store();
    if (store.own !== undefined) await store.remove(store.own.id);
  }

  /** The machine continues from a snapshot: the next save stores what is different. */
  async follow(snapshot: SavedSnapshot, modules: readonly CompiledModule[]): Promise<void> {
    (await this.#store()).follow(snapshot, modules);
  }

  /**
   * Saves a machine, which keeps running while most of it is copied, and stops for a moment. With a name it is kept beside what is saved without anybody
   * asking.
   */
  async save(guest: Guest, terminals: readonly TerminalPort[], machine: string, name?: string): Promise<SnapshotInfo> {
    const start = performance.now();
    try {
      const saving = this.#save(guest, terminals, machine, name);
      this.#current = saving;
      const { snapshot, heldMilliseconds } = await withTimeout(saving, SAVE_MILLISECONDS, 'The machine could not be saved within a minute.');
      this.#report.emit({ kind: 'saved', snapshot, elapsedMilliseconds: performance.now() - start, heldMilliseconds });
      return snapshot;
    } catch (error) {
      const failure = error instanceof SandboxError ? error : new SandboxError('machine-failed', 'The machine could not be saved.', { cause: error });
      this.#report.emit({ kind: 'failed', code: failure.code, message: failure.message });
      throw failure;
    }
  }

  /** While `work` goes on, saves leave the machine no time beside them: nobody looks at it, and the page may soon be gone. */
  async inHurry(work: () => Promise<void> | undefined): Promise<void> {
    this.#isHurried = true;
    try {
      await work();
    } finally {
      this.#isHurried = false;
    }
  }

  /** Resolves when no save is under way: a machine that is being saved must not be taken apart. */
  async settled(): Promise<void> {
    await this.#current.catch(() => undefined);
  }

  async #save(
    guest: Guest,
    terminals: readonly TerminalPort[],
    machine: string,
    name?: string,
  ): Promise<{ snapshot: SnapshotInfo; heldMilliseconds: number }> {
    const store = await this.#store();
    await untilAnswering(guest);
    const draft = await store.begin();
    let taken: Taken;
    try {
      // The page keeps files itself: it shall know all that the saved machine does.
      guest.tree.guestChanges.tellAll();
      const { memory, writtenBlocks } = guest.machine.look();
      await besideMachine(draft.copyAhead({ memory, blocks: writtenBlocks }), () => this.#isHurried);
      taken = await takeHeld(guest, terminals, draft);
    } catch (error) {
      await draft.abandon();
      throw error;
    }
    const { savedAt, heldMilliseconds } = taken;
    return { snapshot: await draft.finish({ machine, savedAt, ...(name !== undefined && { name }) }), heldMilliseconds };
  }
}

const ignore = (): void => undefined;

interface Taken {
  /** The moment, in milliseconds since 1970. */
  readonly savedAt: number;
  /** How long the machine stood still. */
  readonly heldMilliseconds: number;
}

/** Takes a machine as it is at one moment. */
async function takeHeld(guest: Guest, terminals: readonly TerminalPort[], draft: SnapshotDraft): Promise<Taken> {
  const start = performance.now();
  const held = await guest.machine.hold();
  const savedAt = Date.now();
  try {
    const { devices, memory, ramStart, modules, writtenBlocks } = held;
    const parts = { devices: new Uint8Array(devices), workspace: saveTree(guest.tree.store), guest: stateOf(guest, terminals) };
    draft.take({ memory, ramStart, modules, blocks: writtenBlocks, parts });
  } finally {
    held.release();
  }
  return { savedAt, heldMilliseconds: performance.now() - start };
}

/** A guest that has crashed must not take the place of one that could go on. One that waits for somebody to read does not answer either. */
async function untilAnswering({ agent, machine }: Guest): Promise<void> {
  if (machine.ports.some(({ isHeld }) => isHeld)) return;
  await withTimeout(agent.status(), ANSWER_MILLISECONDS, 'The machine does not answer, so it was not saved.');
}

function stateOf({ nineP, agent }: Guest, terminals: readonly TerminalPort[]): Uint8Array {
  const state: GuestState = { nineP: nineP.saveState(), agent: agent.saveState(), terminals: terminals.map(terminal => terminal.saveState()) };
  return new TextEncoder().encode(JSON.stringify(state));
}
