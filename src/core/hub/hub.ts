import { messageOf } from '../base/errors.ts';
import { remedyOf } from '../base/download-remedy.ts';
import { Emitter } from '../base/events.ts';
import { lazily } from '../base/lazily.ts';
import { readPieces, type LoadPiece } from '../base/piece-reader.ts';
import { fileResponse } from '../network/file-response.ts';
import type { HttpServerRequest, HttpServerResponse } from '../network/http-server.ts';
import { targetOf, type RequestTarget } from '../network/request-target.ts';
import { familiarName, type HubCatalog, type HubLayer } from './hub-catalog.ts';
import { hubContentOf, listImages, MANIFEST_TYPE, type HubRepository } from './hub-content.ts';
import { summarizeHub, type HubImageSummary } from './hub-summary.ts';

/** Something that somebody asked the hub for and did not get. */
export interface HubTrouble {
  /** True where the hub does not have it; false where it has it and could not hand it over. */
  readonly isUnknown: boolean;
  /** In plain words, in one line of ASCII: what was asked for, and what exists. */
  readonly message: string;
  /** True where the Docker Engine asked, which then turns to Docker Hub itself. */
  readonly isFromEngine: boolean;
}

/** Names as the distribution specification has them. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const ROUTE = new RegExp(`^/v2/(${COMPONENT}(?:/${COMPONENT})*)/(manifests|blobs|tags)/([^/]+)$`);

const NO_ADDRESS = 'This is no address of a registry (OCI distribution specification).';
const PUSH_REFUSAL =
  "The sandbox's hub cannot be pushed to. Run a registry of your own: docker run -d -p 5000:5000 registry:2, " +
  'then docker tag the image localhost:5000/NAME and docker push localhost:5000/NAME.';

/** The read-only registry inside the page (OCI distribution specification 1.1). The catalog is read when it is first needed. */
export class Hub {
  readonly #catalog: () => Promise<HubCatalog>;
  readonly #repositories: () => Promise<ReadonlyMap<string, HubRepository>>;
  readonly #load: LoadPiece;
  readonly #trouble = new Emitter<HubTrouble>();
  readonly onTrouble = this.#trouble.event;

  /** `catalog` is called again after it failed. `load` gives the pieces of layers. */
  constructor(catalog: () => Promise<HubCatalog>, load: LoadPiece) {
    this.#catalog = catalog;
    this.#repositories = lazily(async () => hubContentOf(await catalog()));
    this.#load = load;
  }

  /** What it holds. Rejects when the catalog cannot be read. */
  async images(): Promise<HubImageSummary[]> {
    return summarizeHub(await this.#catalog());
  }

  /** What it holds, in one line. Rejects when the catalog cannot be read. */
  async list(): Promise<string> {
    return listImages(await this.#catalog());
  }

  /** Answers a request whose path begins with /v2. */
  readonly handle = async (request: HttpServerRequest): Promise<HttpServerResponse> => {
    const answer = await this.#answer(request);
    return { ...answer, headers: [['Docker-Distribution-API-Version', 'registry/2.0'], ...(answer.headers ?? [])] };
  };

  async #answer(request: HttpServerRequest): Promise<HttpServerResponse> {
    const target = targetOf(request);
    if (target === undefined) return refusal(404, 'NAME_INVALID', NO_ADDRESS);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'UNSUPPORTED', PUSH_REFUSAL, [['Allow', 'GET, HEAD']]);
    // The engine gives the first answer 15 seconds: it waits for no download.
    if (target.path === '/v2' || target.path === '/v2/') return json(200, {});
    try {
      return await this.#answerKnown(request, target, await this.#repositories());
    } catch (error) {
      this.#trouble.emit({ isUnknown: false, message: messageOf(error), isFromEngine: isFromEngine(request) });
      return refusal(503, 'UNAVAILABLE', messageOf(error));
    }
  }

  async #answerKnown(
    request: HttpServerRequest,
    { path, query }: RequestTarget,
    repositories: ReadonlyMap<string, HubRepository>,
  ): Promise<HttpServerResponse> {
    if (path === '/v2/_catalog') return page(path, query, [...repositories.keys()], names => ({ repositories: names }));
    const route = ROUTE.exec(path);
    if (route === null) return refusal(404, 'NAME_INVALID', NO_ADDRESS);
    const [name, kind, reference] = [route[1]!, route[2], route[3]!];
    const repository = repositories.get(name);
    const shown = familiarName({ repository: name });
    if (repository === undefined) {
      return this.#unknown(request, 'NAME_UNKNOWN', `The sandbox's hub has no image ${shown}. It has: ${await this.list()}.`);
    }
    if (kind === 'tags') {
      if (reference !== 'list') return refusal(404, 'UNSUPPORTED', 'There is only tags/list.');
      return page(path, query, repository.tags, tags => ({ name, tags }));
    }
    if (kind === 'blobs') return this.#blob(request, repository, shown, reference);
    return this.#manifest(request, repository, shown, reference);
  }

  #manifest(request: HttpServerRequest, repository: HubRepository, shown: string, reference: string): HttpServerResponse {
    const manifest = repository.manifests.get(reference);
    if (manifest === undefined) {
      const known = repository.tags.map(tag => `${shown}:${tag}`).join(', ');
      const wanted = `${shown}${reference.includes(':') ? '@' : ':'}${reference}`;
      return this.#unknown(request, 'MANIFEST_UNKNOWN', `The sandbox's hub has no image ${wanted}. Of ${shown} it has: ${known}.`);
    }
    const headers = [['Content-Type', MANIFEST_TYPE], digestHeader(manifest.digest), ['ETag', `"${manifest.digest}"`]] as const;
    return { status: 200, headers, body: manifest.bytes };
  }

  #unknown(request: HttpServerRequest, code: string, message: string): HttpServerResponse {
    this.#trouble.emit({ isUnknown: true, message, isFromEngine: isFromEngine(request) });
    return refusal(404, code, message);
  }

  #blob(request: HttpServerRequest, { blobs }: HubRepository, shown: string, digest: string): HttpServerResponse {
    const blob = blobs.get(digest);
    if (blob === undefined) return this.#unknown(request, 'BLOB_UNKNOWN', `The image ${shown} of the sandbox's hub has no part ${digest}.`);
    const headers = [['Content-Type', 'application/octet-stream'], digestHeader(digest)] as const;
    if ('content' in blob) {
      const read = (start: number, end: number) => this.#readLayer(request, blob, shown, start, end);
      return fileResponse(request, { bytes: blob.content.bytes, tag: digest, headers, read });
    }
    const read = (start: number, end: number) => once(blob.bytes.subarray(start, end));
    return fileResponse(request, { bytes: blob.bytes.length, tag: digest, headers, read });
  }

  async *#readLayer(request: HttpServerRequest, layer: HubLayer, shown: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    try {
      yield* readPieces(layer.content, this.#load, start, end);
    } catch (error) {
      const message = `A layer of the image ${shown} could not be handed over: ${messageOf(error)} ${remedyOf(error, `pull ${shown}`)}`;
      this.#trouble.emit({ isUnknown: false, message, isFromEngine: isFromEngine(request) });
      throw error;
    }
  }
}

/** `docker pull` and BuildKit name themselves so. */
function isFromEngine({ headers }: HttpServerRequest): boolean {
  return /^(docker|buildkit)\//.test(headers.get('user-agent') ?? '');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

function digestHeader(digest: string): readonly [string, string] {
  return ['Docker-Content-Digest', digest];
}

function json(status: number, value: unknown, headers: readonly (readonly [string, string])[] = []): HttpServerResponse {
  return { status, headers: [['Content-Type', 'application/json'], ...headers], body: `${JSON.stringify(value)}\n` };
}

/** An error as registries tell it. */
function refusal(status: number, code: string, message: string, headers: readonly (readonly [string, string])[] = []): HttpServerResponse {
  return json(status, { errors: [{ code, message, detail: null }] }, headers);
}

/** A list in the order of names, from after `last`, at most `n` long; a Link header leads on where something is left. */
function page(path: string, query: URLSearchParams, all: readonly string[], bodyOf: (names: readonly string[]) => unknown): HttpServerResponse {
  const [last, n] = [query.get('last') ?? '', query.get('n')];
  if (n !== null && !/^\d{1,6}$/.test(n)) return refusal(400, 'PAGINATION_NUMBER_INVALID', 'n is to be a number.');
  const following = [...all].sort().filter(name => name > last);
  const names = n === null ? following : following.slice(0, Number(n));
  if (names.length === 0 || names.length === following.length) return json(200, bodyOf(names));
  const next = new URLSearchParams({ n: n!, last: names.at(-1)! });
  return json(200, bodyOf(names), [['Link', `<${path}?${next.toString()}>; rel="next"`]]);
}
