/** The client on what the real engine answered (test/fixtures/docker/record.ts), cut in two at every byte. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createDockerClient, type DockerClient } from '../../../src/core/docker/docker-client.ts';
import { readMultiplexed, type OutputPiece } from '../../../src/core/docker/output-stream.ts';
import type { Dial } from '../../../src/core/network/connection.ts';
import { replayDial } from '../network/fake-dial.ts';

const recorded = (name: string): Uint8Array => readFileSync(fileURLToPath(new URL(`../../fixtures/docker/${name}.http`, import.meta.url)));

/** The same result wherever the answer is cut; `before` are the answers to the calls that come first. */
async function atEveryCut<T>(
  name: string,
  call: (engine: DockerClient) => Promise<T>,
  before: readonly string[] = [],
  after: readonly string[] = [],
) {
  const answer = recorded(name);
  const dialFor = (cuts: readonly number[]): Dial => {
    const dials = [...before.map(file => replayDial(recorded(file))), replayDial(answer, ...cuts), ...after.map(file => replayDial(recorded(file)))];
    return () => dials.shift()!();
  };
  const whole = await call(createDockerClient(dialFor([])));
  for (let cut = 1; cut < answer.length; cut++) {
    const result = await call(createDockerClient(dialFor([cut])));
    // Comparing texts first: an expectation for each of thousands of cuts takes its time.
    if (JSON.stringify(result) !== JSON.stringify(whole)) expect(result, `cut at ${cut}`).toEqual(whole);
  }
  const byByte = await call(createDockerClient(dialFor(Array.from({ length: answer.length }, (_, index) => index))));
  expect(byByte).toEqual(whole);
  return whole;
}

async function outputOf(pieces: AsyncIterable<OutputPiece>): Promise<{ stdout: string; stderr: string }> {
  const texts = { stdout: '', stderr: '' };
  for await (const { stream, bytes } of pieces) texts[stream] += Buffer.from(bytes).toString();
  return texts;
}

const { signal } = new AbortController();

describe('recorded answers', () => {
  test('containers with ports, networks and mounts', async () => {
    const containers = await atEveryCut('containers', engine => engine.containers(true));
    expect(containers.map(({ names, state }) => `${names.join()} ${state}`)).toEqual([
      'never created',
      'gone exited',
      'screen exited',
      'talks exited',
      'web running',
    ]);
    expect(containers[4]).toMatchObject({ image: 'busybox', command: 'sleep 600', networks: [{ name: 'shop', address: '172.30.0.2' }] });
    expect(containers[4]!.imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(containers[4]!.ports).toEqual([
      { hostPort: 8888, containerPort: 5000, protocol: 'tcp' },
      { hostPort: 9999, containerPort: 53, protocol: 'udp' },
    ]);
    expect(containers[4]!.mounts).toEqual([
      { kind: 'volume', volume: 'data', source: '/var/lib/docker/volumes/data/_data', destination: '/data', isReadOnly: true },
    ]);
    expect(containers[0]!.ports).toEqual([]);
  });

  test('a container in each state', async () => {
    const running = await atEveryCut('container-running', engine => engine.containerDetails('web'));
    expect(running).toMatchObject({ state: 'running', exitCode: 0, finishedMilliseconds: undefined, hasTerminal: false });
    expect(running.environment).toContainEqual(expect.stringMatching(/^PATH=/));
    const exited = await atEveryCut('container-exited', engine => engine.containerDetails('gone'));
    expect(exited).toMatchObject({ state: 'exited', exitCode: 3, isOutOfMemory: false, startError: '' });
    expect(exited.finishedMilliseconds! - exited.startedMilliseconds!).toBeGreaterThan(0);
    const written = /"FinishedAt":"(.{23})/.exec(String(recorded('container-exited')))![1];
    expect(new Date(exited.finishedMilliseconds!).toISOString()).toBe(`${written}Z`);
    const created = await atEveryCut('container-created', engine => engine.containerDetails('never'));
    expect(created).toMatchObject({ state: 'created', startedMilliseconds: undefined });
  });

  test('output of two streams, whole and followed', async () => {
    const logs = (tail: number, follow: boolean) => (engine: DockerClient) => outputOf(engine.logs('talks', { tail, follow, signal }));
    expect(await atEveryCut('logs', logs(100, false))).toEqual({ stdout: 'out\nno end', stderr: 'err\n' });
    expect(await atEveryCut('logs-follow', logs(2, true))).toEqual({ stdout: 'no end', stderr: 'err\n' });
  });

  test('output of a container with a terminal is one stream', async () => {
    const logs = (engine: DockerClient) => outputOf(engine.logs('screen', { tail: 100, follow: false, signal }));
    expect(await atEveryCut('logs-terminal', logs)).toEqual({ stdout: 'out\r\nerr\r\n', stderr: '' });
  });

  test('a command in a container: its output comes on the hijacked connection', async () => {
    const exec = (engine: DockerClient) => engine.exec('web', ['sh', '-c', '…']);
    const result = { exitCode: 5, stdout: 'out\n', stderr: 'err\n' };
    expect(await atEveryCut('exec-1', exec, [], ['exec-2', 'exec-3'])).toEqual(result);
    expect(await atEveryCut('exec-2', exec, ['exec-1'], ['exec-3'])).toEqual(result);
    expect(await atEveryCut('exec-3', exec, ['exec-1', 'exec-2'])).toEqual(result);
  });

  test('images, what one is made of, and how it was made', async () => {
    const images = await atEveryCut('images', engine => engine.images());
    const ours = images.find(({ tags }) => tags.includes('student/hi:v1'))!;
    const base = images.find(({ tags }) => tags.includes('busybox:latest'))!;
    expect(ours.sizeBytes).toBe(base.sizeBytes + 3);
    const details = await atEveryCut('image', engine => engine.imageDetails('student/hi:v1'));
    expect(details.id).toBe(ours.id);
    expect(details.layers).toHaveLength(2);
    expect(details.config).toMatchObject({ command: ['cat', '/hi'], exposedPorts: ['5000/tcp'], entrypoint: [], user: '' });
    expect(details.config.environment).toContain('A=1');
    const history = await atEveryCut('history', engine => engine.history('student/hi:v1'));
    expect(history.map(({ sizeBytes }) => sizeBytes)).toEqual([0, 0, 3, 0, 0, base.sizeBytes]);
    expect(history[2]!.createdBy).toContain('#(nop) COPY file:');
  });

  test('networks and volumes', async () => {
    const networks = await atEveryCut('networks', engine => engine.networks());
    expect(networks.map(({ name, driver, subnets }) => `${name} ${driver} ${subnets.join()}`).sort()).toEqual([
      'bridge bridge 172.17.0.0/16',
      'host host ',
      'none null ',
      'shop bridge 172.30.0.0/16',
    ]);
    const volumes = await atEveryCut('volumes', engine => engine.volumes());
    expect(volumes).toMatchObject([{ name: 'data', driver: 'local', mountPoint: '/var/lib/docker/volumes/data/_data' }]);
  });

  test('what a run brings about', async () => {
    const told = await atEveryCut('events', async engine => {
      const found: string[] = [];
      for await (const { type, action, attributes } of await engine.events(signal)) {
        found.push(`${type} ${action}${attributes.exitCode === undefined ? '' : ` ${attributes.exitCode}`}`);
        if (type === 'volume') break;
      }
      return found;
    });
    expect(told).toEqual([
      'image tag',
      'container create',
      'container attach',
      'network connect',
      'container start',
      'network disconnect',
      'container die 0',
      'container destroy',
      'volume create',
    ]);
  });

  test('what is done, what was so already, and what the engine refuses', async () => {
    await atEveryCut('remove', engine => engine.remove('container', 'never', false));
    await atEveryCut('start-started', engine => engine.act('start', 'web'));
    const refusal = (name: string, call: (engine: DockerClient) => Promise<unknown>) =>
      atEveryCut(name, engine => call(engine).catch((error: unknown) => ({ ...(error as object), message: (error as Error).message })));
    expect(await refusal('container-missing', engine => engine.containerDetails('nobody'))).toMatchObject({
      code: 'docker-refused',
      message: 'The Docker Engine refused: No such container: nobody',
    });
    const used = await refusal('remove-used', engine => engine.remove('volume', 'data', false));
    expect(used).toMatchObject({ code: 'docker-refused', message: expect.stringMatching(/volume is in use/) as string });
  });
});

describe('a multiplexed stream', () => {
  const read = async (...bytes: number[]) => {
    async function* source() {
      yield Uint8Array.from(bytes);
    }
    return outputOf(readMultiplexed(source()));
  };

  test('an empty frame and the input’s own echo are no trouble', async () => {
    expect(await read(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 65, 2, 0, 0, 0, 0, 0, 0, 1, 66)).toEqual({ stdout: 'A', stderr: 'B' });
  });

  test('the engine’s own error in the stream is thrown', async () => {
    await expect(read(3, 0, 0, 0, 0, 0, 0, 2, 110, 111)).rejects.toMatchObject({ code: 'docker-refused', message: 'The Docker Engine refused: no' });
  });

  test('what is no such stream, or ends early, is refused', async () => {
    await expect(read(72, 84, 84, 80, 47, 49, 46, 49)).rejects.toMatchObject({ code: 'docker-refused' });
    await expect(read(1, 0, 0, 0, 0, 0, 0, 9, 65)).rejects.toMatchObject({ code: 'docker-refused' });
    await expect(read(1, 0, 0)).rejects.toMatchObject({ code: 'docker-refused' });
  });
});
