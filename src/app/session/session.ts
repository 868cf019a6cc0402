import { signal, type ReadonlySignal } from '@preact/signals';
import { SandboxError } from '../../core/base/errors.ts';
import { CONTAINER_PORT } from '../../core/lab/lab-state.ts';
import { TERMINAL_COUNT } from '../../core/protocol/sandbox.ts';
import { BulkChange } from './workspace/bulk-change.ts';
import { randomSandboxName, workspaceNameOf, type Embedding, type StartFiles } from './embedding.ts';
import { createGuardedStorage, createIndexedDbStorage, createRememberingStorage, type FileStorage } from './workspace/file-storage.ts';
import { Engine } from './machine/engine.ts';
import { GuestSync } from './workspace/guest-sync.ts';
import type { LessonRun } from './lesson/lesson-run.ts';
import { Lessons } from './lesson/lessons.ts';
import { LabSession } from './lab/lab.ts';
import { Library } from './machine/library.ts';
import { Machine } from './machine/machine.ts';
import { MemoryWatch } from './machine/memory-watch.ts';
import { Messages } from './messages.ts';
import { NearestChoice } from './machine/nearest-choice.ts';
import { Network } from './machine/network.ts';
import { OfflineLoader } from './offline/offline-loader.ts';
import { holdRelease } from './offline/release-keeper.ts';
import { OpenFiles } from './workspace/open-files.ts';
import { pageLayouts, type PageLayout } from './page-layout.ts';
import { listenToServiceWorker } from './preview/service-worker-registration.ts';
import { findPreviewSite } from './preview/preview-site.ts';
import { readSiteConfig } from './preview/site-config.ts';
import { Preview } from './preview/preview.ts';
import { createMachineWorker } from './machine/remote-sandbox.ts';
import { SharedWorkspaces } from './shared-workspaces.ts';
import { Settings } from './settings.ts';
import { starterFiles } from './workspace/starter-files.ts';
import { TerminalLink } from './machine/terminal-link.ts';
import { WorkspaceLock } from './workspace/workspace-lock.ts';
import { WorkspaceStore } from './workspace/workspace-store.ts';

/** Whether this tab may work on the workspace. */
export type Ownership = 'opening' | 'elsewhere' | 'owned' | 'lost';

/** A reload may find the page it replaces still holding the workspace: that long it is not worth a message. An embed has nobody to ask, so it waits longer. */
const RELOAD_MILLISECONDS = 600;
const EMBED_RELOAD_MILLISECONDS = 2500;

/** Everything one open page is about, without any view: files, machine, terminals, messages, settings. */
export class Session {
  /** Present where this page is a part of another one. */
  readonly embedding: Embedding | undefined;
  readonly layout: PageLayout;
  readonly settings: Settings;
  /** Under which everything of this page is kept in the browser. */
  readonly workspaceName: string;
  readonly messages = new Messages();
  readonly store: WorkspaceStore;
  readonly openFiles: OpenFiles;
  /** Changes of many files at once, to be taken back. */
  readonly bulkChange: BulkChange;
  readonly engine = new Engine();
  readonly machine: Machine;
  /** Whether it has memory left. */
  readonly memory: MemoryWatch;
  /** What can be pulled. */
  readonly library = new Library(() => this.machine.hub());
  /** Whether the nearest image answers where one is not there. */
  readonly nearestImages: NearestChoice;
  /** The servers outside. */
  readonly network: Network;
  /** What containers publish, and the pane that shows it. */
  readonly preview: Preview;
  readonly terminals: readonly TerminalLink[];
  /** The course, and the lesson that is open. */
  readonly lessons: Lessons;
  /** Workspaces that came by links and archives. */
  readonly shared: SharedWorkspaces;
  /** The lesson that the page around has asked for, or the address. */
  readonly #wantedRun = signal<LessonRun | undefined>(undefined);
  /** Containers against virtual machines. */
  readonly lab: LabSession;
  /** What of the site the browser keeps; undefined where this page is a part of another one, which decides about that. */
  readonly offline: OfflineLoader | undefined;
  /** Which terminal is in front. */
  readonly activeTerminal = signal(0);
  /** Which pane of the side column is in front: an id of page/side-panes.ts. */
  readonly activeSidePane = signal('browser');
  readonly #sync: GuestSync;
  readonly #lock: WorkspaceLock;
  readonly #storages = new Map<string, FileStorage>();
  readonly #ownership = signal<Ownership>('opening');
  readonly #filesLoaded = signal(false);
  readonly #sidePanesAsked = signal(0);
  readonly #commandsProposed = signal(0);
  #wantedLesson: string | null = null;
  #wantedShared: string | undefined;
  #tellFilesLoaded: () => void = () => undefined;
  #startFiles: StartFiles = starterFiles;
  /** Why nothing may be kept. */
  #refusal: SandboxError | undefined;

  constructor(baseUrl: string, embedding?: Embedding) {
    this.embedding = embedding;
    this.layout = pageLayouts[embedding?.options.layout ?? 'full'];
    this.settings = new Settings(embedding && { theme: themeOf(embedding) });
    this.workspaceName = workspaceNameOf(baseUrl, embedding);
    const sandbox = embedding && randomSandboxName();
    this.store = new WorkspaceStore(this.#storageOf(this.workspaceName));
    this.openFiles = new OpenFiles(this.store);
    this.bulkChange = new BulkChange(this.store);
    this.#sync = new GuestSync(this.store, text => this.messages.problem(text));
    const filesLoaded = new Promise<void>(resolve => (this.#tellFilesLoaded = resolve));
    this.nearestImages = new NearestChoice(this.settings.nearestImages);
    this.network = new Network(this.settings.network);
    const config = readSiteConfig(baseUrl);
    void this.nearestImages.follow(config.then(({ nearestImages }) => nearestImages));
    void this.network.follow(config.then(({ upstreams }) => upstreams));
    this.machine = new Machine({
      baseUrl,
      givesNearestImages: this.nearestImages.isOn,
      network: this.network,
      sandbox,
      // What an embed begins with is its host's to say.
      saveUnder: embedding === undefined ? this.workspaceName : undefined,
      sync: this.#sync,
      engine: this.engine,
      messages: this.messages,
      filesLoaded,
      createWorker: createMachineWorker,
    });
    holdRelease(baseUrl);
    this.offline = embedding === undefined ? new OfflineLoader(baseUrl, this.machine.state, this.machine.notices, this.messages) : undefined;
    this.memory = new MemoryWatch(this.machine);
    this.lab = new LabSession(baseUrl, this.machine);
    this.preview = new Preview({
      sandbox,
      ports: this.machine.ports,
      findSite: () => findPreviewSite(baseUrl),
      onCall: (call, port) => void (this.lab.servePreview(call, port) || this.machine.servePreview(call, port)),
      onFirstPort: ({ hostPort }) => this.#showFirstPort(hostPort),
      showPane: () => this.showSidePane('browser'),
    });
    // From the start: a page of a port that is open in another tab may ask before anything else does.
    listenToServiceWorker(this.preview);
    this.terminals = Array.from({ length: TERMINAL_COUNT }, () => new TerminalLink(() => this.flush()));
    this.lessons = this.#createLessons(baseUrl);
    this.lessons.attachLab(this.lab);
    this.lab.follow(this.lessons.run);
    this.shared = this.#createShared();
    this.#lock = new WorkspaceLock(this.workspaceName, () => this.#handOver());
    this.#lock.onLost(() => this.#lose());
  }

  get ownership(): ReadonlySignal<Ownership> {
    return this.#ownership;
  }

  /** True when the files of an earlier visit, or the first two, are there to be shown. */
  get filesLoaded(): ReadonlySignal<boolean> {
    return this.#filesLoaded;
  }

  /** True for the lesson that the page around, or the address, asked for; false for one that the learner has chosen. */
  isWantedRun(run: LessonRun): boolean {
    return this.#wantedRun.value === run;
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

  /** Types a command into the terminal in front and presses Enter. A program that runs there and waits for no line is not typed into. */
  runCommand(command: string): void {
    const index = this.activeTerminal.value;
    const link = this.terminals[index];
    const free = this.terminals.findIndex(other => other.connected.value && !other.isBusy);
    if (link?.connected.value === true && link.isBusy) {
      const other = free < 0 ? (index + 1) % this.terminals.length : free;
      const action = { label: `Open terminal ${other + 1}`, run: () => this.showTerminal(other) };
      this.messages.show(`A program is running in terminal ${index + 1}: press Ctrl+C there to end it, or use another terminal.`, { action });
      return;
    }
    if (link?.run(command) !== true) {
      this.messages.problem('The terminal is not ready yet: wait until the machine runs.');
      return;
    }
    this.#commandsProposed.value += 1;
    this.messages.announce(`Typed into terminal ${index + 1}: ${command}`);
  }

  /** Brings a terminal to the front and gives it the keyboard. */
  showTerminal(index: number): void {
    this.activeTerminal.value = index;
    this.#commandsProposed.value += 1;
    this.terminals[index]?.focus();
  }

  /**
   * Opens the workspace and starts the machine, unless another tab has the workspace. `lesson` is what `?lesson=` asks for; `shared` the id of a
   * workspace from a link, with its own lesson if it has one.
   */
  async open(lesson: string | null = null, shared?: string): Promise<void> {
    this.#wantedLesson = lesson;
    this.#wantedShared = shared;
    if (await this.#lock.tryAcquire()) return this.#begin();
    const isReloading = await this.#lock.waitUntilFree(
      AbortSignal.timeout(this.embedding === undefined ? RELOAD_MILLISECONDS : EMBED_RELOAD_MILLISECONDS),
    );
    if (isReloading) return this.#begin();
    if (this.embedding === undefined) {
      this.#ownership.value = 'elsewhere';
      return;
    }
    // Two frames of one page that ask for the same: neither is to push the other aside.
    this.#refusal = new SandboxError('storage-refused', 'This sandbox is also open in another frame or tab, and only the files there are kept.');
    await this.#begin();
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

  /** The page is no longer seen, and may never be again: what can be kept is kept now. */
  leave(): void {
    void this.flush();
    void this.machine.saveChanges();
  }

  /** Puts the first files back, the lesson's or those of the first visit, and removes all others. */
  resetFiles(): void {
    this.store.replaceAll(this.lessons.run.value?.lesson.value.files ?? this.#startFiles);
  }

  async #begin(): Promise<void> {
    this.#ownership.value = 'owned';
    // The machine first: its download is what the learner waits for, and the files are only needed when it is up.
    const isStarted = this.machine.start();
    this.#startFiles = (await this.embedding?.startFiles) ?? starterFiles;
    await this.store.load(this.#startFiles);
    // Before anything is shown or goes to the guest: a lesson has files of its own.
    const isShared = this.#wantedShared !== undefined && (await this.shared.reopen(this.#wantedShared));
    if (this.#wantedShared !== undefined && !isShared) {
      this.messages.problem('This browser no longer has the workspace of that link: open the link itself again. These are your own files.');
    }
    if (this.#wantedLesson !== null && !isShared) {
      await this.lessons.openParameter(this.#wantedLesson);
      this.#wantedRun.value = this.lessons.run.value;
    }
    if (this.lessons.run.value === undefined && !isShared) this.#showOwnFiles();
    this.#filesLoaded.value = true;
    this.#tellFilesLoaded();
    await isStarted;
    // The editor completes its names.
    await this.library.load();
  }

  #showOwnFiles(): void {
    const first = this.store.entries.has('Dockerfile') ? 'Dockerfile' : firstFile(this.store);
    if (first !== undefined) this.openFiles.show(first);
  }

  #createShared(): SharedWorkspaces {
    const { lessons, messages, store } = this;
    return new SharedWorkspaces({
      scope: this.workspaceName,
      store,
      lessons,
      messages,
      storageOf: id => this.#storageOf(`${this.workspaceName}#shared:${id}`),
      own: () => ({ storage: this.#storageOf(this.workspaceName), starterFiles: this.#startFiles }),
      listStorage: () => this.#browserStorage(),
    });
  }

  /** Throws where nothing may be kept. */
  #browserStorage(): Storage {
    if (this.#refusal !== undefined) throw this.#refusal;
    return localStorage;
  }

  #createLessons(baseUrl: string): Lessons {
    const { engine, machine, messages, openFiles, preview, store, terminals } = this;
    return new Lessons({
      baseUrl,
      scope: this.workspaceName,
      starterFiles,
      dropped: id => this.#storageOf(`${this.workspaceName}#dropped-lesson:${id}`),
      progressStorage: () => this.#browserStorage(),
      showOwnFiles: () => this.#showOwnFiles(),
      world: {
        store,
        openFiles,
        machine,
        engine,
        messages,
        frame: preview.frame,
        onCommand: listener => {
          const stops = terminals.map(({ onCommand }) => onCommand(listener));
          return () => stops.forEach(stop => stop());
        },
        flush: () => this.flush(),
        showSidePane: id => this.showSidePane(id),
        storageOf: key => this.#storageOf(key === undefined ? this.workspaceName : `${this.workspaceName}#lesson:${key}`),
      },
    });
  }

  /** One for each database: what a refused one remembers must not be forgotten. */
  #storageOf(database: string): FileStorage {
    const known =
      this.#storages.get(database) ?? createRememberingStorage(createGuardedStorage(createIndexedDbStorage(database), () => this.#refusal));
    this.#storages.set(database, known);
    return known;
  }

  /** The pane opens by itself only once: learners who close it want the room. On a small screen, learners stay with what is in front. */
  #showFirstPort(port: number): void {
    // In the lab it is the learner who started it, and there is a button for its page.
    if (port === CONTAINER_PORT && this.activeSidePane.value === 'lab') return;
    const isElsewhere = !this.settings.sideCollapsed.value && this.activeSidePane.value !== 'browser';
    if (isElsewhere || !this.layout.hasSide) {
      // Learners are looking at something else there, or there is no room for it until they ask.
      const action = { label: 'Show it', run: () => this.preview.open({ port, path: '/' }) };
      this.messages.show(`localhost:${port} is published: the Browser pane shows it.`, { action });
      return;
    }
    this.activeSidePane.value = 'browser';
    this.settings.sideCollapsed.value = false;
    this.messages.announce(`localhost:${port} is published: the Browser pane shows it.`);
  }

  /** Another tab wants the workspace: it finds everything as it is now. */
  async #handOver(): Promise<void> {
    await this.flush();
    await this.machine.saveChanges();
  }

  #lose(): void {
    this.store.freeze();
    this.lessons.stop();
    this.#ownership.value = 'lost';
    void this.machine.stop();
    void this.lab.leave();
  }
}

function themeOf({ options }: Embedding): 'light' | 'dark' | undefined {
  return options.theme === 'auto' ? undefined : options.theme;
}

function firstFile(store: WorkspaceStore): string | undefined {
  return [...store.entries].find(([path, entry]) => entry.kind === 'file' && !path.includes('/'))?.[0];
}
