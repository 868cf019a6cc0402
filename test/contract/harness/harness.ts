/** The page's RemoteSandbox within reach of a test outside the browser: everything that crosses is plain data. */
import { createMachineWorker, RemoteSandbox } from '../../../src/app/session/remote-sandbox.ts';
import { outcomeOf, type Outcome } from '../../../src/core/protocol/error-codec.ts';
import type { RunOptions, TerminalSession, TerminalSize } from '../../../src/core/protocol/sandbox.ts';
import type { FileChange } from '../../../src/core/workspace/file-change.ts';

export interface Harness {
  ready(): Promise<Outcome<unknown>>;
  run(command: string, options: RunOptions): Promise<Outcome<unknown>>;
  applyFiles(changes: readonly PlainChange[]): Promise<Outcome<unknown>>;
  images(): Promise<Outcome<unknown>>;
  openTerminal(index: number, size: TerminalSize): Promise<Outcome<number>>;
  write(terminal: number, bytes: readonly number[]): Promise<Outcome<unknown>>;
  resize(terminal: number, size: TerminalSize): void;
  close(terminal: number): void;
  dispose(): Promise<Outcome<unknown>>;
}

/** A FileChange whose bytes are numbers. */
export type PlainChange = Omit<FileChange, 'content'> & { readonly content?: readonly number[] };

declare global {
  var harness: Harness;
  /** Given by the test: hears events. */
  var tell: (kind: string, value: unknown) => void;
}

const sandbox = new RemoteSandbox({ baseUrl: document.baseURI, coldBoot: false, createWorker: createMachineWorker });
const terminals: TerminalSession[] = [];
sandbox.onStatus(status => tell('status', status));
sandbox.onEngineNews(news => tell('engine-news', news));
sandbox.onFileChange(change => tell('file-change', 'content' in change ? { ...change, content: [...change.content] } : change));

globalThis.harness = {
  ready: () => outcomeOf(() => sandbox.ready),
  run: (command, options) => outcomeOf(() => sandbox.run(command, options)),
  applyFiles: changes =>
    outcomeOf(() =>
      sandbox.applyFiles(
        changes.map(change => ('content' in change ? { ...change, content: Uint8Array.from(change.content ?? []) } : change) as FileChange),
      ),
    ),
  images: () => outcomeOf(() => sandbox.images()),
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
