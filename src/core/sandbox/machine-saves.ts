import { SandboxError, withTimeout } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import { gzipped, ungzipped } from '../base/gzip.ts';
import { lazily } from '../base/lazily.ts';
import { sha256Of } from '../base/sha256.ts';
import { MACHINE_FORMAT, type CompiledModule } from '../machine/machine.ts';
import type { SaveReport } from '../protocol/sandbox.ts';
import type { SavedSnapshot } from '../snapshots/saved-snapshot.ts';
import type { SnapshotFolder } from '../snapshots/snapshot-folder.ts';
import type { SnapshotInfo } from '../snapshots/snapshot-info.ts';
import { SnapshotStore } from '../snapshots/snapshot-store.ts';
import { saveTree } from '../workspace/tree-state.ts';
import type { Guest } from './guest.ts';
import type { MachineManifest } from './manifest.ts';
import type { GuestState } from './guest-state.ts';
import type { TerminalPort } from './terminal-port.ts';

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

  /** `folder` gives where to save, or undefined where the browser has no such place. */
  constructor(folder: () => Promise<SnapshotFolder | undefined>) {
    this.#store = lazily(async () => {
      const found = await withTimeout(folder(), OPEN_MILLISECONDS, 'The browser does not answer when asked for the saved machines.');
      if (found === undefined) {
        throw new SandboxError(
          'storage-refused',
          'This browser has no place where a machine could be kept, or refuses it here (a private window, or a setting), so the machine cannot be saved.',
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
  async export(id: string): Promise<Blob> {
    return gzipped(await (await this.#store()).export(id));
  }

  async import(file: Blob, name: string): Promise<SnapshotInfo> {
    return (await this.#store()).import(ungzipped(file), name);
  }

  async read(id: string): Promise<SavedSnapshot> {
    return (await this.#store()).read(id);
  }

  /** Forgets what was saved of the machine without anybody asking: it is not gone on with. */
  async forgetOwn(): Promise<void> {
    const store = await this.#store();
    if (store.own !== undefined) await store.remove(store.own.id);
  }

  /** The machine goes on from a snapshot: the next save stores what is different. */
  async follow(snapshot: SavedSnapshot, modules: readonly CompiledModule[]): Promise<void> {
    (await this.#store()).follow(snapshot, modules);
  }

  /** Saves a machine, which stands still for a moment. With a name it is kept beside what is saved without anybody asking. */
  async save(guest: Guest, terminals: readonly TerminalPort[], machine: string, name?: string): Promise<SnapshotInfo> {
    const start = performance.now();
    try {
      const saving = this.#save(guest, terminals, machine, name);
      this.#current = saving;
      const info = await withTimeout(saving, SAVE_MILLISECONDS, 'The machine could not be saved within a minute.');
      this.#report.emit({ kind: 'saved', snapshot: info, elapsedMilliseconds: performance.now() - start });
      return info;
    } catch (error) {
      const failure = error instanceof SandboxError ? error : new SandboxError('machine-failed', 'The machine could not be saved.', { cause: error });
      this.#report.emit({ kind: 'failed', code: failure.code, message: failure.message });
      throw failure;
    }
  }

  /** Resolves when no save is under way: a machine that is being saved must not be taken apart. */
  async settled(): Promise<void> {
    await this.#current.catch(() => undefined);
  }

  async #save(guest: Guest, terminals: readonly TerminalPort[], machine: string, name?: string): Promise<SnapshotInfo> {
    const store = await this.#store();
    await untilAnswering(guest);
    const draft = await store.begin();
    try {
      // The page keeps files itself: it shall know all that the saved machine does.
      guest.tree.guestChanges.tellAll();
      const held = await guest.machine.hold();
      try {
        const { devices, memory, ramStart, modules, writtenBlocks } = held;
        const parts = { devices: new Uint8Array(devices), workspace: saveTree(guest.tree.store), guest: stateOf(guest, terminals) };
        draft.take({ memory, ramStart, modules, blocks: writtenBlocks, parts });
      } finally {
        held.release();
      }
    } catch (error) {
      await draft.abandon();
      throw error;
    }
    return draft.finish({ machine, savedAt: Date.now(), ...(name !== undefined && { name }) });
  }
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
