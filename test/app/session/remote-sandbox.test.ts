import { expose } from 'comlink';
import { afterEach, describe, expect, test } from 'vitest';
import { RemoteSandbox, type WorkerEndpoint } from '../../../src/app/session/machine/remote-sandbox.ts';
import { SandboxError } from '../../../src/core/base/errors.ts';
import type { Notice, SandboxStatus } from '../../../src/core/protocol/sandbox.ts';
import type { FileChange } from '../../../src/core/workspace/file-change.ts';
import { createWorkerApi } from '../../../src/worker/worker-api.ts';
import { fakePeer } from '../../core/network/fake-dial.ts';
import { StubSandbox } from './stub-sandbox.ts';

/** The worker's code behind a message channel in place of a Worker, so that a test can kill it. */
class ChannelWorker implements WorkerEndpoint {
  readonly #channel = new MessageChannel();
  readonly #errors = new EventTarget();
  isTerminated = false;

  constructor(stub: StubSandbox) {
    this.#channel.port1.start();
    this.#channel.port2.start();
    expose(
      createWorkerApi(() => stub),
      this.#channel.port2,
    );
  }

  postMessage(message: unknown, transfer: Transferable[]): void {
    this.#channel.port1.postMessage(message, transfer);
  }

  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    (type === 'message' ? this.#channel.port1 : this.#errors).addEventListener(type, listener);
  }

  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    (type === 'message' ? this.#channel.port1 : this.#errors).removeEventListener(type, listener);
  }

  terminate(): void {
    this.isTerminated = true;
    this.#channel.port1.close();
  }

  fail(): void {
    this.#errors.dispatchEvent(new Event('error'));
  }
}

const opened: RemoteSandbox[] = [];
afterEach(async () => {
  for (const sandbox of opened.splice(0)) await sandbox.dispose();
});

function open(stub: StubSandbox): { sandbox: RemoteSandbox; worker: ChannelWorker } {
  const worker = new ChannelWorker(stub);
  const sandbox = new RemoteSandbox({ baseUrl: 'http://localhost/', startFrom: 'fresh', createWorker: () => worker });
  opened.push(sandbox);
  return { sandbox, worker };
}

const next = <T>(event: (listener: (value: T) => void) => unknown): Promise<T> => new Promise(resolve => event(resolve));

describe('the sandbox behind a worker', () => {
  test('passes calls and their answers', async () => {
    const { sandbox } = open(new StubSandbox());
    expect(await sandbox.ready).toEqual({ kind: 'restored', elapsedMilliseconds: 1, loadedBytes: 2 });
    expect(await sandbox.run('true', { directory: '/' })).toEqual({ exitCode: 0, stdout: 'out', stderr: '' });
    expect(await sandbox.hub()).toMatchObject([{ name: 'redis', tags: ['8'] }]);
  });

  test('takes whether the nearest image answers before it is ready, and later', async () => {
    const stub = new StubSandbox();
    const { sandbox } = open(stub);
    await sandbox.giveNearestImages(true);
    await sandbox.ready;
    await sandbox.giveNearestImages(false);
    expect(stub.nearestAsked).toEqual([true, false]);
  });

  test('passes a connection’s bytes both ways', async () => {
    const stub = new StubSandbox();
    const peer = fakePeer();
    stub.dials = target => (target === ':8080' ? peer.dial() : Promise.reject(new Error(target)));
    const { sandbox } = open(stub);
    const connection = await sandbox.dial(':8080');
    await connection.write(new TextEncoder().encode('GET'));
    expect(peer.sent()).toBe('GET');
    const data = next(connection.onData);
    const closed = next(connection.onClose);
    peer.receive('200');
    peer.close();
    expect(new TextDecoder().decode(await data)).toBe('200');
    expect(await closed).toBeUndefined();
    await expect(sandbox.dial(':1')).rejects.toMatchObject({ code: 'machine-failed' });
  });

  test('passes files both ways', async () => {
    const stub = new StubSandbox();
    const { sandbox } = open(stub);
    await sandbox.ready;
    const change: FileChange = { kind: 'written', path: 'a', content: new Uint8Array([1]), executable: false };
    await sandbox.applyFiles([change]);
    expect(stub.applied).toEqual([change]);
    const told = next(sandbox.onFileChange);
    stub.fileChange.emit({ kind: 'removed', path: 'a' });
    expect(await told).toEqual({ kind: 'removed', path: 'a' });
  });

  test('what a command did to files is told before its end', async () => {
    const stub = new StubSandbox();
    stub.runs = () => {
      for (const path of ['a', 'b', 'c']) stub.fileChange.emit({ kind: 'folder', path });
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
    };
    const { sandbox } = open(stub);
    await sandbox.ready;
    const told: string[] = [];
    sandbox.onFileChange(({ path }) => told.push(path));
    await sandbox.run('mkdir a b c');
    expect(told).toEqual(['a', 'b', 'c']);
  });

  test('passes status and notices', async () => {
    const stub = new StubSandbox();
    const { sandbox } = open(stub);
    await sandbox.ready;
    const status: SandboxStatus = { engine: 'running', memoryTotalBytes: 1, memoryAvailableBytes: 1, diskTotalBytes: 1, diskAvailableBytes: 1 };
    const notice: Notice = { code: 'cold-boot', message: 'Booted.', canRetry: false };
    const told = Promise.all([next(sandbox.onStatus), next(sandbox.onNotice)]);
    stub.status.emit(status);
    stub.notice.emit(notice);
    expect(await told).toEqual([status, notice]);
  });

  test('rebuilds errors with their code', async () => {
    const stub = new StubSandbox();
    stub.ready = Promise.reject(new SandboxError('download-damaged', 'A part arrived damaged.'));
    stub.ready.catch(() => undefined);
    stub.runs = () => Promise.reject(new SandboxError('timed-out', 'Too slow.'));
    const { sandbox } = open(stub);
    await expect(sandbox.ready).rejects.toMatchObject({ code: 'download-damaged', message: 'A part arrived damaged.' });
    const error: unknown = await sandbox.run('sleep 99').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({ code: 'timed-out' });
  });

  test('a worker that dies rejects what is under way and all that follows, and tells', async () => {
    const stub = new StubSandbox();
    stub.runs = () => new Promise(() => undefined);
    stub.dials = () => fakePeer().dial();
    const { sandbox, worker } = open(stub);
    await sandbox.ready;
    const closed = next((await sandbox.dial(':8080')).onClose);
    const running = sandbox.run('docker build .');
    const death = next(sandbox.onDeath);
    worker.fail();
    await expect(running).rejects.toMatchObject({ code: 'machine-stopped' });
    await expect(closed).resolves.toMatchObject({ code: 'machine-stopped' });
    await expect(sandbox.dial(':1')).rejects.toMatchObject({ code: 'machine-stopped' });
    expect((await death).code).toBe('machine-stopped');
    expect(worker.isTerminated).toBe(true);
  });

  test('dispose ends the machine and its worker and is no death', async () => {
    const stub = new StubSandbox();
    const { sandbox, worker } = open(stub);
    await sandbox.ready;
    let isDead = false;
    sandbox.onDeath(() => (isDead = true));
    await sandbox.dispose();
    expect({ isDead, isDisposed: stub.isDisposed, isTerminated: worker.isTerminated }).toEqual({
      isDead: false,
      isDisposed: true,
      isTerminated: true,
    });
  });
});
