import { gunzipped } from '../base/gzip.ts';
import { skipping } from '../base/skipping.ts';
import { PACKING_BYTES, packingOf, unzstd, type Packing } from '../base/packed-file.ts';
import { sha256Of } from '../base/sha256.ts';
import { eitherSignal } from '../base/shared-work.ts';
import { CONFIG_TYPE, LAYER_TYPE, MANIFEST_TYPE, type HubDocument } from './hub-content.ts';
import { Digester, type FileDigest } from '../base/file-digest.ts';
import { hostOf } from '../upstream/upstream-settings.ts';
import { foundIn, type UpstreamClient } from '../upstream/upstream-client.ts';
import { WebError } from '../upstream/web.ts';

/** A layer of an image outside, as it is handed to the engine. */
export interface UpstreamLayer {
  /** `sha256:…` of what the engine gets: of the plain tar, which is the diff id, or of the packed file where it is handed on as it is. */
  readonly digest: string;
  /** Of what the engine gets. */
  readonly bytes: number;
  readonly mediaType: string;
  /** Of the file that is fetched. */
  readonly packedDigest: string;
  /** How the file is unpacked on its way to the engine; `none` for one that is handed on as it is. */
  readonly unpacking: 'none' | 'gzip' | 'zstd';
}

/** An image outside, for this machine, as it is handed to the engine. */
export interface UpstreamImage {
  /** `library/python`. */
  readonly repository: string;
  /** The registry's address. */
  readonly registry: string;
  readonly manifest: HubDocument;
  readonly config: HubDocument;
  readonly layers: readonly UpstreamLayer[];
}

/** An image is outside, but not for this machine. */
export class OtherMachineError extends Error {
  constructor(
    readonly host: string,
    /** `amd64`, `arm64`. */
    readonly architectures: readonly string[],
  ) {
    super(`${host} has it for ${architectures.join(', ') || 'other machines'} only, and this machine is a 32-bit PC (linux/386)`);
    this.name = 'OtherMachineError';
  }
}

interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

interface Manifest {
  readonly schemaVersion?: number;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

interface ImageConfig {
  readonly os?: string;
  readonly architecture?: string;
  readonly rootfs?: { readonly diff_ids?: readonly string[] };
}

/**
 * Lists by platform, and single images; of the OCI image specification and of Docker's own. They are asked for apart: an Accept header of more than 128 bytes
 * needs a question of the browser's before (CORS preflight), which few servers answer.
 */
const LIST_TYPES = 'application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.list.v2+json';
const IMAGE_TYPES = `${MANIFEST_TYPE},application/vnd.docker.distribution.manifest.v2+json`;
const AT_A_TIME = 3;

/** A registry outside that has Docker Hub's images under their names. */
export class RegistryUpstream {
  readonly host: string;

  constructor(
    private readonly client: UpstreamClient,
    private readonly address: string,
    private readonly signal: AbortSignal,
  ) {
    this.host = hostOf(address);
  }

  /**
   * An image by its tag, with all its layers fetched, checked and kept: the engine gets them as plain tars, whose sizes are only known then. Undefined
   * where the registry does not have it. `signal` calls it off. Rejects with OtherMachineError or a WebError.
   */
  async image(repository: string, tag: string, signal: AbortSignal): Promise<UpstreamImage | undefined> {
    const both = eitherSignal(this.signal, signal);
    try {
      return await new RegistryUpstream(this.client, this.address, both.signal).#image(repository, tag);
    } finally {
      both.dispose();
    }
  }

  async #image(repository: string, tag: string): Promise<UpstreamImage | undefined> {
    const what = `${repository.replace(/^library\//, '')}:${tag}`;
    const top = await this.#manifest(repository, tag, what);
    if (top === undefined) return undefined;
    const manifest = top.manifests === undefined ? top : await this.#ofThisMachine(repository, top.manifests, what);
    if (manifest.config === undefined || manifest.layers === undefined) {
      throw new WebError('refused', `${this.host} describes ${what} in a way that is not known here (only OCI and Docker's schema 2 are).`);
    }
    const config = await this.#document(repository, manifest.config.digest, `the configuration of ${what}`);
    const { architecture, os, rootfs } = JSON.parse(new TextDecoder().decode(config.bytes)) as ImageConfig;
    if (os !== 'linux' || architecture !== '386') throw new OtherMachineError(this.host, [architecture ?? 'another machine']);
    const diffIds = rootfs?.diff_ids ?? [];
    if (diffIds.length !== manifest.layers.length)
      throw new WebError('damaged', `${this.host} names other layers in ${what} than its configuration does.`);
    const jobs = manifest.layers.map((layer, index) => () => this.#layer(repository, layer, diffIds[index]!, `layer ${index + 1} of ${what}`));
    const layers = await inParallel(jobs, AT_A_TIME);
    return { repository, registry: this.address, config, layers, manifest: await manifestOf(config, layers) };
  }

  /** A manifest or index by its digest, exactly as it is outside; undefined where the registry does not have it. */
  async manifestByDigest(repository: string, digest: string): Promise<(HubDocument & { readonly mediaType: string }) | undefined> {
    const page = await this.#documentOfEitherKind(`${repository}/manifests/${digest}`, `a manifest of ${repository}`, digestOf(digest));
    if (page === undefined) return undefined;
    const { mediaType, manifests } = parsed(page, this.host) as Manifest & { readonly mediaType?: string };
    return { digest, bytes: page, mediaType: mediaType ?? (manifests === undefined ? MANIFEST_TYPE : 'application/vnd.oci.image.index.v1+json') };
  }

  /** What a layer of `image` gives the engine, from one offset on. Throws a WebError. */
  layer({ repository }: UpstreamImage, layer: UpstreamLayer, start = 0): AsyncIterable<Uint8Array> {
    const file = this.blob(repository, layer.packedDigest, `a layer of ${repository}`);
    return skipping(layer.unpacking === 'none' ? file : unpacked(file, layer.unpacking), start);
  }

  /** A blob by its digest, as it is. Throws a WebError. */
  blob(repository: string, digest: string, what: string): AsyncIterable<Uint8Array> {
    return this.client.file({ address: this.#addressOf(`${repository}/blobs/${digest}`), what, digest: digestOf(digest), signal: this.signal });
  }

  async #ofThisMachine(repository: string, manifests: readonly Descriptor[], what: string): Promise<Manifest> {
    const one = manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === '386');
    if (one === undefined) {
      const architectures = manifests.flatMap(({ platform }) =>
        platform?.os === 'linux' && platform.architecture !== undefined ? [platform.architecture] : [],
      );
      throw new OtherMachineError(this.host, [...new Set(architectures)]);
    }
    const page = await this.#page(`${repository}/manifests/${one.digest}`, `the manifest of ${what}`, IMAGE_TYPES, digestOf(one.digest));
    if (page === undefined) throw new WebError('refused', `${this.host} names a manifest of ${what} that it does not have.`);
    return parsed(page, this.host);
  }

  async #manifest(repository: string, tag: string, what: string): Promise<Manifest | undefined> {
    const path = `${repository}/manifests/${tag}`;
    const list = await this.#page(path, `the manifest of ${what}`, LIST_TYPES);
    const parsedList = list && parsed(list, this.host);
    if (parsedList?.manifests !== undefined) return parsedList;
    const image = await this.#page(path, `the manifest of ${what}`, IMAGE_TYPES);
    return image && parsed(image, this.host);
  }

  /** Of a digest nobody knows of which kind it is; a registry that has the other kind says that it has none, or gives something else. */
  async #documentOfEitherKind(path: string, what: string, digest: FileDigest): Promise<Uint8Array | undefined> {
    const image = await this.#page(path, what, IMAGE_TYPES, digest).catch((error: unknown) => {
      if (error instanceof WebError && error.kind === 'damaged') return undefined;
      throw error;
    });
    return image ?? this.#page(path, what, LIST_TYPES, digest);
  }

  async #document(repository: string, digest: string, what: string): Promise<HubDocument> {
    const bytes = await this.#page(`${repository}/blobs/${digest}`, what, undefined, digestOf(digest));
    if (bytes === undefined) throw new WebError('refused', `${this.host} does not have ${what}.`);
    return { digest, bytes };
  }

  async #page(path: string, what: string, accept?: string, digest?: FileDigest): Promise<Uint8Array | undefined> {
    const { client, signal } = this;
    const wanted = { address: this.#addressOf(path), what, signal, ...(accept !== undefined && { accept }), ...(digest !== undefined && { digest }) };
    const page = await client.page(wanted);
    if (page.status === 401 || page.status === 403) {
      throw new WebError('refused', `${this.host} wants a login for ${what} (${page.status}), which Drydock does not give.`);
    }
    return foundIn(page, this.host, what);
  }

  #addressOf(path: string): string {
    return `${this.address}v2/${path}`;
  }

  /** Fetches a layer, so that it is kept, and finds out what it unpacks to. */
  async #layer(repository: string, { digest, mediaType = '' }: Descriptor, diffId: string, what: string): Promise<UpstreamLayer> {
    if (mediaType.includes('foreign') || mediaType.includes('nondistributable')) {
      throw new WebError('refused', `Registries must not pass on ${what}: ${this.host} does not offer it.`);
    }
    const kept = (await this.client.note(`layer ${digest}`)) as UpstreamLayer | undefined;
    if (kept !== undefined && (await this.client.isKept(digestOf(digest)))) return kept;
    const layer = await this.#measure(repository, digest, diffId, what);
    await this.client.keepNote(`layer ${digest}`, layer);
    return layer;
  }

  async #measure(repository: string, packedDigest: string, diffId: string, what: string): Promise<UpstreamLayer> {
    const meter = new Meter(this.blob(repository, packedDigest, what));
    const head = await meter.head();
    const packing = packingOf(head);
    if (packing === 'gzip' || packing === 'zstd' || packing === 'none') {
      const tar = await measured(packing === 'none' ? meter : unpacked(meter, packing)).catch((error: unknown) => {
        // Some packers write several files of gzip behind each other, which no browser unpacks.
        if (error instanceof WebError) throw error;
        return undefined;
      });
      if (tar !== undefined && tar.digest !== diffId)
        throw new WebError('damaged', `${what} from ${this.host} does not unpack to what its image says.`);
      if (tar !== undefined) return { digest: diffId, bytes: tar.bytes, mediaType: LAYER_TYPE, packedDigest, unpacking: packing };
    }
    await meter.drain();
    const mediaType = `application/vnd.oci.image.layer.v1.tar${packing === 'none' ? '' : `+${packing}`}`;
    return { digest: packedDigest, bytes: meter.bytes, mediaType, packedDigest, unpacking: 'none' };
  }
}

/** Counts what goes through, and can be looked into before it is read. */
class Meter implements AsyncIterable<Uint8Array> {
  bytes = 0;
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #ahead: Uint8Array[] = [];
  #error: unknown;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#iterator = pieces[Symbol.asyncIterator]();
  }

  /** The first bytes; they are read again afterwards. */
  async head(): Promise<Uint8Array> {
    const first = await this.#next();
    if (first === undefined) return new Uint8Array();
    this.#ahead.push(first);
    return first.subarray(0, PACKING_BYTES);
  }

  /** Reads what nobody has read, so that it is kept. */
  async drain(): Promise<void> {
    while ((await this.#next()) !== undefined);
  }

  /** Leaving early does not end the source: see `drain`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#ahead.splice(0);
    for (let piece = await this.#next(); piece !== undefined; piece = await this.#next()) yield piece;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#error !== undefined) throw this.#error;
    try {
      const next = await this.#iterator.next();
      if (next.done === true) return undefined;
      this.bytes += next.value.length;
      return next.value;
    } catch (error) {
      this.#error = error;
      throw error;
    }
  }
}

async function* unpacked(
  pieces: AsyncIterable<Uint8Array>,
  packing: Exclude<Packing, 'none' | 'bzip2' | 'xz'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* packing === 'gzip' ? gunzipped(pieces) : unzstd(pieces);
}

async function measured(pieces: AsyncIterable<Uint8Array>): Promise<{ readonly digest: string; readonly bytes: number }> {
  const digester = new Digester('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    digester.take(piece);
    bytes += piece.length;
  }
  return { digest: `sha256:${digester.end()}`, bytes };
}

/** The manifest of what the engine gets. The image's id is that of its configuration, and so the same as everywhere. */
async function manifestOf(config: HubDocument, layers: readonly UpstreamLayer[]): Promise<HubDocument> {
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: config.digest, size: config.bytes.length },
    layers: layers.map(({ bytes, digest, mediaType }) => ({ mediaType, digest, size: bytes })),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  return { digest: `sha256:${await sha256Of(bytes)}`, bytes };
}

function digestOf(digest: string): FileDigest {
  const match = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest);
  if (match === null) throw new WebError('refused', `A digest is not known here: ${digest.slice(0, 80)}.`);
  return { algorithm: match[1] as 'sha256' | 'sha512', hex: match[2]! };
}

function parsed(bytes: Uint8Array, host: string): Manifest {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
  } catch (error) {
    throw new WebError('damaged', `${host} does not answer like a registry.`, { cause: error });
  }
}

/** Does jobs, so many at a time; the results are in the order of the jobs. The first failure ends it. */
async function inParallel<T>(jobs: readonly (() => Promise<T>)[], atATime: number): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      results[index] = await jobs[index]!();
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return results;
}
