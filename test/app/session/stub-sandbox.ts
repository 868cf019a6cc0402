import { Emitter } from '../../../src/core/base/events.ts';
import type { Connection } from '../../../src/core/network/connection.ts';
import type {
  BootProgress,
  BootReport,
  EngineNews,
  Notice,
  OpenPort,
  Sandbox,
  SandboxStatus,
  SaveReport,
  SnapshotInfo,
  SnapshotList,
  TerminalSession,
  Transfer,
  UpstreamChoice,
} from '../../../src/core/protocol/sandbox.ts';
import type { FileChange } from '../../../src/core/workspace/file-change.ts';

/** A sandbox without a machine: a test says what it answers and sees what it was asked. */
export class StubSandbox implements Sandbox {
  readonly progress = new Emitter<BootProgress>();
  readonly onProgress = this.progress.event;
  readonly status = new Emitter<SandboxStatus>();
  readonly onStatus = this.status.event;
  readonly fileChange = new Emitter<FileChange>();
  readonly onFileChange = this.fileChange.event;
  readonly notice = new Emitter<Notice>();
  readonly onNotice = this.notice.event;
  readonly engineNews = new Emitter<EngineNews>();
  readonly onEngineNews = this.engineNews.event;
  readonly portsChange = new Emitter<readonly OpenPort[]>();
  readonly onPorts = this.portsChange.event;
  readonly saveReport = new Emitter<SaveReport>();
  readonly onSave = this.saveReport.event;
  readonly transfer = new Emitter<Transfer>();
  readonly onTransfer = this.transfer.event;
  ports: readonly OpenPort[] = [];
  saved: SnapshotInfo[] = [];
  readonly applied: FileChange[] = [];
  ready: Promise<BootReport> = Promise.resolve({ kind: 'restored', elapsedMilliseconds: 1, loadedBytes: 2 });
  runs: Sandbox['run'] = () => Promise.resolve({ exitCode: 0, stdout: 'out', stderr: '' });
  applies: (changes: readonly FileChange[]) => Promise<void> = () => Promise.resolve();
  opens: () => Promise<TerminalSession> = () => Promise.reject(new Error('no terminal'));
  dials: (target: string) => Promise<Connection> = () => Promise.reject(new Error('nothing to dial'));
  isDisposed = false;

  openTerminal(): Promise<TerminalSession> {
    return this.opens();
  }

  run(...call: Parameters<Sandbox['run']>): ReturnType<Sandbox['run']> {
    return this.runs(...call);
  }

  async applyFiles(changes: readonly FileChange[]): Promise<void> {
    await this.applies(changes);
    this.applied.push(...changes);
  }

  async replaceFiles(changes: readonly FileChange[]): Promise<void> {
    await this.applyFiles(changes);
  }

  save(name?: string): Promise<SnapshotInfo> {
    const snapshot = { id: `${this.saved.length}`, savedAt: 1, bytes: 2, machine: 'machine', ...(name !== undefined && { name }) };
    this.saved.push(snapshot);
    this.saveReport.emit({ kind: 'saved', snapshot, elapsedMilliseconds: 1, heldMilliseconds: 1 });
    return Promise.resolve(snapshot);
  }

  saveChanges(): Promise<void> {
    return Promise.resolve();
  }

  snapshots(): Promise<SnapshotList> {
    return Promise.resolve({ snapshots: this.saved, usedBytes: 2 * this.saved.length, machine: 'machine' });
  }

  exportSnapshot(): Promise<Blob> {
    return Promise.resolve(new Blob(['a snapshot']));
  }

  importSnapshot(_: Blob, name: string): Promise<SnapshotInfo> {
    return this.save(name);
  }

  removeSnapshot(id: string): Promise<void> {
    this.saved = this.saved.filter(one => one.id !== id);
    return Promise.resolve();
  }

  dial(target: string): Promise<Connection> {
    return this.dials(target);
  }

  servePreview(_: unknown, port: MessagePort): Promise<void> {
    port.postMessage({ kind: 'end' });
    return Promise.resolve();
  }

  hub(): ReturnType<Sandbox['hub']> {
    return Promise.resolve([{ name: 'redis', tags: ['8'], description: '', isOfficial: true, bytes: 1, wireBytes: 1, layers: [] }]);
  }

  readonly nearestAsked: boolean[] = [];
  giveNearestImages(isWanted: boolean): Promise<void> {
    this.nearestAsked.push(isWanted);
    return Promise.resolve();
  }

  readonly upstreamsChosen: UpstreamChoice[] = [];
  chooseUpstreams(choice: UpstreamChoice): Promise<void> {
    this.upstreamsChosen.push(choice);
    return Promise.resolve();
  }

  kept = 0;
  keptBytes(): Promise<number> {
    return Promise.resolve(this.kept);
  }

  forgetKept(): Promise<void> {
    this.kept = 0;
    return Promise.resolve();
  }

  retry(): Promise<void> {
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}
