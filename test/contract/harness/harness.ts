/** The page's RemoteSandbox within reach of a test outside the browser: everything that crosses is plain data. */
import { createMachineWorker, RemoteSandbox } from '../../../src/app/session/machine/remote-sandbox.ts';
import { encodeError, outcomeOf, type Outcome } from '../../../src/core/protocol/error-codec.ts';
import type { RunOptions, SnapshotInfo, SnapshotList, TerminalSession, TerminalSize } from '../../../src/core/protocol/sandbox.ts';
import type { Connection } from '../../../src/core/network/connection.ts';
import type { FileChange } from '../../../src/core/workspace/file-change.ts';

export interface Harness {
  ready(): Promise<Outcome<unknown>>;
  run(command: string, options: RunOptions): Promise<Outcome<unknown>>;
  applyFiles(changes: readonly PlainChange[]): Promise<Outcome<unknown>>;
  replaceFiles(changes: readonly PlainChange[]): Promise<Outcome<unknown>>;
  save(name?: string): Promise<Outcome<SnapshotInfo>>;
  saveChanges(): Promise<Outcome<unknown>>;
  snapshots(): Promise<Outcome<SnapshotList>>;
  removeSnapshot(id: string): Promise<Outcome<unknown>>;
  dial(target: string): Promise<Outcome<number>>;
  writeTo(connection: number, bytes: readonly number[]): Promise<Outcome<void>>;
  end(connection: number): void;
  closeConnection(connection: number): void;
  hub(): Promise<Outcome<unknown>>;
  openTerminal(index: number, size: TerminalSize): Promise<Outcome<number>>;
  write(terminal: number, bytes: readonly number[]): Promise<Outcome<unknown>>;
  resize(terminal: number, size: TerminalSize): void;
  close(terminal: number): void;
  dispose(): Promise<Outcome<unknown>>;
}

/** A FileChange whose bytes are numbers. */
export type PlainChange = Omit<FileChange, 'content'> & { readonly content?: readonly number[] };

/** What a connection of the harness tells: bytes as numbers, or its end. */
export interface ConnectionNews {
  readonly id: number;
  readonly kind: 'data' | 'closed';
  readonly value: unknown;
}

declare global {
  var harness: Harness;
  /** Given by the test: hears events. */
  var tell: (kind: string, value: unknown) => void;
}

const sandbox = new RemoteSandbox({ baseUrl: document.baseURI, startFrom: 'fresh', saveUnder: 'contract/', createWorker: createMachineWorker });
const terminals: TerminalSession[] = [];
const connections: Connection[] = [];
sandbox.onStatus(status => tell('status', status));
sandbox.onEngineNews(news => tell('engine-news', news));
sandbox.onPorts(ports => tell('ports', ports));
sandbox.onSave(report => tell('save', report));
sandbox.onFileChange(change => tell('file-change', 'content' in change ? { ...change, content: [...change.content] } : change));

function ofPlain(change: PlainChange): FileChange {
  return ('content' in change ? { ...change, content: Uint8Array.from(change.content ?? []) } : change) as FileChange;
}

globalThis.harness = {
  ready: () => outcomeOf(() => sandbox.ready),
  run: (command, options) => outcomeOf(() => sandbox.run(command, options)),
  applyFiles: changes => outcomeOf(() => sandbox.applyFiles(changes.map(ofPlain))),
  replaceFiles: changes => outcomeOf(() => sandbox.replaceFiles(changes.map(ofPlain))),
  save: name => outcomeOf(() => sandbox.save(name)),
  saveChanges: () => outcomeOf(() => sandbox.saveChanges()),
  snapshots: () => outcomeOf(() => sandbox.snapshots()),
  removeSnapshot: id => outcomeOf(() => sandbox.removeSnapshot(id)),
  dial: target =>
    outcomeOf(async () => {
      const connection = await sandbox.dial(target);
      const id = connections.push(connection) - 1;
      connection.onData(bytes => {
        tell('connection', { id, kind: 'data', value: [...bytes] });
        connection.acknowledge(bytes.length);
      });
      connection.onClose(error => {
        const value: Outcome<void> = error === undefined ? { ok: true, value: undefined } : { ok: false, error: encodeError(error) };
        tell('connection', { id, kind: 'closed', value });
      });
      return id;
    }),
  writeTo: (connection, bytes) => outcomeOf(() => connections[connection]?.write(Uint8Array.from(bytes))),
  end: connection => connections[connection]?.end(),
  closeConnection: connection => connections[connection]?.close(),
  hub: () => outcomeOf(() => sandbox.hub()),
  openTerminal: (index, size) =>
    outcomeOf(async () => {
      const session = await sandbox.openTerminal(index, size);
      const id = terminals.push(session) - 1;
      session.onOutput(bytes => {
        tell('output', { id, bytes: [...bytes] });
        session.acknowledge(bytes.length);
      });
      return id;
    }),
  write: (terminal, bytes) => outcomeOf(() => terminals[terminal]?.write(Uint8Array.from(bytes))),
  resize: (terminal, size) => terminals[terminal]?.resize(size),
  close: terminal => terminals[terminal]?.close(),
  dispose: () => outcomeOf(() => sandbox.dispose()),
};
