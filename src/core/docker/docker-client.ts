import { SandboxError } from '../base/errors.ts';
import type { Dial } from '../network/connection.ts';
import { requestHttp, type HttpOptions, type HttpResponse } from '../network/http-client.ts';
import { parseContainers, parseErrorMessage, parseEvent, parseImages, parseVersion } from './engine-json.ts';
import type { ContainerSummary, EngineEvent, EngineVersion } from './engine-types.ts';
import type { ImageSummary } from './image-summary.ts';
import { readJsonLines } from './json-lines.ts';

/** What dockerd 26.1 speaks. */
const API_PREFIX = '/v1.45';

/**
 * A Docker Engine. Every call rejects with `docker-refused` and the engine's own message when the engine says no,
 * and with `guest-unreachable`, `timed-out` or `cancelled` when there is no answer.
 */
export interface DockerClient {
  /** Resolves when the engine answers. */
  ping(signal?: AbortSignal): Promise<void>;
  version(signal?: AbortSignal): Promise<EngineVersion>;
  /** The images in its store, as `docker images` lists them. */
  images(signal?: AbortSignal): Promise<readonly ImageSummary[]>;
  /** The running containers, or all of them. */
  containers(all: boolean, signal?: AbortSignal): Promise<readonly ContainerSummary[]>;
  /**
   * Resolves when the engine tells what happens; what it tells from then on is to be read once. Reading ends when the signal aborts or the
   * engine stops, and throws when the connection breaks.
   */
  events(signal: AbortSignal): Promise<AsyncIterable<EngineEvent>>;
}

/** A client that opens a connection for every call. */
export function createDockerClient(dial: Dial): DockerClient {
  return {
    ping: async signal => void (await get(dial, '/_ping', signal).then(response => response.text())),
    version: async signal => parseVersion(await getJson(dial, '/version', signal)),
    images: async signal => parseImages(await getJson(dial, '/images/json', signal)),
    containers: async (all, signal) => parseContainers(await getJson(dial, `/containers/json?all=${all}`, signal)),
    events: signal => events(dial, signal),
  };
}

async function getJson(dial: Dial, path: string, signal: AbortSignal | undefined): Promise<unknown> {
  return (await get(dial, path, signal)).json();
}

async function get(dial: Dial, path: string, signal: AbortSignal | undefined): Promise<HttpResponse> {
  const options: HttpOptions = signal === undefined ? {} : { signal };
  const response = await requestHttp(dial, { method: 'GET', path: API_PREFIX + path }, options);
  if (response.status >= 200 && response.status < 300) return response;
  const body = await response.text();
  const reason = parseErrorMessage(body) ?? `${response.status} ${response.reason}`.trim();
  throw new SandboxError('docker-refused', `The Docker Engine refused: ${reason}`, { cause: { status: response.status, body } });
}

async function events(dial: Dial, signal: AbortSignal): Promise<AsyncIterable<EngineEvent>> {
  return readEvents((await get(dial, '/events', signal)).body, signal);
}

async function* readEvents(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
  try {
    for await (const value of readJsonLines(body)) yield parseEvent(value);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
