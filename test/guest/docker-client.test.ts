/** The engine's API as the page uses it, on the real engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerClient } from '../../src/core/docker/docker-client.ts';
import type { EngineEvent } from '../../src/core/docker/engine-types.ts';
import { readImageArchive } from '../../src/core/docker/image-archive.ts';
import type { OutputPiece } from '../../src/core/docker/output-stream.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { engineOf } from '../support/engine.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { imageLayout, tarOf } from '../support/image-layout.ts';
import { eventually, succeed } from './learner.ts';

let sandbox: LocalSandbox;
let engine: DockerClient;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
  engine = engineOf(sandbox);
});
afterAll(() => sandbox.dispose());

const named = async (name: string) => (await engine.containers(true)).find(({ names }) => names.includes(name));

async function textOf(pieces: AsyncIterable<OutputPiece>, onText: (text: string) => void = () => undefined): Promise<string> {
  let text = '';
  for await (const { stream, bytes } of pieces) onText((text += `${stream === 'stderr' ? '!' : ''}${Buffer.from(bytes).toString()}`));
  return text;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

describe('containers', () => {
  it('answers, and says which it is', async () => {
    await engine.ping();
    expect(await engine.version()).toMatchObject({ apiVersion: '1.45', architecture: '386' });
  });

  it('are told with their ports, networks and mounts, and how long they run', async () => {
    const before = Date.now();
    await succeed(sandbox, 'docker volume create data; docker run -d --name web -p 8888:5000 -v data:/data busybox sleep 600');
    expect(await named('web')).toMatchObject({
      state: 'running',
      image: 'busybox',
      command: 'sleep 600',
      networks: [{ name: 'bridge', address: expect.stringMatching(/^172\.17\./) as string }],
      mounts: [{ kind: 'volume', volume: 'data', destination: '/data', isReadOnly: false }],
    });
    expect((await named('web'))!.ports).toEqual([{ hostPort: 8888, containerPort: 5000, protocol: 'tcp' }]);
    const details = await engine.containerDetails('web');
    expect(details.startedMilliseconds! - before).toBeGreaterThan(-10_000);
  });

  it('a command inside: both streams and the exit code; what does not exist is an exit code too', async () => {
    expect(await engine.exec('web', ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    expect((await engine.exec('web', ['no-such-program'])).exitCode).not.toBe(0);
    const long = await engine.exec('web', ['seq', '20000']);
    expect(long.stdout.split('\n')).toHaveLength(20_001);
  });

  it('stop, start, restart, kill: and their exit codes', async () => {
    await engine.act('kill', 'web');
    expect(await engine.containerDetails('web')).toMatchObject({ state: 'exited', exitCode: 137 });
    await engine.act('start', 'web');
    await engine.act('start', 'web');
    expect((await named('web'))!.state).toBe('running');
    await engine.act('pause', 'web');
    expect((await named('web'))!.state).toBe('paused');
    await engine.act('unpause', 'web');
    await engine.act('stop', 'web');
    // The list is a copy that the engine renews a moment later, before it tells of the end.
    expect((await engine.containerDetails('web')).state).toBe('exited');
  });

  it('are removed; the engine’s refusal has its own words', async () => {
    await engine.act('start', 'web');
    await expect(engine.remove('container', 'web', false)).rejects.toMatchObject({
      code: 'docker-refused',
      message: expect.stringMatching(/running/) as string,
    });
    await expect(engine.remove('volume', 'data', false)).rejects.toMatchObject({ message: expect.stringMatching(/in use/) as string });
    await engine.remove('container', 'web', true);
    await engine.remove('volume', 'data', false);
    expect(await named('web')).toBeUndefined();
    expect(await engine.volumes()).toEqual([]);
    await expect(engine.inspect('container', 'web')).rejects.toMatchObject({ message: expect.stringMatching(/No such container/) as string });
  });
});

describe('output', () => {
  it('the last lines, and what comes afterwards until the container ends', async () => {
    await succeed(sandbox, `docker run -d --name talks busybox sh -c 'seq 50; while [ ! -e /stop ]; do sleep 0.2; done; echo last >&2'`);
    await eventually('it wrote', async () => ((await textOf(tail(3, false))).includes('50') ? true : undefined));
    expect(await textOf(tail(3, false))).toBe('48\n49\n50\n');
    let shown = '';
    const followed = textOf(tail(1, true), text => (shown = text));
    await eventually('the tail', () => (shown === '50\n' ? true : undefined));
    await engine.exec('talks', ['touch', '/stop']);
    expect(await followed).toBe('50\n!last\n');
  });

  it('following ends when it is called off', async () => {
    await engine.act('start', 'talks');
    const abort = new AbortController();
    const followed = textOf(engine.logs('talks', { tail: 1, follow: true, signal: abort.signal }), () => abort.abort());
    await followed;
    await engine.remove('container', 'talks', true);
  });

  const tail = (lines: number, follow: boolean) => engine.logs('talks', { tail: lines, follow, signal: new AbortController().signal });
});

describe('images, networks, events', () => {
  it('an image built on another begins with its layers, and its history says what it added', async () => {
    await succeed(
      sandbox,
      `mkdir -p /tmp/b && cd /tmp/b && echo hi > hi && printf 'FROM busybox\\nCOPY hi /\\nCMD ["cat", "/hi"]\\n' > Dockerfile && docker build -q -t hi .`,
    );
    const [base, child] = [await engine.imageDetails('busybox'), await engine.imageDetails('hi')];
    expect(child.layers.slice(0, base.layers.length)).toEqual(base.layers);
    expect(child.layers).toHaveLength(base.layers.length + 1);
    expect(child.config.command).toEqual(['cat', '/hi']);
    expect((await engine.history('hi')).map(({ sizeBytes }) => sizeBytes).slice(0, 2)).toEqual([0, 3]);
    await engine.remove('image', 'hi', false);
    await expect(engine.imageDetails('hi')).rejects.toMatchObject({ code: 'docker-refused' });
  });

  it('are loaded from an OCI image layout, which the engine itself does not know', async () => {
    const tar = await imageLayout({ 'hello.txt': 'from an archive\n' });
    const archive = await readImageArchive(once(tar), 'course:v1');
    const loaded: string[] = [];
    for await (const name of engine.loadImages(once(Buffer.concat([archive!.prefix, tar])))) loaded.push(name);
    expect(loaded).toEqual(['course:v1']);
    await succeed(sandbox, 'docker create --name course course:v1 /none && docker cp course:/hello.txt /tmp/hello.txt && docker rm course');
    expect(await succeed(sandbox, 'cat /tmp/hello.txt')).toBe('from an archive\n');
    await engine.remove('image', 'course:v1', false);
  });

  it('that are damaged are refused in the words of the engine', async () => {
    const loading = engine.loadImages(once(await tarOf([['manifest.json', Buffer.from('[{"Config":"gone.json","RepoTags":["a:b"],"Layers":[]}]')]])));
    await expect(loading[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'docker-refused',
      message: expect.stringContaining('gone.json'),
    });
  });

  it('networks come and go', async () => {
    await succeed(sandbox, 'docker network create --subnet 172.30.0.0/16 shop');
    expect((await engine.networks()).find(({ name }) => name === 'shop')).toMatchObject({ driver: 'bridge', subnets: ['172.30.0.0/16'] });
    await engine.remove('network', 'shop', false);
    expect((await engine.networks()).map(({ name }) => name).sort()).toEqual(['bridge', 'host', 'none']);
  });

  it('events come as they happen, and the watch finds the engine again after it died', async () => {
    const events: EngineEvent[] = [];
    let watches = 0;
    const stop = sandbox.onEngineNews(news => (news.kind === 'event' ? events.push(news.event) : watches++));
    await succeed(sandbox, 'docker run --rm --name brief busybox false || true');
    await eventually('the end of it', () => events.find(({ action }) => action === 'destroy'));
    expect(events.find(({ action }) => action === 'die')).toMatchObject({ type: 'container', attributes: { name: 'brief', exitCode: '1' } });
    await succeed(sandbox, 'kill -9 $(pgrep -x dockerd)');
    await eventually('the watch begins again', () => (watches === 1 ? true : undefined));
    await engine.ping();
    await succeed(sandbox, 'docker volume create after');
    await eventually('an event after that', () => events.find(({ id }) => id === 'after'));
    stop();
  });
});
