import { signal, type Signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostCalls } from '../../../src/app/embed/host-calls.ts';
import type { StartFiles } from '../../../src/app/session/embedding.ts';
import type { FileStorage } from '../../../src/app/session/file-storage.ts';
import type { MachineState } from '../../../src/app/session/machine.ts';
import { WorkspaceStore } from '../../../src/app/session/workspace-store.ts';
import { EmbedClient } from '../../../src/core/embed/embed-client.ts';
import { serveEmbed } from '../../../src/core/embed/embed-server.ts';
import type { RunOptions } from '../../../src/core/protocol/sandbox.ts';

const BOUND = 10_000;
const noStorage: FileStorage = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
const running: MachineState = { kind: 'running', report: { kind: 'restored', elapsedMilliseconds: 1, loadedBytes: 1 } };

/** What the host asked of the page, in order. */
let log: string[];
let store: WorkspaceStore;
let state: Signal<MachineState>;
let filesLoaded: Signal<boolean>;
let begun: (StartFiles | undefined)[];
let host: EmbedClient;
let hostPort: MessagePort;
beforeEach(async () => {
  log = [];
  begun = [];
  store = new WorkspaceStore(noStorage);
  await store.load(new Map([['a.txt', 'text']]));
  state = signal<MachineState>({ kind: 'starting' });
  filesLoaded = signal(true);
  const machine = {
    state,
    run: (command: string, options?: RunOptions) => {
      log.push(`run ${command} ${JSON.stringify(options)}`);
      return Promise.resolve({ exitCode: 0, stdout: 'out', stderr: '' });
    },
  };
  const flush = (): Promise<void> => {
    log.push('flush');
    return Promise.resolve();
  };
  const begin = (files: StartFiles | undefined): boolean => begun.push(files) === 1;
  const channel = new MessageChannel();
  hostPort = channel.port1;
  serveEmbed(createHostCalls({ page: { store, filesLoaded, machine, flush }, begin }), channel.port2);
  host = new EmbedClient(channel.port1, () => undefined);
});
afterEach(() => hostPort.close());

const textOf = (path: string): string | undefined => {
  const entry = store.entries.get(path);
  return entry?.kind === 'file' ? new TextDecoder().decode(entry.content) : undefined;
};

describe('what a host does with a page', () => {
  test('a command waits for the machine, then for the files', async () => {
    const result = host.call('run', { command: 'ls', directory: '/tmp' }, BOUND);
    await host.call('readFile', { path: 'a.txt' }, BOUND);
    expect(log).toEqual([]);
    state.value = running;
    expect(await result).toEqual({ exitCode: 0, stdout: 'out', stderr: '' });
    expect(log).toEqual(['flush', 'run ls {"directory":"/tmp"}']);
  });

  test('a machine that does not come up tells why, to each who waits', async () => {
    const calls = [host.call('ready', {}, BOUND), host.call('run', { command: 'ls' }, BOUND)];
    const failures = calls.map(call => expect(call).rejects.toMatchObject({ code: 'download-failed', message: 'No connection.' }));
    state.value = { kind: 'failed', code: 'download-failed', message: 'No connection.', detail: '' };
    await Promise.all(failures);
    state.value = running;
    expect((await host.call('ready', {}, BOUND)).kind).toBe('restored');
  });

  test('files are read as they are, and once they are there', async () => {
    filesLoaded.value = false;
    const read = host.call('readFile', { path: 'a.txt' }, BOUND);
    filesLoaded.value = true;
    expect(new TextDecoder().decode(await read)).toBe('text');
    expect(await host.call('readFile', { path: 'none' }, BOUND)).toBeUndefined();
    await expect(host.call('readFile', { path: '../etc/passwd' }, BOUND)).rejects.toMatchObject({ code: 'workspace-refused' });
  });

  test('files are written, replaced and removed, and the machine has them then', async () => {
    await host.call('writeFiles', { files: { 'a.txt': null, 'site/index.html': '<p>ä', 'b.bin': new Uint8Array([0, 255]) } }, BOUND);
    expect([textOf('a.txt'), textOf('site/index.html'), store.entries.get('b.bin')]).toEqual([
      undefined,
      '<p>ä',
      { kind: 'file', content: new Uint8Array([0, 255]), executable: false },
    ]);
    expect(log).toEqual(['flush']);
  });

  test('one wrong name, and nothing is written', async () => {
    const write = host.call('writeFiles', { files: { 'new.txt': 'x', '/etc/passwd': 'x' } }, BOUND);
    await expect(write).rejects.toMatchObject({ code: 'workspace-refused' });
    expect(textOf('new.txt')).toBeUndefined();
  });

  test('the files to begin with are taken once', async () => {
    await host.call('open', { files: { 'app.py': 'print()', 'gone.txt': null } }, BOUND);
    expect(begun).toEqual([new Map([['app.py', 'print()']])]);
    await host.call('open', {}, BOUND);
    await expect(host.call('open', { files: {} }, BOUND)).rejects.toMatchObject({
      code: 'call-refused',
      message: expect.stringContaining('writeFiles'),
    });
  });

  test('without a lesson there is nothing to check', async () => {
    await expect(host.call('check', {}, BOUND)).rejects.toMatchObject({ code: 'call-refused' });
  });
});
