import { afterEach, describe, expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { EmbedClient } from '../../../src/core/embed/embed-client.ts';
import type { EmbedEvent } from '../../../src/core/embed/embed-messages.ts';
import { serveEmbed, type EmbedServer, type EmbedTarget } from '../../../src/core/embed/embed-server.ts';

const BOUND = 10_000;

/** A target that does nothing but what a test gives it. */
function targetWith(parts: Partial<EmbedTarget>): EmbedTarget {
  const unasked = (): Promise<never> => Promise.reject(new Error('not asked for'));
  return { open: unasked, ready: unasked, run: unasked, readFile: unasked, writeFiles: unasked, check: unasked, ...parts };
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

interface Joined {
  readonly client: EmbedClient;
  readonly server: EmbedServer;
  readonly events: EmbedEvent[];
  /** The ends of the channel, for what neither side would say. */
  readonly hostPort: MessagePort;
  readonly framePort: MessagePort;
}

function join(parts: Partial<EmbedTarget>): Joined {
  const { port1: hostPort, port2: framePort } = new MessageChannel();
  const events: EmbedEvent[] = [];
  const server = serveEmbed(targetWith(parts), framePort);
  const client = new EmbedClient(hostPort, event => events.push(event));
  open.push(() => hostPort.close());
  return { client, server, events, hostPort, framePort };
}

/** Resolves when what was sent on the channel before has arrived. */
const settled = async (client: EmbedClient): Promise<void> => void (await client.call('ready', {}, BOUND).catch(() => undefined));

describe('the port between a host and its frame', () => {
  test('a command goes over and its answer comes back', async () => {
    const asked: unknown[] = [];
    const { client } = join({
      run: parameters => {
        asked.push(parameters);
        return Promise.resolve({ exitCode: 3, stdout: 'out', stderr: 'err' });
      },
    });
    expect(await client.call('run', { command: 'false', stdin: 'x' }, BOUND)).toEqual({ exitCode: 3, stdout: 'out', stderr: 'err' });
    expect(asked).toEqual([{ command: 'false', stdin: 'x' }]);
  });

  test('files go over as they are, both ways', async () => {
    const files = new Map<string, unknown>();
    const { client } = join({
      writeFiles: ({ files: given }) => {
        for (const [path, content] of Object.entries(given)) files.set(path, content);
        return Promise.resolve(undefined);
      },
      readFile: ({ path }) => Promise.resolve(path === 'bytes.bin' ? new Uint8Array([0, 255, 10]) : undefined),
    });
    await client.call('writeFiles', { files: { 'a.txt': 'ä', 'b.bin': new Uint8Array([1, 0]), gone: null } }, BOUND);
    expect([...files]).toEqual([
      ['a.txt', 'ä'],
      ['b.bin', new Uint8Array([1, 0])],
      ['gone', null],
    ]);
    expect(await client.call('readFile', { path: 'bytes.bin' }, BOUND)).toEqual(new Uint8Array([0, 255, 10]));
    expect(await client.call('readFile', { path: 'none' }, BOUND)).toBeUndefined();
  });

  test('calls overtake each other', async () => {
    let finish: () => void = () => undefined;
    const { client } = join({
      run: () => new Promise(resolve => (finish = () => resolve({ exitCode: 0, stdout: '', stderr: '' }))),
      readFile: () => Promise.resolve(undefined),
    });
    const slow = client.call('run', { command: 'sleep 9' }, BOUND);
    await client.call('readFile', { path: 'x' }, BOUND);
    finish();
    expect((await slow).exitCode).toBe(0);
  });

  test('an error keeps its code and its words', async () => {
    const { client } = join({ run: () => Promise.reject(new SandboxError('timed-out', 'It took too long.')) });
    await expect(client.call('run', { command: 'x' }, BOUND)).rejects.toMatchObject({ code: 'timed-out', message: 'It took too long.' });
  });

  test('events are told in order', async () => {
    const { client, server, events } = join({});
    server.tell({ name: 'progress', detail: { stage: 'boot', message: 'Booting', loadedBytes: 0, totalBytes: 0 } });
    server.tell({ name: 'lesson-completed', detail: { lesson: 'x', title: 'X', stepCount: 2 } });
    await settled(client);
    expect(events.map(({ name }) => name)).toEqual(['progress', 'lesson-completed']);
  });

  test('a call without an answer is given up, and its late answer does nothing', async () => {
    let finish: () => void = () => undefined;
    const { client } = join({ run: () => new Promise(resolve => (finish = () => resolve({ exitCode: 0, stdout: '', stderr: '' }))) });
    await expect(client.call('run', { command: 'x' }, 10)).rejects.toMatchObject({ code: 'timed-out', message: expect.stringContaining('"run"') });
    finish();
    await settled(client);
  });

  test('what waits when the connection is closed rejects, and so does what comes later', async () => {
    const { client } = join({ run: () => new Promise(() => undefined) });
    const waiting = client.call('run', { command: 'x' }, BOUND);
    client.close(new SandboxError('cancelled', 'Taken off.'));
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await expect(client.call('ready', {}, BOUND)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('wrong and hostile messages', () => {
  test.each([
    ['run', { command: '' }, /"command"/],
    ['run', { command: 7 }, /"command"/],
    ['run', { command: 'x'.repeat(70_000) }, /longer than/],
    ['run', { command: 'x', stdin: 5 }, /"stdin"/],
    ['run', { command: 'x', timeoutMilliseconds: -1 }, /"timeoutMilliseconds"/],
    ['run', { command: 'x', timeoutMilliseconds: Number.NaN }, /"timeoutMilliseconds"/],
    ['readFile', { path: '' }, /"path"/],
    ['readFile', undefined, /must be an object/],
    ['writeFiles', { files: [] }, /"files" must be an object/],
    ['writeFiles', { files: { 'a.txt': 1 } }, /"a.txt"/],
    ['open', { files: 'a' }, /"files" must be an object/],
  ] as const)('%s with %j is refused on both sides before it is done', async (name, parameters, problem) => {
    const { client, hostPort } = join({});
    await expect(client.call(name, parameters as never, BOUND)).rejects.toMatchObject({
      code: 'call-refused',
      message: expect.stringMatching(problem),
    });
    // The host is not obliged to use our embed.js.
    const answer = new Promise<unknown>(resolve => (hostPort.onmessage = ({ data }) => resolve(data)));
    hostPort.postMessage({ kind: 'call', id: 1, name, parameters });
    expect(await answer).toMatchObject({ id: 1, ok: false, error: { code: 'call-refused', message: expect.stringMatching(problem) } });
  });

  test('a name that is no call, also one that every object has', async () => {
    const { hostPort } = join({});
    for (const name of ['constructor', '__proto__', 'eval', 5, undefined]) {
      const answer = new Promise<unknown>(resolve => (hostPort.onmessage = ({ data }) => resolve(data)));
      hostPort.postMessage({ kind: 'call', id: 2, name, parameters: {} });
      expect(await answer).toMatchObject({ id: 2, ok: false, error: { code: 'call-refused' } });
    }
  });

  test.each([
    [undefined],
    [null],
    ['call'],
    [[]],
    [{ kind: 'call' }],
    [{ kind: 'call', id: 'x', name: 'ready', parameters: {} }],
    [{ kind: 'answer', id: 1 }],
  ])('the frame ignores %j', async nonsense => {
    const { hostPort, client } = join({ ready: () => Promise.resolve({ kind: 'restored', elapsedMilliseconds: 1, lesson: undefined }) });
    hostPort.postMessage(nonsense);
    expect((await client.call('ready', {}, BOUND)).kind).toBe('restored');
  });

  test.each([
    [undefined],
    ['answer'],
    [{ kind: 'answer', id: 1 }],
    [{ kind: 'answer', id: 1, ok: false, error: 'text' }],
    [{ kind: 'answer', id: 99, ok: true }],
    [{ kind: 'event', name: 'constructor', detail: {} }],
    [{ kind: 'event', name: 'progress', detail: { stage: 1 } }],
    [{ kind: 'event', name: 'error', detail: new Error('x') }],
  ])('the host ignores %j', async nonsense => {
    const { framePort, client, events } = join({ readFile: () => Promise.resolve(new Uint8Array([1])) });
    const call = client.call('readFile', { path: 'x' }, BOUND);
    framePort.postMessage(nonsense);
    expect(await call).toEqual(new Uint8Array([1]));
    expect(events).toEqual([]);
  });

  test('an answer of another shape than the call’s is a fault, not a value', async () => {
    const { client } = join({ run: () => Promise.resolve({ exitCode: '0' } as never) });
    await expect(client.call('run', { command: 'x' }, BOUND)).rejects.toMatchObject({ code: 'embed-mismatch' });
  });

  test('more calls at once than the frame takes are refused, the others go on', async () => {
    const finish: (() => void)[] = [];
    const { client } = join({ run: () => new Promise(resolve => finish.push(() => resolve({ exitCode: 0, stdout: '', stderr: '' }))) });
    const calls = Array.from({ length: 65 }, () => client.call('run', { command: 'x' }, BOUND));
    await expect(calls[64]).rejects.toMatchObject({ code: 'call-refused' });
    for (const one of finish) one();
    expect((await Promise.all(calls.slice(0, 64))).length).toBe(64);
  });
});
