import { signal, type ReadonlySignal } from '@preact/signals';
import { TERMINAL_COUNT } from '../../core/protocol/sandbox.ts';
import { createIndexedDbStorage } from './file-storage.ts';
import { Engine } from './engine.ts';
import { GuestSync } from './guest-sync.ts';
import { LabSession } from './lab.ts';
import { Library } from './library.ts';
import { Machine } from './machine.ts';
import { Messages } from './messages.ts';
import { OpenFiles } from './open-files.ts';
import { listenToServiceWorker } from '../preview/service-worker-registration.ts';
import { findPreviewSite } from '../preview/preview-site.ts';
import { Preview } from './preview.ts';
import { createMachineWorker } from './remote-sandbox.ts';
import { Settings } from './settings.ts';
import { starterFiles } from './starter-files.ts';
import { TerminalLink } from './terminal-link.ts';
import { WorkspaceLock } from './workspace-lock.ts';
import { WorkspaceStore } from './workspace-store.ts';

/** Whether this tab may work on the workspace. */
export type Ownership = 'opening' | 'elsewhere' | 'owned' | 'lost';

/** A reload may find the page it replaces still holding the workspace: that long it is not worth a message. */
const RELOAD_MILLISECONDS = 600;

/** Everything one open page is about, without any view: files, machine, terminals, messages, settings. */
export class Session {
  readonly settings = new Settings();
  readonly messages = new Messages();
  readonly store: WorkspaceStore;
  readonly openFiles: OpenFiles;
  readonly engine = new Engine();
  readonly machine: Machine;
  /** What can be pulled. */
  readonly library = new Library(() => this.machine.hub());
  /** What containers publish, and the pane that shows it. */
  readonly preview: Preview;
  readonly terminals: readonly TerminalLink[];
  /** Containers against virtual machines. */
  readonly lab: LabSession;
  /** Which terminal is in front. */
  readonly activeTerminal = signal(0);
  /** Which pane of the side column is in front: an id of side/side-panes.ts. */
  readonly activeSidePane = signal('browser');
  readonly #sync: GuestSync;
  readonly #lock: WorkspaceLock;
  readonly #ownership = signal<Ownership>('opening');
  readonly #filesLoaded = signal(false);
  readonly #sidePanesAsked = signal(0);
  readonly #commandsProposed = signal(0);
  #tellFilesLoaded: () => void = () => undefined;

  constructor(baseUrl: string) {
    // Two Drydocks at two paths of one origin (a host with many projects) keep their files apart.
    const name = `drydock:${new URL('.', baseUrl).pathname}`;
    this.store = new WorkspaceStore(createIndexedDbStorage(name));
    this.openFiles = new OpenFiles(this.store);
    this.#sync = new GuestSync(this.store, text => this.messages.problem(text));
    const filesLoaded = new Promise<void>(resolve => (this.#tellFilesLoaded = resolve));
    this.machine = new Machine({
      baseUrl,
      sync: this.#sync,
      engine: this.engine,
      messages: this.messages,
      filesLoaded,
      createWorker: createMachineWorker,
    });
    this.lab = new LabSession(baseUrl, this.machine);
    this.preview = new Preview({
      ports: this.machine.ports,
      findSite: () => findPreviewSite(baseUrl),
      onCall: (call, port) => void (this.lab.servePreview(call, port) || this.machine.servePreview(call, port)),
      onFirstPort: ({ hostPort }) => this.#showFirstPort(hostPort),
      showPane: () => this.showSidePane('browser'),
    });
    // From the start: a page of a port that is open in another tab may ask before anything else does.
    listenToServiceWorker(this.preview);
    this.terminals = Array.from({ length: TERMINAL_COUNT }, () => new TerminalLink(() => this.flush()));
    this.#lock = new WorkspaceLock(name, () => this.store.flush());
    this.#lock.onLost(() => this.#lose());
  }

  get ownership(): ReadonlySignal<Ownership> {
    return this.#ownership;
  }

  /** True when the files of an earlier visit, or the first two, are there to be shown. */
  get filesLoaded(): ReadonlySignal<boolean> {
    return this.#filesLoaded;
  }

  /** How often the learner asked for a pane of the side column: on a small screen it then comes to the front. */
  get sidePanesAsked(): ReadonlySignal<number> {
    return this.#sidePanesAsked;
  }

  /** Brings a pane of the side column to the front, as the learner wished. */
  showSidePane(id: string): void {
    this.activeSidePane.value = id;
    this.settings.sideCollapsed.value = false;
    this.#sidePanesAsked.value += 1;
  }

  /** How often a command was put at the prompt: on a small screen the terminals then come to the front. */
  get commandsProposed(): ReadonlySignal<number> {
    return this.#commandsProposed;
  }

  /** Puts a command at the prompt of the terminal in front; the learner presses Enter. */
  proposeCommand(command: string): void {
    if (this.terminals[this.activeTerminal.value]?.propose(command) !== true) {
      this.messages.problem('The terminal is not ready yet: wait until the machine runs.');
      return;
    }
    this.#commandsProposed.value += 1;
    this.messages.announce(`${command}: at the prompt of terminal ${this.activeTerminal.value + 1}. Press Enter to run it.`);
  }

  /** Opens the workspace and starts the machine, unless another tab has the workspace. */
  async open(): Promise<void> {
    if (await this.#lock.tryAcquire()) return this.#begin();
    const isReloading = await this.#lock.waitUntilFree(AbortSignal.timeout(RELOAD_MILLISECONDS));
    if (isReloading) return this.#begin();
    this.#ownership.value = 'elsewhere';
  }

  /** Makes this the tab that has the workspace. A tab that lost it starts anew, with the files as they are now. */
  async useHere(): Promise<void> {
    await this.#lock.takeOver();
    if (this.#ownership.value === 'lost') location.reload();
    else await this.#begin();
  }

  /** Resolves when everything typed is stored, and in the guest if there is one. */
  async flush(): Promise<void> {
    await Promise.all([this.store.flush(), this.#sync.flush()]);
  }

  /** Puts the first visit's files back and removes all others. */
  resetFiles(): void {
    for (const path of [...this.store.entries.keys()].filter(path => !path.includes('/'))) {
      if (!starterFiles.has(path)) this.store.remove(path, 'page');
    }
    for (const [path, text] of starterFiles) {
      if (this.store.entries.get(path)?.kind === 'folder') this.store.remove(path, 'page');
      this.store.write(path, new TextEncoder().encode(text), { executable: false, origin: 'page' });
    }
  }

  async #begin(): Promise<void> {
    this.#ownership.value = 'owned';
    // The machine first: its download is what the learner waits for, and the files are only needed when it is up.
    const isStarted = this.machine.start();
    await this.store.load(starterFiles);
    const first = this.store.entries.has('Dockerfile') ? 'Dockerfile' : firstFile(this.store);
    if (first !== undefined) this.openFiles.open(first);
    this.#filesLoaded.value = true;
    this.#tellFilesLoaded();
    await isStarted;
    // The editor completes its names.
    await this.library.load();
  }

  /** The pane opens by itself, once: whoever closes it again wants the room. On a small screen the learner goes on with what is in front. */
  #showFirstPort(port: number): void {
    if (!this.settings.sideCollapsed.value && this.activeSidePane.value !== 'browser') {
      // The learner is looking at something else there: it is not taken from him.
      const action = { label: 'Show it', run: () => this.preview.open({ port, path: '/' }) };
      this.messages.show(`localhost:${port} is published: the Browser pane shows it.`, { action });
      return;
    }
    this.activeSidePane.value = 'browser';
    this.settings.sideCollapsed.value = false;
    this.messages.announce(`localhost:${port} is published: the Browser pane shows it.`);
  }

  #lose(): void {
    this.store.freeze();
    this.#ownership.value = 'lost';
    void this.machine.stop();
  }
}

function firstFile(store: WorkspaceStore): string | undefined {
  return [...store.entries].find(([path, entry]) => entry.kind === 'file' && !path.includes('/'))?.[0];
}
