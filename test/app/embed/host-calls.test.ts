import { signal, type Signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostCalls } from '../../../src/app/embed/host-calls.ts';
import { tellProgress } from '../../../src/app/embed/host-lesson.ts';
import type { StartFiles } from '../../../src/app/session/embedding.ts';
import type { MachineState } from '../../../src/app/session/machine/machine-run.ts';
import type { WorkspaceStore } from '../../../src/app/session/workspace/workspace-store.ts';
import { EmbedClient } from '../../../src/core/embed/embed-client.ts';
import type { EmbedEvent } from '../../../src/core/embed/embed-messages.ts';
import { serveEmbed } from '../../../src/core/embed/embed-server.ts';
import type { RunOptions } from '../../../src/core/protocol/sandbox.ts';
import { bytes, FakePage, packed } from '../lesson/fake-page.ts';

const BOUND = 10_000;
const running: MachineState = { kind: 'running', report: { kind: 'restored', elapsedMilliseconds: 1, loadedBytes: 1 } };

/** What the host asked of the page, in order. */
let log: string[];
let page: FakePage;
let store: WorkspaceStore;
let state: Signal<MachineState>;
let filesLoaded: Signal<boolean>;
let begun: (StartFiles | undefined)[];
let events: EmbedEvent[];
let host: EmbedClient;
let hostPort: MessagePort;
beforeEach(async () => {
  log = [];
  begun = [];
  events = [];
  page = new FakePage();
  ({ state, store } = page);
  await store.load(new Map([['a.txt', bytes('text')]]));
  state.value = { kind: 'starting' };
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
  const calls = createHostCalls({ page: { store, filesLoaded, machine, lessons: page.lessons, flush }, begin });
  tellProgress(page.lessons, serveEmbed(calls, channel.port2).tell);
  host = new EmbedClient(channel.port1, event => events.push(event));
});
afterEach(() => {
  page.lessons.stop();
  hostPort.close();
});

const textOf = (path: string): string | undefined => page.text(path);

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
    expect(begun).toEqual([new Map([['app.py', bytes('print()')]])]);
    await host.call('open', {}, BOUND);
    await expect(host.call('open', { files: {} }, BOUND)).rejects.toMatchObject({
      code: 'call-refused',
      message: expect.stringContaining('writeFiles'),
    });
  });

  test('without a lesson there is nothing to check', async () => {
    state.value = running;
    await expect(host.call('check', {}, BOUND)).rejects.toMatchObject({ code: 'call-refused' });
  });
});

describe('a host and a lesson', () => {
  const lesson = `---
title: Try
summary: To try.
minutes: 1
---

## Write {#write}

\`\`\`check
- file: b.txt
  contains: hello
  hint: Write it.
\`\`\`

\`\`\`quiz
question: Yes?
options: [{ text: 'Yes', correct: true }, { text: 'No' }]
\`\`\`

## Read {#read}

Only text.
`;
  beforeEach(async () => {
    state.value = running;
    await page.lessons.open({ kind: 'packed', text: packed(lesson) });
  });

  test('is told what it is made of and how far the learner is', async () => {
    expect((await host.call('ready', {}, BOUND)).lesson).toEqual({
      id: 'try',
      title: 'Try',
      steps: [
        { id: 'write', title: 'Write', isPassed: false },
        { id: 'read', title: 'Read', isPassed: false },
      ],
    });
  });

  test('a check says what was expected, what was found and what to try', async () => {
    const report = await host.call('check', {}, BOUND);
    expect(report).toMatchObject({ lesson: 'try', step: { id: 'write', title: 'Write' }, isPassed: false });
    expect(report.checks).toEqual([
      {
        text: expect.stringContaining('b.txt'),
        outcome: 'failed',
        expected: expect.stringContaining('b.txt'),
        found: 'There is no file of that name.',
        hint: 'Write it.',
      },
      { text: 'Yes?', outcome: 'failed' },
    ]);
  });

  test('what the host writes counts; steps and the end are told', async () => {
    const run = page.lessons.run.value!;
    await host.call('writeFiles', { files: { 'b.txt': 'hello' } }, BOUND);
    expect((await host.call('check', {}, BOUND)).checks.map(({ outcome }) => outcome)).toEqual(['passed', 'failed']);
    await run.quizzes.answer(run.step.value.quizzes[0]!, [0]);
    const report = await host.call('check', {}, BOUND);
    expect([report.isPassed, report.checks.map(({ outcome }) => outcome)]).toEqual([true, ['passed', 'passed']]);
    run.next();
    run.next();
    await host.call('ready', {}, BOUND);
    expect(events).toMatchObject([
      { name: 'step-passed', detail: { lesson: 'try', step: 'write', title: 'Write', number: 1, stepCount: 2, passedCount: 1 } },
      { name: 'step-passed', detail: { lesson: 'try', step: 'read', title: 'Read', number: 2, stepCount: 2, passedCount: 2 } },
      { name: 'lesson-completed', detail: { lesson: 'try', title: 'Try', stepCount: 2 } },
    ]);
  });

  test('one that cannot be opened is told as what it is', async () => {
    await page.lessons.open({ kind: 'packed', text: '{}' });
    await expect(host.call('ready', {}, BOUND)).rejects.toMatchObject({ code: 'lesson-invalid' });
    await expect(host.call('check', {}, BOUND)).rejects.toMatchObject({ code: 'lesson-invalid' });
  });
});
