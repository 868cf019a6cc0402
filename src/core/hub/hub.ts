import { onePiece } from '../base/bytes.ts';
import { messageOf } from '../base/errors.ts';
import { remedyOf } from '../base/download-remedy.ts';
import { Emitter } from '../base/events.ts';
import { lazily } from '../base/lazily.ts';
import { readPieces, type LoadPiece } from '../base/piece-reader.ts';
import { upTo } from '../base/skipping.ts';
import { fileResponse } from '../network/file-response.ts';
import type { HttpServerRequest, HttpServerResponse } from '../network/http-server.ts';
import { targetOf, type RequestTarget } from '../network/request-target.ts';
import { SWITCH_ON } from '../upstream/outside.ts';
import type { RegistryUpstream } from './registry-upstream.ts';
import { familiarName, type HubCatalog, type HubLayer } from './hub-catalog.ts';
import { hubContentOf, listImages, MANIFEST_TYPE, type HubDocument, type HubRepository } from './hub-content.ts';
import { summarizeHub, type HubImageSummary } from './hub-summary.ts';
import { nearestImage, type NearestImage } from './nearest-image.ts';
import { StandIns } from './stand-ins.ts';
import { UpstreamImages, type UpstreamBlob, type UpstreamManifest } from './upstream-images.ts';

/** Something that somebody asked the hub for and did not get. */
export interface HubTrouble {
  /** True where the hub does not have it; false where it has it and could not hand it over. */
  readonly isUnknown: boolean;
  /** In plain words, in one line of ASCII: what was asked for, and what exists. */
  readonly message: string;
  /** True where the Docker Engine asked, which then turns to Docker Hub itself. */
  readonly isFromEngine: boolean;
  /** The image, where it was looked for outside: the engine asks for it several times, and each attempt may fail in another way. */
  readonly asked?: string;
}

/** An image was given instead of another one. */
export interface HubStandIn {
  /** What was asked for, and what was given, as typed after `docker pull`. */
  readonly asked: string;
  readonly given: string;
  readonly why: string | undefined;
}

/** Names as the distribution specification has them. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const ROUTE = new RegExp(`^/v2/(${COMPONENT}(?:/${COMPONENT})*)/(manifests|blobs|tags)/([^/]+)$`);

const NO_ADDRESS = 'This is not an address of a registry (OCI distribution specification).';
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
  readonly #standIn = new Emitter<HubStandIn>();
  readonly onStandIn = this.#standIn.event;
  readonly #standIns = new StandIns();
  /** Whether the nearest image answers where it may: the learner or the site wants that, and nobody else. */
  givesNearest = false;
  /** Registries outside, for what it lacks; none while the network is off. */
  upstreams: readonly RegistryUpstream[] = [];
  /** Where it could look if the learner switched the network on. */
  offered: string | undefined;
  readonly #outside = new UpstreamImages();

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
      // Who has gone is told nothing, and nobody else is either.
      if (!request.signal.aborted) this.#trouble.emit({ isUnknown: false, message: messageOf(error), isFromEngine: isFromEngine(request) });
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
    if (kind === 'manifests') return this.#manifest(request, name, reference, repository);
    if (kind === 'blobs') return this.#blob(request, name, reference, repository);
    if (repository === undefined) return this.#unknown(request, 'NAME_UNKNOWN', await this.#nearest(familiarName({ repository: name })));
    if (reference !== 'list') return refusal(404, 'UNSUPPORTED', 'There is only tags/list.');
    return page(path, query, repository.tags, tags => ({ name, tags }));
  }

  async #manifest(request: HttpServerRequest, name: string, reference: string, repository: HubRepository | undefined): Promise<HttpServerResponse> {
    const known = repository?.manifests.get(reference) ?? this.#standIns.manifest(name, reference);
    if (known !== undefined) return manifestAnswer(known);
    const asked = `${familiarName({ repository: name })}${reference.includes(':') ? '@' : ':'}${reference}`;
    const outside = await this.#fromOutside(request, name, reference, asked);
    if (outside !== undefined && !('problem' in outside)) return manifestAnswer(outside);
    const nearest = await this.#nearest(asked);
    const standIn = this.givesNearest ? await this.#standIns.make(name, nearest, await this.#catalog()) : undefined;
    if (standIn === undefined && outside !== undefined) return this.#refuseOutside(request, outside.problem, nearest);
    if (standIn === undefined) return this.#unknown(request, repository === undefined ? 'NAME_UNKNOWN' : 'MANIFEST_UNKNOWN', nearest);
    this.#standIn.emit({ asked: nearest.asked, given: nearest.reference!, why: nearest.why });
    return manifestAnswer(standIn);
  }

  /** The manifest that a registry outside has, or why it cannot be had; undefined where none of them has it. */
  async #fromOutside(
    { signal }: HttpServerRequest,
    name: string,
    reference: string,
    asked: string,
  ): Promise<UpstreamManifest | { readonly problem: string } | undefined> {
    if (this.upstreams.length === 0) return undefined;
    try {
      return await this.#outside.manifest(this.upstreams, name, reference, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return { problem: `${asked} is not available: ${messageOf(error).replace(/\.$/, '')}.` };
    }
  }

  #refuseOutside(request: HttpServerRequest, problem: string, { advice, asked, reference }: NearestImage): HttpServerResponse {
    const message = reference === undefined ? problem : `${problem} From the sandbox's own hub: ${advice}`;
    this.#trouble.emit({ isUnknown: false, message, isFromEngine: isFromEngine(request), asked });
    return refusal(404, 'MANIFEST_UNKNOWN', message);
  }

  async #nearest(wanted: string): Promise<NearestImage> {
    const { images } = await this.#catalog();
    return nearestImage(
      wanted,
      images.map(image => ({ name: familiarName(image), tags: image.tags })),
    );
  }

  async #unknown(request: HttpServerRequest, code: string, { asked, advice, kind }: NearestImage): Promise<HttpServerResponse> {
    const all = kind === 'none' ? ` It has: ${await this.list()}.` : '';
    const offer = this.offered === undefined ? '' : ` Or ${SWITCH_ON} to look at ${this.offered}.`;
    const hosts = this.upstreams.map(({ host }) => host).join(' and ');
    const who = hosts === '' ? "The sandbox's hub has" : `The sandbox's hub and ${hosts} have`;
    return this.#refuse(request, code, `${who} no image ${asked}: ${advice}${all}${offer}`);
  }

  #refuse(request: HttpServerRequest, code: string, message: string): HttpServerResponse {
    this.#trouble.emit({ isUnknown: true, message, isFromEngine: isFromEngine(request) });
    return refusal(404, code, message);
  }

  #blob(request: HttpServerRequest, name: string, digest: string, repository: HubRepository | undefined): HttpServerResponse {
    const shown = familiarName({ repository: name });
    const outside = this.#outside.blob(name, digest);
    if (outside !== undefined) return this.#outsideBlob(request, outside, shown);
    const blob = repository?.blobs.get(digest) ?? this.#standIns.blob(name, digest);
    if (blob === undefined) return this.#refuse(request, 'BLOB_UNKNOWN', `The image ${shown} of the sandbox's hub has no part ${digest}.`);
    const headers = [['Content-Type', 'application/octet-stream'], digestHeader(digest)] as const;
    if ('content' in blob) {
      const read = (start: number, end: number) => this.#readLayer(request, blob, shown, start, end);
      return fileResponse(request, { bytes: blob.content.bytes, tag: digest, headers, read });
    }
    const read = (start: number, end: number) => onePiece(blob.bytes.subarray(start, end));
    return fileResponse(request, { bytes: blob.bytes.length, tag: digest, headers, read });
  }

  #outsideBlob(request: HttpServerRequest, blob: UpstreamBlob, shown: string): HttpServerResponse {
    const headers = [['Content-Type', 'application/octet-stream'], digestHeader(blob.digest)] as const;
    const read = (start: number, end: number) => this.#readOutside(request, blob, shown, start, end);
    return fileResponse(request, { bytes: blob.bytes, tag: blob.digest, headers, read });
  }

  async *#readOutside(request: HttpServerRequest, blob: UpstreamBlob, shown: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    try {
      yield* upTo(blob.read(start), end - start);
    } catch (error) {
      const message = `A part of the image ${shown} could not be delivered: ${messageOf(error)}`;
      this.#trouble.emit({ isUnknown: false, message, isFromEngine: isFromEngine(request) });
      throw error;
    }
  }

  async *#readLayer(request: HttpServerRequest, layer: HubLayer, shown: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    try {
      yield* readPieces(layer.content, this.#load, start, end);
    } catch (error) {
      const message = `A layer of the image ${shown} could not be delivered: ${messageOf(error)} ${remedyOf(error, `pull ${shown}`)}`;
      this.#trouble.emit({ isUnknown: false, message, isFromEngine: isFromEngine(request) });
      throw error;
    }
  }
}

/** The engine by its own name, and by those of the parts of it that pull for BuildKit. */
function isFromEngine({ headers }: HttpServerRequest): boolean {
  return /^(?:docker|buildkit|containerd)\//.test(headers.get('user-agent') ?? '');
}

function manifestAnswer({ digest, bytes, mediaType = MANIFEST_TYPE }: HubDocument & Partial<UpstreamManifest>): HttpServerResponse {
  return { status: 200, headers: [['Content-Type', mediaType], digestHeader(digest), ['ETag', `"${digest}"`]], body: bytes };
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
  if (n !== null && !/^\d{1,6}$/.test(n)) return refusal(400, 'PAGINATION_NUMBER_INVALID', 'n must be a number.');
  const following = [...all].sort().filter(name => name > last);
  const names = n === null ? following : following.slice(0, Number(n));
  if (names.length === 0 || names.length === following.length) return json(200, bodyOf(names));
  const next = new URLSearchParams({ n: n!, last: names.at(-1)! });
  return json(200, bodyOf(names), [['Link', `<${path}?${next.toString()}>; rel="next"`]]);
}
