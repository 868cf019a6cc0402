import { sha256Of } from '../base/sha256.ts';
import { shortReference, type HubCatalog, type HubImage, type HubLayer } from './hub-catalog.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
/** No `+gzip`: the engine takes the tar as it is, and need not unpack it in the guest. */
export const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/** A manifest or a configuration as it is served. */
export interface HubDocument {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** What one repository of the hub holds. */
export interface HubRepository {
  /** Docker Hub's name of it in full. */
  readonly name: string;
  readonly tags: readonly string[];
  /** By tag and by digest. */
  readonly manifests: ReadonlyMap<string, HubDocument>;
  /** Configurations and layers, by digest. */
  readonly blobs: ReadonlyMap<string, HubDocument | HubLayer>;
}

/** The hub's repositories by their full name, with the manifests that the catalog leaves to be made. */
export async function hubContentOf({ images }: HubCatalog): Promise<ReadonlyMap<string, HubRepository>> {
  const repositories = new Map<string, HubRepository>();
  for (const image of images) repositories.set(image.repository, await added(repositories.get(image.repository), image));
  return repositories;
}

/** An image under a name that is not its own, with labels that say so: its configuration and manifest are others then, its layers the same. */
export async function standInOf(
  image: HubImage,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<{ readonly manifest: HubDocument; readonly repository: HubRepository }> {
  const repository = await added(undefined, { ...image, repository: name, tags: [], config: withLabels(image.config, labels) });
  return { manifest: [...repository.manifests.values()][0]!, repository };
}

function withLabels(config: string, labels: Readonly<Record<string, string>>): string {
  const parsed = JSON.parse(config) as { readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null } };
  return JSON.stringify({ ...parsed, config: { ...parsed.config, Labels: { ...parsed.config?.Labels, ...labels } } });
}

async function added(repository: HubRepository | undefined, image: HubImage): Promise<HubRepository> {
  const config = await documentOf(image.config);
  const manifest = await documentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: CONFIG_TYPE, digest: config.digest, size: config.bytes.length },
      layers: image.layers.map(({ digest, content }) => ({ mediaType: LAYER_TYPE, digest, size: content.bytes })),
    }),
  );
  const manifests = [manifest.digest, ...image.tags].map(name => [name, manifest] as const);
  const blobs = [config, ...image.layers].map(blob => [blob.digest, blob] as const);
  return {
    name: image.repository,
    tags: [...(repository?.tags ?? []), ...image.tags],
    manifests: new Map([...(repository?.manifests ?? []), ...manifests]),
    blobs: new Map([...(repository?.blobs ?? []), ...blobs]),
  };
}

async function documentOf(text: string): Promise<HubDocument> {
  const bytes = new TextEncoder().encode(text);
  return { digest: `sha256:${await sha256Of(bytes)}`, bytes };
}

/** What the hub has, each name once, in one line: `busybox, debian:13-slim, redis`. */
export function listImages({ images }: HubCatalog): string {
  const byName = new Map<string, HubImage>();
  for (const image of images) if (!byName.has(image.repository) || image.tags.includes('latest')) byName.set(image.repository, image);
  return [...byName.values()].map(shortReference).join(', ');
}
