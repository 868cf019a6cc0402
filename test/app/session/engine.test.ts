import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Engine } from '../../../src/app/session/machine/engine.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import { SandboxError } from '../../../src/core/base/errors.ts';
import type { EngineNews } from '../../../src/core/protocol/sandbox.ts';
import { fakePeer } from '../../core/network/fake-dial.ts';

/** An engine that answers by path and keeps what it was asked. */
class StubEngine {
  readonly news = new Emitter<EngineNews>();
  readonly onEngineNews = this.news.event;
  readonly answers = new Map<string, unknown>();
  asked: string[] = [];
  /** Holds every answer until it is called. */
  gate: Promise<void> = Promise.resolve();
  isReachable = true;

  readonly dial = async () => {
    if (!this.isReachable) throw new SandboxError('guest-unreachable', 'Nothing answers.');
    const peer = fakePeer();
    void peer.asked.then(async () => {
      const path = /^GET \/v1\.45(\S+) /.exec(peer.sent())![1]!;
      this.asked.push(path);
      await this.gate;
      const body = JSON.stringify(this.answers.get(path) ?? { message: 'No such thing' });
      peer.receive(`HTTP/1.1 ${this.answers.has(path) ? '200 OK' : '404 Not Found'}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    return peer.dial();
  };

  container(id: string, state: string): void {
    this.answers.set('/containers/json?all=true', [{ Id: id, Names: [`/${id}`], State: state }]);
    this.answers.set(`/containers/${id}/json`, { Id: id, State: { Status: state, ExitCode: 3 } });
  }

  event(type: string, action: string, id = 'x'): void {
    this.news.emit({ kind: 'event', event: { type, action, id, attributes: {}, timeMilliseconds: 0 } });
  }
}

let stub: StubEngine;
let engine: Engine;
beforeEach(() => {
  vi.useFakeTimers();
  stub = new StubEngine();
  stub.answers.set('/images/json', [{ Id: 'sha256:1', RepoTags: ['busybox:latest'], Size: 5 }]);
  stub.answers.set('/networks', [{ Id: 'n', Name: 'bridge', Driver: 'bridge' }]);
  stub.answers.set('/volumes', { Volumes: null });
  stub.container('c1', 'running');
  engine = new Engine();
  engine.attach(stub);
});
afterEach(() => {
  engine.detach();
  vi.useRealTimers();
});

const settle = (milliseconds = 2000): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
/** What was asked since the last look. */
const asked = (): string[] => stub.asked.splice(0).sort();

describe('what the page knows of the engine', () => {
  test('while nobody looks only the images are asked for, when the watch begins and after they changed', async () => {
    await settle();
    expect(asked()).toEqual([]);
    stub.news.emit({ kind: 'watching' });
    await settle();
    expect(asked()).toEqual(['/images/json']);
    expect(engine.imageReferences.value).toEqual(['busybox:latest']);
    stub.event('container', 'start', 'c1');
    stub.event('volume', 'create');
    await settle();
    expect(asked()).toEqual([]);
    stub.event('image', 'tag');
    await settle();
    expect(asked()).toEqual(['/images/json']);
  });

  test('who begins to look gets what is stale, and then nothing is asked without an event', async () => {
    stub.news.emit({ kind: 'watching' });
    await settle();
    asked();
    engine.watch('lists');
    await settle();
    expect(asked()).toEqual(['/containers/c1/json', '/containers/json?all=true', '/networks', '/volumes']);
    expect(engine.containers.value).toMatchObject([{ id: 'c1', state: 'running' }]);
    expect(engine.details.value.get('c1')).toMatchObject({ exitCode: 3 });
    await settle(600_000);
    expect(asked()).toEqual([]);
  });

  test('many events are one question, even when they do not cease', async () => {
    engine.watch('lists');
    stub.news.emit({ kind: 'watching' });
    await settle();
    asked();
    stub.container('c1', 'exited');
    for (const action of ['exec_create: true', 'attach', 'resize', 'top']) stub.event('container', action, 'c1');
    await settle();
    expect(asked()).toEqual([]);
    for (const action of ['create', 'start', 'die']) stub.event('container', action, 'c1');
    await settle();
    expect(asked()).toEqual(['/containers/c1/json', '/containers/json?all=true']);
    expect(engine.details.value.get('c1')).toMatchObject({ state: 'exited' });
    for (let index = 0; index < 100; index++) {
      stub.event('container', 'update', 'other');
      await settle(100);
    }
    const lists = asked().filter(path => path.startsWith('/containers/json'));
    expect(lists.length).toBeGreaterThan(4);
    expect(lists.length).toBeLessThan(9);
  });

  test('an event during a question makes it be asked again', async () => {
    engine.watch('lists');
    let open: () => void = () => undefined;
    stub.gate = new Promise(resolve => (open = resolve));
    stub.news.emit({ kind: 'watching' });
    await settle();
    expect(asked()).toEqual(['/containers/json?all=true']);
    stub.event('container', 'die', 'c1');
    await settle();
    open();
    await settle();
    expect(asked().filter(path => path.startsWith('/containers/json'))).toHaveLength(1);
    expect(engine.containers.value).toHaveLength(1);
  });

  test('layers of an image are asked for once, while somebody looks', async () => {
    stub.answers.set('/images/sha256%3A1/json', { Id: 'sha256:1', RootFS: { Layers: ['sha256:a'] } });
    stub.answers.set('/images/sha256%3A1/history', [{ CreatedBy: 'ADD x /', Size: 5 }]);
    stub.news.emit({ kind: 'watching' });
    const stop = engine.watch('layers');
    await settle();
    expect(asked()).toEqual(['/images/json', '/images/sha256%3A1/history', '/images/sha256%3A1/json']);
    expect(engine.makings.value.get('sha256:1')).toMatchObject({ layers: ['sha256:a'], steps: [{ instruction: 'ADD x /', layer: 'sha256:a' }] });
    stub.event('image', 'tag');
    await settle();
    expect(asked()).toEqual(['/images/json']);
    stop();
    stub.answers.set('/images/json', [{ Id: 'sha256:2' }]);
    stub.event('image', 'pull');
    await settle();
    expect(asked()).toEqual(['/images/json']);
    expect(engine.makings.value.size).toBe(0);
  });

  test('a container that is gone before it was looked at is not asked for again', async () => {
    stub.answers.delete('/containers/c1/json');
    engine.watch('lists');
    stub.news.emit({ kind: 'watching' });
    await settle(10_000);
    expect(asked().filter(path => path === '/containers/c1/json')).toHaveLength(1);
    expect(engine.problem.value).toBeUndefined();
  });

  test('a question without an answer is told, and asked again when one wants', async () => {
    stub.isReachable = false;
    engine.watch('lists');
    stub.news.emit({ kind: 'watching' });
    await settle(60_000);
    expect(engine.problem.value).toBe('Nothing answers.');
    stub.isReachable = true;
    engine.refresh();
    await settle();
    expect(engine.problem.value).toBeUndefined();
    expect(engine.containers.value).toHaveLength(1);
  });

  test('an answer of the machine before is not believed', async () => {
    let open: () => void = () => undefined;
    stub.gate = new Promise(resolve => (open = resolve));
    stub.news.emit({ kind: 'watching' });
    await settle();
    const next = new StubEngine();
    next.answers.set('/images/json', []);
    engine.attach(next);
    next.news.emit({ kind: 'watching' });
    await settle();
    open();
    await settle();
    expect(engine.images.value).toEqual([]);
    stub.event('image', 'tag');
    await settle();
    expect(asked()).toEqual(['/images/json']);
    engine.detach();
    expect(engine.images.value).toBeUndefined();
    expect(() => engine.client).toThrow('The machine is off.');
  });
});
