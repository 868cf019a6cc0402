import { TypedInstalls } from '../archive/install-words.ts';
import { UnknownPackages } from '../archive/unknown-packages.ts';
import { messageOf, SandboxError, withTimeout } from '../base/errors.ts';
import { Emitter, type Event } from '../base/events.ts';
import { createDockerClient } from '../docker/docker-client.ts';
import type { EngineNews } from '../docker/engine-types.ts';
import type { MachineCounters } from '../machine/machine.ts';
import type { Connection } from '../network/connection.ts';
import { CookieJar } from '../preview/cookie-jar.ts';
import type { OpenPort, PreviewCall } from '../preview/preview-call.ts';
import { PreviewServer } from '../preview/preview-server.ts';
import type {
  BootProgress,
  BootReport,
  BootStage,
  CommandResult,
  Notice,
  OnByteProgress,
  RunOptions,
  Sandbox,
  SandboxStatus,
  SaveReport,
  SnapshotInfo,
  SnapshotList,
  TerminalSession,
  TerminalSize,
  Transfer,
  UpstreamChoice,
} from '../protocol/sandbox.ts';
import { ENGINE_SOCKET, TERMINAL_COUNT } from '../protocol/sandbox.ts';
import type { FileChange } from '../workspace/file-change.ts';
import type { ArtifactHost } from './load/artifact-host.ts';
import { AutoSave } from './save/auto-save.ts';
import { BlobLoader } from './load/blob-loader.ts';
import { ClockKeeper } from './guest/clock-keeper.ts';
import { EngineWatch } from './guest/engine-watch.ts';
import { DiskTrimmer } from './guest/disk-trimmer.ts';
import type { Guest } from './guest/guest.ts';
import { GuestStart, type GuestStartWorld, type StartedGuest } from './guest-start.ts';
import { loadManifest } from './load/machine-loader.ts';
import { fingerprintOf, MachineSaves } from './save/machine-saves.ts';
import type { MachineManifest } from './load/manifest.ts';
import { OutsideWorld } from './outside/outside-world.ts';
import { PatientLoading } from './load/patient-loading.ts';
import { PublishedPorts } from './guest/published-ports.ts';
import type { SandboxOptions } from './sandbox-options.ts';
import { TerminalPort } from './guest/terminal-port.ts';
import { packagesWantedIn } from './outside/wanted-packages.ts';

export type { SandboxOptions } from './sandbox-options.ts';

/** A sandbox in this process: what the page's interface has, and counts for the bench. */
export interface LocalSandbox extends Sandbox {
  counters(): MachineCounters;
}

const STATUS_MILLISECONDS = 4000;
/** Only looks: nothing in the engine tells of it. */
const WARM_UP_COMMAND = 'docker ps -q';
/** The page shows its terminals first. */
const WARM_UP_DELAY_MILLISECONDS = 500;
const WARM_UP_LIMIT_MILLISECONDS = 20_000;
/** How long the sandbox watches whether the guest is working, and how many instructions in that time count as work: a tenth of what it can do. */
const BUSY_LOOK_MILLISECONDS = 300;
const BUSY_INSTRUCTIONS = 2_000_000;
/** Saving would stop the machine for seconds, only to find this. */
const NOT_WHILE_MISSING =
  'The machine is waiting for a part of its disk that has not arrived, and cannot be saved until it has. It tries again by itself: save it when that message is gone.';
/** How long a machine that is switched off waits for a save that is under way. */
const SETTLE_MILLISECONDS = 10_000;

/** Makes a sandbox from what a host can read. It boots by itself: see `ready`, `onProgress` and `onNotice`. */
export function createSandbox(host: ArtifactHost, options: SandboxOptions): LocalSandbox {
  return new InProcessSandbox(host, options);
}

class InProcessSandbox implements LocalSandbox {
  readonly #progress = new Emitter<BootProgress>();
  readonly onProgress = this.#progress.event;
  readonly #status = new Emitter<SandboxStatus>();
  readonly onStatus = this.#status.event;
  readonly #fileChange = new Emitter<FileChange>();
  readonly onFileChange = this.#fileChange.event;
  readonly #notice = new Emitter<Notice>();
  readonly onNotice = this.#notice.event;
  readonly #engineNews = new Emitter<EngineNews>();
  readonly onEngineNews = this.#engineNews.event;
  readonly #portsChange = new Emitter<readonly OpenPort[]>();
  readonly onPorts = this.#portsChange.event;
  readonly #transfer = new Emitter<Transfer>();
  readonly onTransfer = this.#transfer.event;
  readonly ready: Promise<BootReport>;
  readonly onSave: Event<SaveReport>;

  readonly #start = performance.now();
  readonly #loader: BlobLoader;
  readonly #outside: OutsideWorld;
  #loadedBytes = 0;
  readonly #loading: PatientLoading;
  #guest: Guest | undefined;
  #guestMade: Promise<Guest>;
  #terminals: TerminalPort[] = [];
  #engineWatch: EngineWatch | undefined;
  #publishedPorts: PublishedPorts | undefined;
  #previews: PreviewServer | undefined;
  #statusTimer: ReturnType<typeof setTimeout> | undefined;
  #warmUpTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #saves: MachineSaves;
  readonly #autoSave: AutoSave | undefined;
  #fingerprint = '';
  #trimmer: DiskTrimmer | undefined;
  readonly #clock = new ClockKeeper(milliseconds => this.#guest?.agent.setTime(milliseconds));
  #disposed = false;

  constructor(
    private readonly host: ArtifactHost,
    private readonly options: SandboxOptions,
  ) {
    this.#loader = new BlobLoader({
      readFile: (name, onBytes) => host.readFile(name, onBytes),
      readBlob: async (sha256, fresh) => {
        const bytes = await host.readBlob(sha256, fresh);
        this.#loadedBytes += bytes.length;
        return bytes;
      },
    });
    this.#loading = new PatientLoading(
      host,
      this.#loader,
      notice => this.#notice.emit(notice),
      count => (this.#loadedBytes += count),
    );
    this.#outside = new OutsideWorld(
      host,
      this.#loader,
      notice => this.#notice.emit(notice),
      options.wayOut,
      transfer => this.#transfer.emit(transfer),
    );
    this.#saves = new MachineSaves(options.snapshotFolder ?? (() => Promise.resolve(undefined)));
    this.onSave = this.#saves.onReport;
    this.#autoSave =
      options.snapshotFolder &&
      new AutoSave(
        () => this.save(),
        () => this.#isBusy(),
        () => !this.#loading.isLoading,
      );
    let made: (guest: Guest) => void = () => undefined;
    let failed: (error: unknown) => void = () => undefined;
    this.#guestMade = new Promise((resolve, reject) => ([made, failed] = [resolve, reject]));
    this.ready = this.#boot(made);
    this.ready.catch(failed);
    // A caller that needs these awaits them. A page that has not done so yet must not see an unhandled rejection.
    this.#guestMade.catch(() => undefined);
  }

  async openTerminal(index: number, size: TerminalSize): Promise<TerminalSession> {
    await this.#guestMade;
    const terminal = this.#terminals[index];
    if (!terminal) throw new SandboxError('guest-unreachable', `There is no terminal ${index}: the guest has ${TERMINAL_COUNT}.`);
    return terminal.open(size);
  }

  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    const guest = await this.#readyGuest();
    this.#autoSave?.note();
    return guest.agent.run(command, options);
  }

  async applyFiles(changes: readonly FileChange[]): Promise<void> {
    const guest = await this.#guestMade;
    for (const change of changes) guest.tree.apply(change);
  }

  async replaceFiles(changes: readonly FileChange[]): Promise<void> {
    const guest = await this.#guestMade;
    guest.tree.replaceAll(changes);
  }

  async save(name?: string): Promise<SnapshotInfo> {
    const guest = await this.#readyGuest();
    if (this.#loading.isMissing) throw new SandboxError('download-failed', NOT_WHILE_MISSING);
    const info = await this.#saves.save(guest, this.#terminals, this.#fingerprint, name);
    if (name !== undefined) this.#autoSave?.saved();
    return info;
  }

  async saveChanges(): Promise<void> {
    // While a part of its disk is missing it cannot be saved: what was saved before stays.
    if (this.#guest !== undefined && !this.#loading.isMissing) await this.#saves.inHurry(() => this.#autoSave?.hurry());
  }

  async snapshots(): Promise<SnapshotList> {
    const [snapshots, usedBytes] = await Promise.all([this.#saves.list(), this.#saves.usedBytes()]);
    return { snapshots, usedBytes, machine: this.#fingerprint };
  }

  removeSnapshot(id: string): Promise<void> {
    return this.#saves.remove(id);
  }

  exportSnapshot(id: string, onProgress?: OnByteProgress): Promise<Blob> {
    return this.#saves.export(id, onProgress);
  }

  async importSnapshot(file: Blob, name: string, onProgress?: OnByteProgress): Promise<SnapshotInfo> {
    const snapshot = await this.#saves.import(file, name, onProgress);
    if (snapshot.machine === this.#fingerprint) return snapshot;
    await this.#saves.remove(snapshot.id);
    throw new SandboxError('snapshot-mismatch', 'This snapshot was made by another version of this site: its machine cannot run here.');
  }

  async dial(target: string): Promise<Connection> {
    const guest = await this.#readyGuest();
    return guest.agent.dial(target);
  }

  get ports(): readonly OpenPort[] {
    return this.#publishedPorts?.ports ?? [];
  }

  async servePreview(call: PreviewCall, port: MessagePort): Promise<void> {
    await this.#readyGuest();
    await this.#previews!.serve(call, port);
  }

  hub(): ReturnType<Sandbox['hub']> {
    return this.#outside.images();
  }

  giveNearestImages(isWanted: boolean): Promise<void> {
    this.#outside.giveNearest(isWanted);
    return Promise.resolve();
  }

  chooseUpstreams(choice: UpstreamChoice): Promise<void> {
    this.#outside.chooseUpstreams(choice);
    return Promise.resolve();
  }

  async keptBytes(): Promise<number> {
    return (await this.options.wayOut?.kept.usedBytes()) ?? 0;
  }

  async forgetKept(): Promise<void> {
    await this.options.wayOut?.kept.clear();
  }

  retry(): Promise<void> {
    this.#loading.retry();
    return Promise.resolve();
  }

  counters(): MachineCounters {
    return this.#guest?.machine.counters() ?? { instructions: 0, compiledModules: 0, compiledBytes: 0 };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#statusTimer);
    clearTimeout(this.#warmUpTimer);
    this.#autoSave?.stop();
    this.#clock.stop();
    this.#trimmer?.stop();
    this.#engineWatch?.stop();
    this.#publishedPorts?.stop();
    this.#outside.close();
    await withTimeout(this.#saves.settled(), SETTLE_MILLISECONDS, '').catch(() => undefined);
    this.#loading.close();
    await this.#guest?.machine.dispose();
  }

  async #readyGuest(): Promise<Guest> {
    await this.ready;
    return this.#guest!;
  }

  #report(stage: BootStage, message: string, loadedBytes = 0, totalBytes = 0): void {
    this.#progress.emit({ stage, message, loadedBytes, totalBytes, elapsedMilliseconds: performance.now() - this.#start });
  }

  async #boot(made: (guest: Guest) => void): Promise<BootReport> {
    this.#report('download', 'Reading what the machine is made of');
    const manifest = await this.#loading.try(() => loadManifest(this.host));
    this.#fingerprint = await fingerprintOf(manifest);
    const { guest, how } = await this.#startGuest(manifest, made);
    this.#guest = guest;
    this.#clock.start();
    this.#trimmer = new DiskTrimmer(guest);
    this.#pollStatus();
    this.#watchEngine(guest);
    this.#report('ready', 'Ready');
    this.#forgetOld();
    if (this.options.warmUp === true) this.#warmUpTimer = setTimeout(() => this.#warmUp(), WARM_UP_DELAY_MILLISECONDS);
    return {
      ...how,
      elapsedMilliseconds: performance.now() - this.#start,
      loadedBytes: this.#loadedBytes,
    };
  }

  #startGuest(manifest: MachineManifest, made: (guest: Guest) => void): Promise<StartedGuest> {
    const world: GuestStartWorld = {
      options: this.options,
      loading: this.#loading,
      saves: this.#saves,
      fingerprint: this.#fingerprint,
      isDisposed: () => this.#disposed,
      adopt: guest => this.#adopt(guest),
      report: (stage, message, loadedBytes, totalBytes) => this.#report(stage, message, loadedBytes, totalBytes),
      tell: notice => this.#notice.emit(notice),
      onStatus: status => this.#status.emit(status),
    };
    return new GuestStart(world, manifest, made).run();
  }

  /** The caller that asked for another machine has said that the old one may go. The old one stayed until this one was up. */
  #forgetOld(): void {
    const { startFrom, snapshotFolder } = this.options;
    if (snapshotFolder === undefined || (startFrom !== 'fresh' && startFrom !== 'boot')) return;
    // Where nothing is kept there is nothing to forget.
    this.#saves.forgetOwn().catch(() => undefined);
  }

  #adopt(guest: Guest): readonly TerminalPort[] {
    this.#guest = guest;
    this.#terminals = guest.machine.ports.slice(0, TERMINAL_COUNT).map((port, index) => {
      const resize = (size: TerminalSize): void => guest.machine.resize(index, size.columns, size.rows);
      return new TerminalPort(port, resize, () => this.#autoSave?.note());
    });
    for (const port of guest.machine.ports.slice(0, TERMINAL_COUNT)) {
      const [unknown, typed] = [new UnknownPackages(), new TypedInstalls()];
      port.onOutput(bytes => {
        this.#outside.wantPackages(typed.take(bytes));
        unknown.take(bytes).forEach(name => void this.#outside.tellOfUnknownPackage(name));
      });
    }
    this.#outside.aptWishes = () => packagesWantedIn(guest.tree);
    this.#previews = new PreviewServer(
      { dial: target => guest.agent.dial(target), ports: async () => (await this.#publishedPorts?.settled()) ?? [] },
      new CookieJar(),
    );
    guest.agent.onConnection(connection => this.#outside.take(connection));
    guest.tree.onGuestChange(change => {
      this.#autoSave?.note();
      this.#fileChange.emit(change);
    });
    return this.#terminals;
  }

  #watchEngine({ agent }: Guest): void {
    const docker = createDockerClient(() => agent.dial(ENGINE_SOCKET));
    this.#engineWatch = new EngineWatch(docker);
    this.#engineWatch.onNews(news => {
      if (news.kind === 'event') this.#autoSave?.note();
      this.#engineNews.emit(news);
    });
    this.#publishedPorts = new PublishedPorts(docker, this.#engineWatch.onNews);
    this.#publishedPorts.onChange(ports => this.#portsChange.emit(ports));
  }

  /** Does the guest work on something? An idle one has a few thousand instructions to do for its clock. */
  async #isBusy(): Promise<boolean> {
    const before = this.counters().instructions;
    await new Promise<void>(resolve => setTimeout(resolve, BUSY_LOOK_MILLISECONDS));
    return this.counters().instructions - before > BUSY_INSTRUCTIONS;
  }

  /** Not while the learner is already typing: they would have to share the machine with it. */
  #warmUp(): void {
    if (this.#disposed || this.#terminals.some(({ hasInput }) => hasInput)) return;
    // Where it fails, the learner's own command tells why.
    this.#guest!.agent.run(WARM_UP_COMMAND, { timeoutMilliseconds: WARM_UP_LIMIT_MILLISECONDS }).catch(() => undefined);
  }

  #pollStatus(): void {
    const poll = async () => {
      try {
        this.#status.emit(await this.#guest!.agent.status());
      } catch (error) {
        if (!this.#disposed) this.#notice.emit({ code: 'guest-unreachable', message: messageOf(error), canRetry: false });
      }
      if (!this.#disposed) this.#statusTimer = setTimeout(() => void poll(), STATUS_MILLISECONDS);
    };
    void poll();
  }
}
