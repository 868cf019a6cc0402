import { skipping } from '../base/skipping.ts';
import { onePiece } from '../base/bytes.ts';
import { SharedWork } from '../base/shared-work.ts';
import type { RegistryUpstream, UpstreamImage, UpstreamLayer } from './registry-upstream.ts';
import { MANIFEST_TYPE, type HubDocument } from './hub-content.ts';

/** A manifest of an image outside, and how it is called. */
export interface UpstreamManifest extends HubDocument {
  readonly mediaType: string;
}

/** A part of an image outside, of known size. */
export interface UpstreamBlob {
  readonly digest: string;
  readonly bytes: number;
  /** Its bytes from one offset on. Throws a WebError. */
  read(start: number): AsyncIterable<Uint8Array>;
}

interface Parts {
  readonly config?: { readonly digest: string; readonly size: number };
  readonly layers?: readonly { readonly digest: string; readonly size: number }[];
}

/** The images that came from outside, by the names that the engine asks for their parts by. */
export class UpstreamImages {
  /** `graceMilliseconds`: how long a search goes on for which nobody waits; the engine gives up and asks again. */
  constructor(private readonly graceMilliseconds?: number) {}

  readonly #manifests = new Map<string, UpstreamManifest>();
  readonly #blobs = new Map<string, UpstreamBlob>();
  readonly #underWay = new Map<string, SharedWork<UpstreamManifest | undefined>>();

  /**
   * The manifest of an image, from the first of the registries that has it; undefined where none has. With a tag, it is one of our own making, whose layers
   * are unpacked; with a digest it is the very one outside. It is called off some seconds after all who asked for it have gone (`signal`). Rejects as
   * RegistryUpstream does.
   */
  manifest(
    upstreams: readonly RegistryUpstream[],
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<UpstreamManifest | undefined> {
    const name = `${repository} ${reference}`;
    const known = this.#manifests.get(name);
    if (known !== undefined) return Promise.resolve(known);
    let search = this.#underWay.get(name);
    if (search === undefined) {
      const find = (goOn: AbortSignal) => this.#find(upstreams, repository, reference, goOn).finally(() => this.#underWay.delete(name));
      search = new SharedWork(find, this.graceMilliseconds);
      this.#underWay.set(name, search);
    }
    return search.wait(signal);
  }

  /** A configuration or layer of an image whose manifest was handed out. */
  blob(repository: string, digest: string): UpstreamBlob | undefined {
    return this.#blobs.get(`${repository} ${digest}`);
  }

  async #find(
    upstreams: readonly RegistryUpstream[],
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<UpstreamManifest | undefined> {
    for (const upstream of upstreams) {
      const found = reference.includes(':')
        ? await this.#byDigest(upstream, repository, reference)
        : await this.#byTag(upstream, repository, reference, signal);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #byTag(upstream: RegistryUpstream, repository: string, tag: string, signal: AbortSignal): Promise<UpstreamManifest | undefined> {
    const image = await upstream.image(repository, tag, signal);
    if (image === undefined) return undefined;
    const { config, layers } = image;
    this.#add(repository, { digest: config.digest, bytes: config.bytes.length, read: start => onePiece(config.bytes.subarray(start)) });
    for (const layer of layers) this.#add(repository, blobOf(upstream, image, layer));
    return this.#take(repository, { ...image.manifest, mediaType: MANIFEST_TYPE });
  }

  async #byDigest(upstream: RegistryUpstream, repository: string, digest: string): Promise<UpstreamManifest | undefined> {
    const manifest = await upstream.manifestByDigest(repository, digest);
    if (manifest === undefined) return undefined;
    const { config, layers = [] } = JSON.parse(new TextDecoder().decode(manifest.bytes)) as Parts;
    for (const part of config === undefined ? layers : [config, ...layers]) {
      const read = (start: number) => skipping(upstream.blob(repository, part.digest, `a part of ${repository}`), start);
      this.#add(repository, { digest: part.digest, bytes: part.size, read });
    }
    return this.#take(repository, manifest);
  }

  /** By its digest alone: what a tag stands for may change. */
  #take(repository: string, manifest: UpstreamManifest): UpstreamManifest {
    this.#manifests.set(`${repository} ${manifest.digest}`, manifest);
    return manifest;
  }

  #add(repository: string, blob: UpstreamBlob): void {
    this.#blobs.set(`${repository} ${blob.digest}`, blob);
  }
}

function blobOf(upstream: RegistryUpstream, image: UpstreamImage, layer: UpstreamLayer): UpstreamBlob {
  return { digest: layer.digest, bytes: layer.bytes, read: start => upstream.layer(image, layer, start) };
}
