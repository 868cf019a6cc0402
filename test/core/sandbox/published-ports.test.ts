import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src/core/base/events.ts';
import type { ContainerSummary, PublishedPort } from '../../../src/core/docker/container-types.ts';
import type { EngineNews, ServiceSummary } from '../../../src/core/docker/engine-types.ts';
import { PublishedPorts } from '../../../src/core/sandbox/guest/published-ports.ts';

const running = (id: string, hostPorts: readonly number[]): ContainerSummary => ({
  id,
  names: [`name-${id}`],
  image: 'busybox',
  imageId: 'sha256:1',
  command: 'httpd',
  state: 'running',
  status: 'Up',
  ports: hostPorts.map((hostPort): PublishedPort => ({ hostPort, containerPort: 80, protocol: 'tcp' })),
  unpublishedPorts: [],
  mounts: [],
  networks: [],
  createdMilliseconds: 0,
});

let containers: readonly ContainerSummary[] = [];
let services: readonly ServiceSummary[] = [];
let asked = 0;
let askedForServices = 0;
let refusals = 0;
/** Holds answers back while it is not resolved. */
let gate: Promise<void> = Promise.resolve();
const docker = {
  containers: async () => {
    asked++;
    const now = containers;
    await gate;
    if (refusals-- > 0) throw new Error('no engine');
    return now;
  },
  services: () => {
    askedForServices++;
    return Promise.resolve(services);
  },
};
const news = new Emitter<EngineNews>();
const event = (action: string, id: string, type = 'container'): void =>
  news.emit({ kind: 'event', event: { type, action, id, attributes: {}, timeMilliseconds: 0 } });
let ports: PublishedPorts;
let told: number[][];
const settle = (milliseconds = 1000): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers();
  [containers, services, asked, askedForServices, refusals, gate, told] = [[], [], 0, 0, 0, Promise.resolve(), []];
  ports = new PublishedPorts(docker, news.event);
  ports.onChange(list => told.push(list.map(({ hostPort }) => hostPort)));
});
afterEach(() => {
  ports.stop();
  vi.useRealTimers();
});

test('a container that publishes appears, and goes when it ends', async () => {
  containers = [running('b', [8888]), running('a', [5000, 53])];
  event('start', 'a');
  await settle();
  expect(told).toEqual([[53, 5000, 8888]]);
  expect(ports.ports[2]).toEqual({ hostPort: 8888, containerPort: 80, protocol: 'tcp', container: 'name-b', containerId: 'b', image: 'busybox' });
  containers = [running('b', [8888])];
  event('die', 'a');
  await settle();
  expect(told.at(-1)).toEqual([8888]);
});

test('while nothing of it happens nothing is asked', async () => {
  event('pull', 'x', 'image');
  event('create', 'a');
  event('die', 'unknown');
  event('exec_start: sh', 'a');
  await settle(60_000);
  expect(asked).toBe(0);
});

test('a container that ends at once is not asked about', async () => {
  event('start', 'a');
  await settle(50);
  event('die', 'a');
  await settle();
  expect(asked).toBe(0);
});

test('many starts at once are one question', async () => {
  containers = [running('a', [1]), running('b', [2])];
  event('start', 'a');
  event('start', 'b');
  await settle();
  expect([asked, told]).toEqual([1, [[1, 2]]]);
});

test('a container that ends while the answer is on its way does not stay', async () => {
  let open: () => void = () => undefined;
  gate = new Promise(resolve => (open = resolve));
  containers = [running('a', [1])];
  event('start', 'a');
  await settle();
  containers = [];
  event('die', 'a');
  open();
  await settle();
  expect([asked, ports.ports]).toEqual([2, []]);
});

test('a watch that begins again asks again: what happened in between was not seen', async () => {
  containers = [running('a', [1])];
  news.emit({ kind: 'watching' });
  await settle();
  containers = [];
  news.emit({ kind: 'watching' });
  await settle();
  expect(told).toEqual([[1], []]);
});

test('an engine that does not answer is asked again, with pauses, and not for ever', async () => {
  containers = [running('a', [1])];
  refusals = 2;
  event('start', 'a');
  await settle(10_000);
  expect([asked, told]).toEqual([3, [[1]]]);
  [asked, refusals] = [0, 100];
  event('start', 'b');
  await settle(100_000);
  expect(asked).toBe(4);
  refusals = 0;
  event('start', 'c');
  await settle();
  expect(asked).toBe(5);
});

test('who wants to know waits for what is due, and no longer than that', async () => {
  containers = [running('a', [1])];
  expect(await ports.settled()).toEqual([]);
  event('start', 'a');
  const settled = ports.settled();
  await settle();
  expect(await settled).toMatchObject([{ hostPort: 1 }]);
  gate = new Promise(() => undefined);
  event('start', 'b');
  const impatient = ports.settled();
  await settle(10_000);
  expect(await impatient).toMatchObject([{ hostPort: 1 }]);
});

test('once stopped it asks nothing', async () => {
  event('start', 'a');
  ports.stop();
  event('start', 'b');
  await settle(10_000);
  expect(asked).toBe(0);
});

test("a swarm's service publishes as long as a container does its work; without one no engine is asked for services", async () => {
  services = [
    { name: 'web', image: 'nginx', ports: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
    { name: 'idle', image: 'nginx', ports: [{ hostPort: 9090, containerPort: 80, protocol: 'tcp' }] },
  ];
  containers = [running('a', [5000])];
  event('start', 'a');
  await settle();
  expect([told, askedForServices]).toEqual([[[5000]], 0]);
  containers = [running('a', [5000]), { ...running('b', []), names: ['web.1.g80ztoklz5m9p7ennvlrc802v'] }];
  event('start', 'b');
  await settle();
  expect(ports.ports).toEqual([
    { hostPort: 5000, containerPort: 80, protocol: 'tcp', container: 'name-a', containerId: 'a', image: 'busybox' },
    { hostPort: 8080, containerPort: 80, protocol: 'tcp', container: 'web', containerId: 'b', image: 'busybox' },
  ]);
  containers = [running('a', [5000])];
  event('die', 'b');
  await settle();
  expect(told.at(-1)).toEqual([5000]);
});
