import { fromBase64 } from '../base/text.ts';
import { messageOf, SandboxError, withTimeout } from '../base/errors.ts';
import { orUncaught } from '../base/uncaught.ts';
import type { BootReport, BootStage, Notice, SandboxStatus, SnapshotInfo } from '../protocol/sandbox.ts';
import { ChunkSource } from './load/chunk-source.ts';
import { createGuest, type Guest, type GuestParts } from './guest/guest.ts';
import { parseGuestState } from './guest/guest-state.ts';
import { checkStateFits, loadStateBody, loadStateHead } from './load/machine-loader.ts';
import type { MachineSaves } from './save/machine-saves.ts';
import type { MachineManifest } from './load/manifest.ts';
import type { PatientLoading } from './load/patient-loading.ts';
import type { SandboxOptions } from './sandbox-options.ts';
import { loadSnapshot } from './load/snapshot-loader.ts';
import type { TerminalPort } from './guest/terminal-port.ts';

const ANSWER_MILLISECONDS = 20_000;
const BOOT_MILLISECONDS = 180_000;
const ENGINE_POLL_MILLISECONDS = 500;

/** What a start works with, and whom it tells. */
export interface GuestStartWorld {
  readonly options: SandboxOptions;
  readonly loading: PatientLoading;
  readonly saves: MachineSaves;
  /** What a saved machine must have been made with. */
  readonly fingerprint: string;
  /** Has the sandbox been given up meanwhile? */
  isDisposed(): boolean;
  /** Makes a guest the sandbox's, before it runs; gives its terminals. */
  adopt(guest: Guest): readonly TerminalPort[];
  report(stage: BootStage, message: string, loadedBytes?: number, totalBytes?: number): void;
  tell(notice: Notice): void;
  onStatus(status: SandboxStatus): void;
}

/** A guest that runs, and how it came up. */
export interface StartedGuest {
  readonly guest: Guest;
  readonly how: Pick<BootReport, 'kind' | 'reason' | 'savedAt'>;
}

/**
 * Has a guest come up: as the learner left it, or from the state that the site serves, or by a full boot. What does not work is said, and the next
 * is tried. `made` is called as soon as the guest answers.
 */
export class GuestStart {
  #guest: Guest | undefined;

  constructor(
    private readonly world: GuestStartWorld,
    private readonly manifest: MachineManifest,
    private readonly made: (guest: Guest) => void,
  ) {}

  async run(): Promise<StartedGuest> {
    const how = await this.#anyHow();
    return { guest: this.#guest!, how };
  }

  async #anyHow(): Promise<StartedGuest['how']> {
    const savedAt = await this.#tryResume();
    if (savedAt !== undefined) return { kind: 'resumed', savedAt };
    const reason = this.world.options.startFrom === 'boot' ? 'A full boot was asked for.' : await this.#tryRestore();
    if (reason === undefined) return { kind: 'restored' };
    await this.#boot(reason);
    return { kind: 'cold', reason };
  }

  /** Resumes a machine that was saved in this browser. Gives the time of the save, or undefined if there is none or it did not work. */
  async #tryResume(): Promise<number | undefined> {
    const { startFrom = 'saved', snapshotFolder } = this.world.options;
    if (snapshotFolder === undefined || startFrom === 'fresh' || startFrom === 'boot') return undefined;
    try {
      const info = await this.#wantedSnapshot(startFrom);
      if (info === undefined) return undefined;
      await this.#resume(info);
      return info.savedAt;
    } catch (error) {
      await this.#giveUp(error);
      const loss = 'A fresh one was started instead. Your files are here; containers and the images you built are not.';
      this.world.tell({ code: 'not-resumed', message: `Your saved machine could not be woken: ${messageOf(error)} ${loss}`, canRetry: false });
      return undefined;
    }
  }

  async #wantedSnapshot(startFrom: 'saved' | { readonly snapshot: string }): Promise<SnapshotInfo | undefined> {
    const { fingerprint, saves } = this.world;
    const all = startFrom === 'saved' ? await saves.list().catch(noneIfRefused) : await saves.list();
    const wanted = startFrom === 'saved' ? all.find(({ name }) => name === undefined) : all.find(({ id }) => id === startFrom.snapshot);
    if (wanted === undefined && startFrom !== 'saved') throw new SandboxError('snapshot-damaged', 'The snapshot is no longer there.');
    if (wanted !== undefined && wanted.machine !== fingerprint) {
      throw new SandboxError('snapshot-mismatch', 'It was made by an earlier version of this site, which has other programs on its disk.');
    }
    return wanted;
  }

  async #resume({ id }: SnapshotInfo): Promise<void> {
    const { world } = this;
    const snapshot = await world.saves.read(id);
    const { layout, bytes, index } = snapshot;
    const report = (loaded: number): void => world.report('resume', 'Reading your saved machine', loaded, bytes);
    report(0);
    const [devices, workspace, state] = await Promise.all([snapshot.part('devices'), snapshot.part('workspace'), snapshot.part('guest')]);
    const { nineP, agent, terminals } = parseGuestState(state);
    const saved = { devices: devices.buffer, layout, ramStart: index.head.ramStart };
    const guest = await this.#make({ ...(await this.#commonParts()), saved, workspace, ninePState: nineP });
    const ports = world.adopt(guest);
    const modules = await loadSnapshot(snapshot, guest.machine, report);
    this.#checkWanted();
    terminals.forEach((terminal, number) => ports[number]?.resume(terminal));
    guest.agent.resume(agent);
    await this.#wake(guest);
    await world.saves.follow(snapshot, modules);
  }

  /** Restores the state that the site serves; gives the reason where that did not work. */
  async #tryRestore(): Promise<string | undefined> {
    const { manifest, world } = this;
    try {
      checkStateFits(manifest);
      const common = this.#commonParts();
      const { index, devices } = await loadStateHead(manifest.state, world.loading);
      const saved = { devices, layout: index.layout, ramStart: index.ramStart };
      const guest = await this.#make({ ...(await common), saved, ninePState: manifest.ninePState });
      const ports = world.adopt(guest);
      await loadStateBody(manifest.state, index, guest.machine, world.loading, (loaded, total) =>
        world.report('download', 'Downloading the machine', loaded, total),
      );
      this.#checkWanted();
      world.report('restore', 'Waking the machine');
      manifest.terminals.forEach((shown, number) => ports[number]?.show(fromBase64(shown)));
      await this.#wake(guest);
      return undefined;
    } catch (error) {
      await this.#giveUp(error);
      return messageOf(error);
    }
  }

  async #boot(reason: string): Promise<void> {
    const { world } = this;
    const message = `The saved machine could not be used: ${reason} The PC is booting from the start instead, which takes about a minute.`;
    if (world.options.startFrom !== 'boot') world.tell({ code: 'cold-boot', message, canRetry: false });
    world.report('boot', 'Booting the PC from the start');
    const guest = await this.#make({ ...(await this.#commonParts()), kernel: await world.loading.readFile('bzImage') });
    world.adopt(guest);
    const up = new Promise<void>(resolve => guest.agent.onUp(resolve));
    guest.machine.run();
    await withTimeout(up, BOOT_MILLISECONDS, 'The PC did not boot within three minutes. Reload the page; close other busy tabs first.');
    this.made(guest);
    world.report('engine', 'Starting the Docker Engine');
    await this.#untilEngine(guest);
  }

  async #untilEngine(guest: Guest): Promise<void> {
    const end = performance.now() + BOOT_MILLISECONDS;
    for (;;) {
      const status = await guest.agent.status();
      this.world.onStatus(status);
      if (status.engine === 'running') return;
      if (performance.now() > end) throw new SandboxError('timed-out', 'The Docker Engine did not start within three minutes. Restart the machine.');
      await new Promise<void>(resolve => setTimeout(resolve, ENGINE_POLL_MILLISECONDS));
    }
  }

  /** Has a guest that was saved go on. */
  async #wake(guest: Guest): Promise<void> {
    guest.machine.run();
    await withTimeout(guest.agent.status(), ANSWER_MILLISECONDS, 'It does not answer.');
    this.made(guest);
  }

  /** Makes a guest, or fails with what was thrown where nobody could catch it. */
  async #make(parts: GuestParts): Promise<Guest> {
    this.#guest = await orUncaught(() => createGuest(parts), this.world.options.onUncaught, startError);
    this.#checkWanted();
    return this.#guest;
  }

  #checkWanted(): void {
    if (this.world.isDisposed()) throw new SandboxError('cancelled', 'The machine was stopped while it was starting.');
  }

  async #giveUp(error: unknown): Promise<void> {
    await this.#guest?.machine.dispose();
    this.#guest = undefined;
    if (this.world.isDisposed()) throw error;
  }

  async #commonParts(): Promise<GuestParts> {
    const { loading, options } = this.world;
    const [wasm, bios, vgaBios] = await Promise.all([loading.readFile('v86.wasm'), loading.readFile('bios.bin'), loading.readFile('vgabios.bin')]);
    return {
      wasm: new Uint8Array(wasm),
      bios,
      vgaBios,
      // The loading waits for what is missing, so that no read of the disk fails.
      disk: new ChunkSource(this.manifest.disk, loading),
      compilePolicy: options.compilePolicy,
      isKeepingCode: options.snapshotFolder !== undefined,
    };
  }
}

/** Where nothing can be kept, nothing is kept: the learner is told when they want to save. */
function noneIfRefused(error: unknown): [] {
  if (error instanceof SandboxError && error.code === 'storage-refused') return [];
  throw error;
}

/** What a failed start means for the learner: most often the browser has no half a gigabyte to give. */
function startError(error: unknown): SandboxError {
  if (error instanceof RangeError || /memory/i.test(messageOf(error))) {
    return new SandboxError(
      'out-of-memory',
      'The browser could not give the machine its 512 MB of memory. Close other tabs and programs, then reload the page.',
      { cause: error },
    );
  }
  return new SandboxError('machine-failed', `The emulated PC could not start (${messageOf(error)}). Reload the page.`, { cause: error });
}
