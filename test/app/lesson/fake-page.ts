import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { signal } from '@preact/signals';
import type { LessonWorld } from '../../../src/app/session/lesson/lesson-world.ts';
import { Lessons } from '../../../src/app/session/lesson/lessons.ts';
import type { Entry, FileStorage } from '../../../src/app/session/workspace/file-storage.ts';
import type { ProgressStorage } from '../../../src/app/session/lesson/lesson-progress.ts';
import type { MachineState } from '../../../src/app/session/machine/machine-run.ts';
import { OpenFiles } from '../../../src/app/session/workspace/open-files.ts';
import { BLANK_FRAME, type FrameState } from '../../../src/app/session/preview/preview.ts';
import type { EnteredCommand } from '../../../src/app/session/machine/terminal-link.ts';
import { WorkspaceStore } from '../../../src/app/session/workspace/workspace-store.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import { createDockerClient } from '../../../src/core/docker/docker-client.ts';
import { packLesson } from '../../../src/core/lesson/format/packed-lesson.ts';
import type { CommandResult, EngineNews, OpenPort } from '../../../src/core/protocol/sandbox.ts';
import { fakePeer } from '../../core/network/fake-dial.ts';

const running: MachineState = { kind: 'running', report: { kind: 'restored', elapsedMilliseconds: 1, loadedBytes: 1 } };

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Storage that outlives a page of the test. */
export class MemoryFileStorage implements FileStorage {
  entries: Map<string, Entry> | undefined;
  isRefusing = false;
  load(): Promise<Map<string, Entry> | undefined> {
    if (this.isRefusing) return Promise.reject(new Error('The browser keeps nothing.'));
    return Promise.resolve(this.entries && new Map(this.entries));
  }
  save(puts: ReadonlyMap<string, Entry>, deletes: readonly string[]): Promise<void> {
    if (this.isRefusing) return Promise.reject(new Error('The browser keeps nothing.'));
    this.entries ??= new Map();
    for (const path of deletes) this.entries.delete(path);
    for (const [path, entry] of puts) this.entries.set(path, entry);
    return Promise.resolve();
  }
}

/** What a browser keeps over visits. */
export class FakeBrowser {
  readonly storages = new Map<string, MemoryFileStorage>();
  readonly items = new Map<string, string>();
  readonly local: ProgressStorage = {
    getItem: key => this.items.get(key) ?? null,
    setItem: (key, value) => void this.items.set(key, value),
    removeItem: key => void this.items.delete(key),
  };

  storage(name: string): MemoryFileStorage {
    const storage = this.storages.get(name) ?? new MemoryFileStorage();
    this.storages.set(name, storage);
    return storage;
  }
}

/** A page without views and without a machine: a test says what the machine answers; lessons, checks and files are the real ones. */
export class FakePage {
  readonly store: WorkspaceStore;
  readonly openFiles: OpenFiles;
  readonly state = signal<MachineState>(running);
  readonly ports = signal<readonly OpenPort[]>([]);
  readonly frame = signal<FrameState>(BLANK_FRAME);
  readonly news = new Emitter<EngineNews>();
  readonly command = new Emitter<EnteredCommand>();
  readonly told: string[] = [];
  readonly problems: string[] = [];
  /** Does the machine go on after the visit? */
  isKept = false;
  readonly ran: string[] = [];
  /** The engine's answers by path. */
  readonly engine = new Map<string, string | Uint8Array>();
  /** Answers of programs behind ports. */
  readonly served = new Map<number, string>();
  runs: (command: string) => Promise<CommandResult> = () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
  readonly lessons: Lessons;
  readonly #followers = new Map<string, ReturnType<typeof fakePeer>>();

  constructor(
    readonly browser: FakeBrowser = new FakeBrowser(),
    baseUrl = 'http://localhost:9/',
  ) {
    this.store = new WorkspaceStore(browser.storage('own'));
    this.openFiles = new OpenFiles(this.store);
    this.lessons = new Lessons({
      baseUrl,
      scope: 'test',
      starterFiles: new Map([['own.txt', bytes('mine')]]),
      dropped: id => browser.storage(`folder of ${id}`),
      progressStorage: () => browser.local,
      showOwnFiles: () => this.openFiles.show('own.txt'),
      world: this.#world(),
    });
  }

  async open(): Promise<this> {
    await this.store.load(new Map([['own.txt', bytes('mine')]]));
    return this;
  }

  text(path: string): string | undefined {
    const entry = this.store.entries.get(path);
    return entry?.kind === 'file' ? new TextDecoder().decode(entry.content) : undefined;
  }

  type(path: string, text: string): void {
    this.store.write(path, bytes(text), { origin: 'editor' });
  }

  /** A command ends that began so long ago. */
  enter(text: string, exitCode = 0, elapsedMilliseconds = 0): void {
    this.command.emit({ text, exitCode, startMilliseconds: performance.now() - elapsedMilliseconds });
  }

  event(type: string, action: string): void {
    this.news.emit({ kind: 'event', event: { type, action, id: 'x', attributes: {}, timeMilliseconds: 0 } });
  }

  restartMachine(): void {
    this.state.value = { kind: 'starting' };
    this.state.value = { kind: 'running', report: { kind: 'cold', elapsedMilliseconds: 1, loadedBytes: 1 } };
  }

  /** The engine sends something more to whoever follows what is at this path. */
  sends(path: string, text: string): void {
    const peer = this.#followers.get(path);
    if (peer === undefined) throw new Error(`nobody follows ${path}`);
    peer.receive(text);
  }

  #world(): LessonWorld {
    // oxlint-disable-next-line no-this-alias, unicorn/no-this-assignment -- a getter has a this of its own
    const page = this;
    const client = createDockerClient(() => this.#dialEngine());
    return {
      store: this.store,
      openFiles: this.openFiles,
      machine: {
        state: this.state,
        ports: this.ports,
        onEngineNews: this.news.event,
        get isKept() {
          return page.isKept;
        },
        run: command => {
          this.ran.push(command);
          return this.runs(command);
        },
        dial: target => this.#dialPort(Number(target.slice(1))),
      },
      engine: { client },
      frame: this.frame,
      onCommand: this.command.event,
      messages: {
        announce: text => void this.told.push(text),
        problem: text => void this.problems.push(text),
        show: text => void this.told.push(text),
      },
      flush: () => this.store.flush(),
      showSidePane: () => undefined,
      storageOf: key => this.browser.storage(key ?? 'own'),
    };
  }

  #dialEngine(): ReturnType<ReturnType<typeof fakePeer>['dial']> {
    const peer = fakePeer();
    void peer.asked.then(() => {
      const path = /^GET \/v1\.45(\S+) /.exec(peer.sent())![1]!;
      if (path.includes('follow=true')) {
        this.#followers.set(path, peer);
        return peer.receive('HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n');
      }
      const answer = this.engine.get(path);
      const none = 'HTTP/1.1 404 Not Found\r\nContent-Length: 21\r\n\r\n{"message":"no such"}';
      if (answer instanceof Uint8Array) peer.receive(answer);
      else peer.receive(answer === undefined ? none : `HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`);
    });
    return peer.dial();
  }

  #dialPort(port: number): ReturnType<ReturnType<typeof fakePeer>['dial']> {
    const peer = fakePeer();
    const body = this.served.get(port);
    if (body === undefined) void peer.asked.then(() => peer.close());
    else void peer.asked.then(() => peer.receive(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    return peer.dial();
  }
}

/** What the real engine once answered. */
export function recorded(name: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`../../fixtures/docker/${name}.http`, import.meta.url)));
}

/** A lesson given as text, packed. */
export function packed(text: string, files: Record<string, string> = {}): string {
  const all = Object.entries({ 'lesson.md': text, ...files }).map(([path, content]) => [path, bytes(content)] as const);
  return packLesson('try', new Map(all));
}
