import { SandboxError } from '../base/errors.ts';
import type { Dial } from '../network/connection.ts';
import { parseContainerDetails, parseContainers } from './container-json.ts';
import type { ContainerDetails, ContainerSummary } from './container-types.ts';
import { parseEvent, parseNetworks, parseServices, parseVersion, parseVolumes } from './engine-json.ts';
import { askEngine, path, type EngineCall } from './engine-request.ts';
import type { EngineEvent, EngineVersion, ExecResult, NetworkSummary, ServiceSummary, VolumeSummary } from './engine-types.ts';
import { parseHistory, parseImageDetails, parseImages } from './image-json.ts';
import type { HistoryStep, ImageDetails, ImageSummary } from './image-types.ts';
import { numberOf, objectOf, textOf } from './json-fields.ts';
import { readJsonLines } from './json-lines.ts';
import { readMultiplexed, readRaw, type OutputPiece } from './output-stream.ts';

/** What can be looked into or removed. */
export type EngineObject = 'container' | 'image' | 'network' | 'volume';
/** What can be done to a container that stays. */
export type ContainerAction = 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'unpause';

/**
 * A Docker Engine. Every call rejects with `docker-refused` and the engine's own message when the engine says no,
 * and with `guest-unreachable`, `timed-out` or `cancelled` when there is no answer. Names may be ids or their beginnings.
 */
export interface DockerClient {
  /** Resolves when the engine answers. */
  ping(signal?: AbortSignal): Promise<void>;
  version(signal?: AbortSignal): Promise<EngineVersion>;
  /** The images in its store, as `docker images` lists them. */
  images(signal?: AbortSignal): Promise<readonly ImageSummary[]>;
  imageDetails(image: string, signal?: AbortSignal): Promise<ImageDetails>;
  /** How an image was made, the last step first. */
  history(image: string, signal?: AbortSignal): Promise<readonly HistoryStep[]>;
  /** The running containers, or all of them. */
  containers(all: boolean, signal?: AbortSignal): Promise<readonly ContainerSummary[]>;
  containerDetails(container: string, signal?: AbortSignal): Promise<ContainerDetails>;
  /** Resolves when it is done: a stop may take the ten seconds that a program has to end by itself. What is so already stays so. */
  act(action: ContainerAction, container: string, signal?: AbortSignal): Promise<void>;
  /** What a container wrote, its last `tail` lines; with `follow` also what it writes from now on, until it ends or the signal aborts. */
  logs(container: string, options: LogOptions): AsyncIterable<OutputPiece>;
  /** Runs a program in a running container. One that fails is an answer (its exit code), not an error. */
  exec(container: string, command: readonly string[], signal?: AbortSignal): Promise<ExecResult>;
  networks(signal?: AbortSignal): Promise<readonly NetworkSummary[]>;
  volumes(signal?: AbortSignal): Promise<readonly VolumeSummary[]>;
  /**
   * Gives the engine an image archive, as a tar, and yields what it has loaded: `user/name:tag`, or `sha256:…` of an image without a name.
   * Throws `docker-refused` with the engine's words where it cannot be loaded.
   */
  loadImages(tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncIterable<string>;
  /** The services of the swarm that the engine leads; one that leads none refuses. */
  services(signal?: AbortSignal): Promise<readonly ServiceSummary[]>;
  /** Everything the engine says of something, as its JSON. */
  inspect(kind: EngineObject, name: string, signal?: AbortSignal): Promise<unknown>;
  /** Removes something; with `force` also a running container, or an image that has other names. */
  remove(kind: EngineObject, name: string, force: boolean, signal?: AbortSignal): Promise<void>;
  /**
   * Resolves when the engine tells what happens; what it tells from then on is to be read once. Reading ends when the signal aborts or the
   * engine stops, and throws when the connection breaks.
   */
  events(signal: AbortSignal): Promise<AsyncIterable<EngineEvent>>;
}

/** What is wanted of a container's output. */
export interface LogOptions {
  /** How many of the last lines. */
  readonly tail: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

const collections = { container: 'containers', image: 'images', network: 'networks', volume: 'volumes' } as const;
/** Longer than the ten seconds a program has to end, many times over: the guest may be busy. */
const ACTION_TIMEOUT_MILLISECONDS = 180_000;
/** How often, and how long, a command that closed its output is asked for its exit code. */
const EXIT_PAUSE_MILLISECONDS = 100;
const EXIT_TIMEOUT_MILLISECONDS = 30_000;
/** The engine answers when it has the whole archive: some hundred megabytes take minutes. The caller can cancel it meanwhile. */
const LOAD_TIMEOUT_MILLISECONDS = 3_600_000;

/** A client that opens a connection for every call. */
export function createDockerClient(dial: Dial): DockerClient {
  const get = async (of: string, signal: AbortSignal | undefined): Promise<unknown> =>
    (await askEngine(dial, { method: 'GET', path: of, signal })).json();
  const change = async (call: EngineCall): Promise<void> =>
    void (await askEngine(dial, { ...call, timeoutMilliseconds: ACTION_TIMEOUT_MILLISECONDS }).then(response => response.text()));
  return {
    ping: async signal => void (await askEngine(dial, { method: 'GET', path: '/_ping', signal }).then(response => response.text())),
    version: async signal => parseVersion(await get('/version', signal)),
    images: async signal => parseImages(await get('/images/json', signal)),
    imageDetails: async (image, signal) => parseImageDetails(await get(path`/images/${image}/json`, signal)),
    history: async (image, signal) => parseHistory(await get(path`/images/${image}/history`, signal)),
    containers: async (all, signal) => parseContainers(await get(`/containers/json?all=${all}`, signal)),
    containerDetails: async (container, signal) => parseContainerDetails(await get(path`/containers/${container}/json`, signal)),
    act: (action, container, signal) => change({ method: 'POST', path: `${path`/containers/${container}/`}${action}`, signal }),
    logs: (container, options) => readLogs(dial, container, options),
    exec: (container, command, signal) => exec(dial, container, command, signal),
    networks: async signal => parseNetworks(await get('/networks', signal)),
    volumes: async signal => parseVolumes(await get('/volumes', signal)),
    loadImages: (tar, signal) => loadImages(dial, tar, signal),
    services: async signal => parseServices(await get('/services', signal)),
    inspect: (kind, name, signal) => get(inspectPath(kind, name), signal),
    remove: (kind, name, force, signal) => change({ method: 'DELETE', path: `/${collections[kind]}/${path`${name}`}?force=${force}`, signal }),
    events: async signal => readEvents((await askEngine(dial, { method: 'GET', path: '/events', signal })).body, signal),
  };
}

function inspectPath(kind: EngineObject, name: string): string {
  const isPlain = kind === 'network' || kind === 'volume';
  return `/${collections[kind]}/${path`${name}`}${isPlain ? '' : '/json'}`;
}

async function* readLogs(dial: Dial, container: string, { tail, follow, signal }: LogOptions): AsyncGenerator<OutputPiece, void, undefined> {
  const query = `stdout=true&stderr=true&tail=${tail}&follow=${follow}`;
  try {
    const response = await askEngine(dial, { method: 'GET', path: `${path`/containers/${container}/logs`}?${query}`, signal });
    const isMultiplexed = response.headers.get('content-type') === 'application/vnd.docker.multiplexed-stream';
    yield* isMultiplexed ? readMultiplexed(response.body) : readRaw(response.body);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* loadImages(dial: Dial, tar: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
  const call = { method: 'POST', path: '/images/load?quiet=1', stream: { type: 'application/x-tar', bytes: tar } } as const;
  const response = await askEngine(dial, { ...call, signal, timeoutMilliseconds: LOAD_TIMEOUT_MILLISECONDS });
  for await (const value of readJsonLines(response.body)) {
    const { stream, error } = objectOf(value, 'what it loads');
    if (textOf(error) !== '') throw new SandboxError('docker-refused', `The Docker Engine refused: ${textOf(error)}`);
    const loaded = /^Loaded image(?: ID)?: (\S+)/.exec(textOf(stream))?.[1];
    if (loaded !== undefined) yield loaded;
  }
}

async function exec(dial: Dial, container: string, command: readonly string[], signal: AbortSignal | undefined): Promise<ExecResult> {
  const wanted = { AttachStdout: true, AttachStderr: true, Cmd: command };
  const created = await askEngine(dial, { method: 'POST', path: path`/containers/${container}/exec`, body: wanted, signal });
  const id = textOf(objectOf(await created.json(), 'a command').Id);
  // The engine gives up HTTP for this answer: what comes until the connection ends is the command's output.
  const started = await askEngine(dial, { method: 'POST', path: path`/exec/${id}/start`, body: { Detach: false, Tty: false }, signal });
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const texts = { stdout: '', stderr: '' };
  for await (const { stream, bytes } of readMultiplexed(started.body)) texts[stream] += decoders[stream].decode(bytes, { stream: true });
  for (const stream of ['stdout', 'stderr'] as const) texts[stream] += decoders[stream].decode();
  return { ...texts, exitCode: await exitCodeOf(dial, id, signal) };
}

/** A program may close its output before it ends, and the engine may learn of the end a moment later. */
async function exitCodeOf(dial: Dial, id: string, signal: AbortSignal | undefined): Promise<number> {
  const end = performance.now() + EXIT_TIMEOUT_MILLISECONDS;
  for (;;) {
    const state = objectOf(await (await askEngine(dial, { method: 'GET', path: path`/exec/${id}/json`, signal })).json(), 'a command');
    if (state.Running !== true) return numberOf(state.ExitCode);
    if (performance.now() > end) throw new SandboxError('timed-out', 'The command closed its output but did not end within 30 seconds.');
    await new Promise<void>(resolve => setTimeout(resolve, EXIT_PAUSE_MILLISECONDS));
  }
}

async function* readEvents(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
  try {
    for await (const value of readJsonLines(body)) yield parseEvent(value);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
