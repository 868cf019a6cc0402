import { expect, test } from 'vitest';
import { createDockerClient, type DockerClient } from '../../../src/core/docker/docker-client.ts';
import type { EngineEvent } from '../../../src/core/docker/engine-types.ts';
import { readJsonLines } from '../../../src/core/docker/json-lines.ts';
import { fakePeer, replayDial } from '../network/fake-dial.ts';

/** The head dockerd 26.1.5 puts before its answers. */
const head = (status: string, rest: string) =>
  `HTTP/1.1 ${status}\r\nApi-Version: 1.45\r\nContent-Type: application/json\r\nDocker-Experimental: false\r\nOstype: linux\r\n` +
  `Server: Docker/26.1.5 (linux)\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n${rest}\r\n\r\n`;
const json = (value: unknown, status = '200 OK') => {
  const body = `${JSON.stringify(value)}\n`;
  return head(status, `Content-Length: ${body.length}\r\nConnection: close`) + body;
};
const chunked = (...chunks: string[]) =>
  head('200 OK', 'Transfer-Encoding: chunked') + chunks.map(text => `${text.length.toString(16)}\r\n${text}\r\n`).join('');

const started = {
  status: 'start',
  id: 'c0ffee',
  from: 'busybox',
  Type: 'container',
  Action: 'start',
  Actor: { ID: 'c0ffee', Attributes: { image: 'busybox', name: 'brave_curie' } },
  scope: 'local',
  time: 1767225600,
  timeNano: 1767225600123456768,
};
const tagged = {
  Type: 'image',
  Action: 'tag',
  Actor: { ID: 'sha256:1', Attributes: { name: 'student/hello-world:v1' } },
  scope: 'local',
  time: 2,
  timeNano: 2000000000,
};

async function collect(events: AsyncIterable<EngineEvent>): Promise<string[]> {
  const found: string[] = [];
  for await (const { type, action, attributes } of events) found.push(`${type} ${action} ${attributes.name}`);
  return found;
}

test('ping asks the engine of API version 1.45 and accepts its OK', async () => {
  const peer = fakePeer();
  const pinged = createDockerClient(peer.dial).ping();
  await peer.asked;
  expect(peer.sent()).toMatch(/^GET \/v1\.45\/_ping HTTP\/1\.1\r\nHost: /);
  peer.receive(head('200 OK', 'Content-Length: 2') + 'OK');
  await expect(pinged).resolves.toBeUndefined();
});

test('the version is read', async () => {
  const answer = json({ Version: '26.1.5+dfsg1', ApiVersion: '1.45', Arch: '386', KernelVersion: '6.12.0', Os: 'linux', Components: [] });
  expect(await createDockerClient(replayDial(answer)).version()).toEqual({
    version: '26.1.5+dfsg1',
    apiVersion: '1.45',
    architecture: '386',
    kernelVersion: '6.12.0',
  });
});

test('images are read; a dangling one, told by null or by <none>, has no tags', async () => {
  const answer = json([
    { Id: 'sha256:1', RepoTags: ['python:3', 'python:3.13-slim'], Size: 120, Labels: null, Containers: -1, Created: 2 },
    { Id: 'sha256:2', RepoTags: null, Size: 5 },
    { Id: 'sha256:3', RepoTags: ['<none>:<none>'], Size: 6 },
  ]);
  for (let cut = 0; cut < answer.length; cut += 7) {
    expect(await createDockerClient(replayDial(answer, cut)).images()).toEqual([
      { id: 'sha256:1', tags: ['python:3', 'python:3.13-slim'], sizeBytes: 120, createdMilliseconds: 2000 },
      { id: 'sha256:2', tags: [], sizeBytes: 5, createdMilliseconds: 0 },
      { id: 'sha256:3', tags: [], sizeBytes: 6, createdMilliseconds: 0 },
    ]);
  }
});

test('containers are asked for as wanted; what is missing is empty and a state of the future unknown', async () => {
  const peer = fakePeer();
  const pending = createDockerClient(peer.dial).containers(true);
  await peer.asked;
  expect(peer.sent()).toMatch(/^GET \/v1\.45\/containers\/json\?all=true HTTP/);
  peer.receive(json([{ Id: 'c2', Names: null, Image: 'x', Created: 1, State: 'dreaming', Ports: null, NetworkSettings: null }]));
  expect(await pending).toEqual([
    {
      id: 'c2',
      names: [],
      image: 'x',
      imageId: '',
      command: '',
      state: 'unknown',
      status: '',
      createdMilliseconds: 1000,
      ports: [],
      unpublishedPorts: [],
      mounts: [],
      networks: [],
    },
  ]);
});

test('services are told with the ports that the whole swarm publishes; those that a container publishes itself are its own', async () => {
  const port = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' };
  const answer = json([
    {
      Spec: { Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'nginx:latest' } } },
      Endpoint: { Ports: [port, { ...port, PublishedPort: 8081, PublishMode: 'host' }, { ...port, Protocol: 'dreams' }] },
    },
    { Spec: { Name: 'worker' } },
  ]);
  expect(await createDockerClient(replayDial(answer)).services()).toEqual([
    { name: 'web', image: 'nginx:latest', ports: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
    { name: 'worker', image: '', ports: [] },
  ]);
});

test('names go into the path with nothing in them that could be another request; an image keeps its slashes', async () => {
  const asked = async (call: (client: DockerClient) => Promise<unknown>) => {
    const peer = fakePeer();
    call(createDockerClient(peer.dial)).catch(() => undefined);
    await peer.asked;
    peer.close();
    return peer.sent().split('\r\n')[0];
  };
  expect(await asked(client => client.inspect('image', 'localhost:5000/student/hello:v1'))).toBe(
    'GET /v1.45/images/localhost%3A5000/student/hello%3Av1/json HTTP/1.1',
  );
  expect(await asked(client => client.inspect('volume', 'a b?c'))).toBe('GET /v1.45/volumes/a%20b%3Fc HTTP/1.1');
  expect(await asked(client => client.act('stop', 'web'))).toBe('POST /v1.45/containers/web/stop HTTP/1.1');
  expect(await asked(client => client.remove('container', 'web', true))).toBe('DELETE /v1.45/containers/web?force=true HTTP/1.1');
});

test("the engine's refusal carries its own words; without words, the status", async () => {
  const said = json({ message: 'No such image: nope:latest' }, '404 Not Found');
  await expect(createDockerClient(replayDial(said)).images()).rejects.toMatchObject({
    name: 'SandboxError',
    code: 'docker-refused',
    message: 'The Docker Engine refused: No such image: nope:latest',
  });
  for (const body of ['', 'oops', '{"message": ""}', '[]']) {
    const answer = head('500 Internal Server Error', `Content-Length: ${body.length}`) + body;
    await expect(createDockerClient(replayDial(answer)).ping()).rejects.toMatchObject({
      code: 'docker-refused',
      message: 'The Docker Engine refused: 500 Internal Server Error',
    });
  }
});

test('an answer of another shape is refused, not believed', async () => {
  await expect(createDockerClient(replayDial(json({ images: [] }))).images()).rejects.toMatchObject({ code: 'docker-refused' });
  await expect(createDockerClient(replayDial(json([7]))).containers(false)).rejects.toMatchObject({ code: 'docker-refused' });
  await expect(createDockerClient(replayDial(json(null))).version()).rejects.toMatchObject({ code: 'docker-refused' });
});

test('events are read one by one, wherever the stream is cut', async () => {
  const [first, second] = [JSON.stringify(started), JSON.stringify(tagged)];
  // One object over two chunks, then the end of one and the whole of another in one.
  const answer = `${chunked(first.slice(0, 40), `${first.slice(40)}\n${second}\n`, `${second}\n`)}0\r\n\r\n`;
  for (let cut = 0; cut <= answer.length; cut++) {
    const events = await createDockerClient(replayDial(answer, cut)).events(new AbortController().signal);
    expect(await collect(events), `cut at ${cut}`).toEqual([
      'container start brave_curie',
      'image tag student/hello-world:v1',
      'image tag student/hello-world:v1',
    ]);
  }
});

test('an event has its time, and comes before the next is there', async () => {
  const peer = fakePeer();
  const controller = new AbortController();
  const opened = createDockerClient(peer.dial).events(controller.signal);
  await peer.asked;
  expect(peer.sent()).toMatch(/^GET \/v1\.45\/events HTTP/);
  peer.receive(chunked(`${JSON.stringify(started)}\n`));
  const events = (await opened)[Symbol.asyncIterator]();
  expect((await events.next()).value).toEqual({
    type: 'container',
    action: 'start',
    id: 'c0ffee',
    attributes: { image: 'busybox', name: 'brave_curie' },
    timeMilliseconds: 1767225600123,
  });
  const next = events.next();
  controller.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(peer.isClosed()).toBe(true);
});

test('events fail when the connection breaks, and when the engine refuses', async () => {
  const { signal } = new AbortController();
  const cutOff = await createDockerClient(replayDial(chunked(`${JSON.stringify(tagged)}\n`))).events(signal);
  await expect(collect(cutOff)).rejects.toMatchObject({ code: 'guest-unreachable' });
  const refused = createDockerClient(replayDial(json({ message: 'too new' }, '400 Bad Request'))).events(signal);
  await expect(refused).rejects.toMatchObject({ code: 'docker-refused', message: 'The Docker Engine refused: too new' });
});

test('a JSON line may be cut inside a character, may lack its end, and must be JSON', async () => {
  const lines = async (...chunks: Uint8Array[]) => {
    const found: unknown[] = [];
    async function* source() {
      yield* chunks;
    }
    for await (const value of readJsonLines(source())) found.push(value);
    return found;
  };
  const bytes = Buffer.from('{"a":"🐳"}\n\r\n"é"');
  for (let cut = 0; cut <= bytes.length; cut++) expect(await lines(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ a: '🐳' }, 'é']);
  await expect(lines(Buffer.from('{"a":\n'))).rejects.toMatchObject({ code: 'docker-refused' });
  await expect(lines(Buffer.alloc(2 * 1024 * 1024, 'x'))).rejects.toMatchObject({ code: 'docker-refused' });
});
