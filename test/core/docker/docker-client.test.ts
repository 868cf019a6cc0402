import { expect, test } from 'vitest';
import { createDockerClient } from '../../../src/core/docker/docker-client.ts';
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
    { Id: 'sha256:1', RepoTags: ['python:3', 'python:3.13-slim'], Size: 120, Labels: null, Containers: -1 },
    { Id: 'sha256:2', RepoTags: null, Size: 5 },
    { Id: 'sha256:3', RepoTags: ['<none>:<none>'], Size: 6 },
  ]);
  for (let cut = 0; cut < answer.length; cut += 7) {
    expect(await createDockerClient(replayDial(answer, cut)).images()).toEqual([
      { id: 'sha256:1', tags: ['python:3', 'python:3.13-slim'], sizeBytes: 120 },
      { id: 'sha256:2', tags: [], sizeBytes: 5 },
      { id: 'sha256:3', tags: [], sizeBytes: 6 },
    ]);
  }
});

test('containers are asked for as wanted and read; a state of the future is unknown', async () => {
  const peer = fakePeer();
  const pending = createDockerClient(peer.dial).containers(true);
  await peer.asked;
  expect(peer.sent()).toMatch(/^GET \/v1\.45\/containers\/json\?all=true HTTP/);
  peer.receive(
    json([
      { Id: 'c1', Names: ['/web'], Image: 'busybox', Command: 'sleep 600', Created: 1767225600, State: 'running', Status: 'Up 2 minutes', Ports: [] },
      { Id: 'c2', Names: null, Image: 'x', Command: '', Created: 1, State: 'dreaming', Status: '' },
    ]),
  );
  expect(await pending).toEqual([
    {
      id: 'c1',
      names: ['web'],
      image: 'busybox',
      command: 'sleep 600',
      state: 'running',
      status: 'Up 2 minutes',
      createdMilliseconds: 1767225600000,
    },
    { id: 'c2', names: [], image: 'x', command: '', state: 'unknown', status: '', createdMilliseconds: 1000 },
  ]);
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
