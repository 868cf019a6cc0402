/**
 * Image archives: what `docker save` writes (its manifest.json names configurations and layers), and OCI image layouts (image-spec, image-layout.md),
 * of which the engine, with its own store of layers, needs such a manifest.json.
 */
import { packTar, unpackTar } from 'modern-tar';
import { SandboxError } from '../base/errors.ts';
import { streamOf } from '../base/gzip.ts';
import { isObject, objectsOf, textOf, textsOf, type JsonObject } from './json-fields.ts';

/** An image of an archive. */
export interface ArchivedImage {
  /** `user/name:tag`; none where the archive does not say. */
  readonly names: readonly string[];
  /** What it runs on: `linux/386`, `linux/amd64`. */
  readonly platform: string;
}

/** An image as an archive's list of images (manifest.json) has it: paths in the archive. */
export interface ManifestEntry {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  /** Lowest first; compressed or not. */
  readonly Layers: readonly string[];
}

/** What an archive holds. */
export interface ImageArchive {
  /** Those that this machine can run. */
  readonly images: readonly ArchivedImage[];
  /** Those that are for other computers. */
  readonly others: readonly ArchivedImage[];
  /** Where in the archive the parts of `images` lie, in the same order. */
  readonly entries: readonly ManifestEntry[];
  /** Goes before the archive's own bytes when it is given to the engine; empty for what `docker save` has written. */
  readonly prefix: Uint8Array;
}

/** What the emulated PC runs. */
const PLATFORM = 'linux/386';
/** Configurations, manifests and indexes are some kilobytes; layers are what is larger, and is passed over. */
const MAX_DOCUMENT_BYTES = 1024 * 1024;
/** As image-spec names them, and as Docker did before. */
const INDEX_TYPES = new Set(['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json']);
/** The two empty blocks at the end of a tar. */
const TAR_END_BYTES = 1024;

type Documents = ReadonlyMap<string, JsonObject | readonly unknown[]>;

/**
 * Looks through an archive. `name` is what an image without a name is called. Undefined where it is no image archive.
 * Throws `docker-refused` where the archive is damaged.
 */
export async function readImageArchive(pieces: AsyncIterable<Uint8Array>, name: string): Promise<ImageArchive | undefined> {
  const documents = await readDocuments(pieces);
  const saved = documents.get('manifest.json');
  if (Array.isArray(saved)) return archiveOf(objectsOf(saved).map(entryOf), documents, new Uint8Array());
  const index = documents.get('index.json');
  if (!isObject(index) || !documents.has('oci-layout')) return undefined;
  const entries = entriesOfLayout(index, documents, name);
  return archiveOf(entries, documents, await manifestTar(entries.filter(entry => platformOf(entry, documents) === PLATFORM)));
}

/** Why an archive has nothing to load, as a sentence; undefined where it has. */
export function problemOf({ images, others }: ImageArchive): string | undefined {
  if (images.length > 0) return undefined;
  if (others.length === 0) return 'There is no image in it.';
  const platforms = [...new Set(others.map(({ platform }) => platform))].join(' and ');
  return (
    `Its image is for ${platforms}. This machine is a 32-bit PC and runs images for ${PLATFORM} only. ` +
    `On the computer that made the image, run: docker buildx build --platform ${PLATFORM} -t NAME . and then docker save NAME -o image.tar`
  );
}

function archiveOf(entries: readonly ManifestEntry[], documents: Documents, prefix: Uint8Array): ImageArchive {
  const all = entries.map(entry => ({ names: entry.RepoTags, platform: platformOf(entry, documents) }));
  const isOurs = (platform: string): boolean => platform === PLATFORM;
  return {
    images: all.filter(({ platform }) => isOurs(platform)),
    others: all.filter(({ platform }) => !isOurs(platform)),
    entries: entries.filter((_, index) => isOurs(all[index]!.platform)),
    prefix,
  };
}

async function readDocuments(pieces: AsyncIterable<Uint8Array>): Promise<Documents> {
  const documents = new Map<string, JsonObject | readonly unknown[]>();
  const filter = ({ name, size, type }: { name: string; size: number; type?: string }): boolean =>
    type === 'file' && size > 0 && size <= MAX_DOCUMENT_BYTES && /(^|\/)([^/]*\.json|oci-layout|[0-9a-f]{64})$/.test(name);
  for (const { header, data } of await untar(pieces, filter)) {
    const document = data === undefined ? undefined : parsed(data);
    if (document !== undefined) documents.set(header.name.replace(/^(\.\/)+/, ''), document);
  }
  return documents;
}

async function untar(pieces: AsyncIterable<Uint8Array>, filter: (header: { name: string; size: number; type?: string }) => boolean) {
  try {
    return await unpackTar(streamOf(pieces), { filter, strict: true });
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    throw new SandboxError('docker-refused', 'It is not a tar archive, or it is damaged.', { cause: error });
  }
}

/** By their names, small layers look like documents: content that is not JSON is not a document. */
function parsed(bytes: Uint8Array): JsonObject | readonly unknown[] | undefined {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) || Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function entryOf(value: JsonObject): ManifestEntry {
  return { Config: textOf(value['Config']), RepoTags: textsOf(value['RepoTags']), Layers: textsOf(value['Layers']) };
}

function platformOf({ Config }: ManifestEntry, documents: Documents): string {
  const config = documents.get(Config);
  if (!isObject(config)) throw new SandboxError('docker-refused', `The archive lacks ${Config}, the configuration of one of its images.`);
  return `${textOf(config['os']) || 'linux'}/${textOf(config['architecture'])}`;
}

/** The images of an index, those of indexes inside it too. What is no image (an attestation) is left out. */
function entriesOfLayout(index: JsonObject, documents: Documents, name: string): ManifestEntry[] {
  return objectsOf(index['manifests']).flatMap(descriptor => {
    const document = documents.get(blobPath(descriptor['digest']));
    if (!isObject(document)) return [];
    const own = nameOf(descriptor, name);
    if (INDEX_TYPES.has(textOf(descriptor['mediaType'])) || Array.isArray(document['manifests'])) return entriesOfLayout(document, documents, own);
    const entry = entryOfManifest(document, own);
    return isObject(documents.get(entry.Config)) && entry.Layers.length > 0 && !isAttestation(descriptor) ? [entry] : [];
  });
}

function entryOfManifest(manifest: JsonObject, name: string): ManifestEntry {
  const config = isObject(manifest['config']) ? manifest['config'] : {};
  return { Config: blobPath(config['digest']), RepoTags: [name], Layers: objectsOf(manifest['layers']).map(layer => blobPath(layer['digest'])) };
}

function isAttestation(descriptor: JsonObject): boolean {
  const annotations = isObject(descriptor['annotations']) ? descriptor['annotations'] : {};
  return textOf(annotations['vnd.docker.reference.type']) !== '';
}

/** The name that containerd and BuildKit write in full, or the tag alone of others. */
function nameOf(descriptor: JsonObject, name: string): string {
  const annotations = isObject(descriptor['annotations']) ? descriptor['annotations'] : {};
  const full = textOf(annotations['io.containerd.image.name']) || textOf(annotations['org.opencontainers.image.ref.name']);
  if (full === '') return name;
  return /[/:]/.test(full) ? full : `${name.replace(/:[^/:]*$/, '')}:${full}`;
}

function blobPath(digest: unknown): string {
  return `blobs/${textOf(digest).replace(':', '/')}`;
}

async function manifestTar(entries: readonly ManifestEntry[]): Promise<Uint8Array> {
  const body = new TextEncoder().encode(JSON.stringify(entries));
  const tar = await packTar([{ header: { name: 'manifest.json', size: body.length, type: 'file', mtime: new Date(0) }, body }]);
  return tar.subarray(0, tar.length - TAR_END_BYTES);
}
