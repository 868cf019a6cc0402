import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { sha256 } from '../core/hub/made-pieces.ts';
import type { OutsideServer } from './outside-server.ts';
import { tarOf } from './image-layout.ts';

const GZIP = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** What a registry stores of an image with one layer of each packing. */
export interface MadeImage {
  /** The plain tars. */
  readonly tars: readonly Uint8Array[];
  readonly config: Buffer;
  readonly manifest: Buffer;
  /** By digest: configuration and layers. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Packs a tar as a layer. `bzip2` only begins like it: nothing here unpacks that. */
export function packed(tar: Uint8Array, packing: 'gzip' | 'zstd' | 'none' | 'bzip2'): Uint8Array {
  if (packing === 'gzip') return gzipSync(tar);
  if (packing === 'zstd') return execFileSync('zstd', ['-q', '-c'], { input: tar });
  return packing === 'none' ? tar : Buffer.concat([Buffer.from('BZh9'), tar]);
}

/** An image whose layers have a file each. */
export async function madeImage(
  packings: readonly Parameters<typeof packed>[1][],
  { architecture = '386', name = 'part' }: { readonly architecture?: string; readonly name?: string } = {},
): Promise<MadeImage> {
  const tars = await Promise.all(packings.map((packing, index) => tarOf([[`${name}-${index}`, Buffer.from(`${packing} `.repeat(3000))]])));
  const layers = tars.map((tar, index) => packed(tar, packings[index]!));
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture,
      config: { Cmd: ['/part-0'] },
      rootfs: { type: 'layers', diff_ids: tars.map(tar => `sha256:${sha256(tar)}`) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: `sha256:${sha256(config)}`, size: config.length },
      layers: layers.map(layer => ({ mediaType: GZIP, digest: `sha256:${sha256(layer)}`, size: layer.length })),
    }),
  );
  return { tars, config, manifest, blobs: new Map([config, ...layers].map(bytes => [`sha256:${sha256(bytes)}`, bytes])) };
}

/** A list of images by architecture. */
export function listOf(images: Readonly<Record<string, MadeImage>>): Buffer {
  const manifests = Object.entries(images).map(([architecture, { manifest }]) => ({
    mediaType: MANIFEST,
    digest: `sha256:${sha256(manifest)}`,
    size: manifest.length,
    platform: { os: 'linux', architecture },
  }));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: LIST, manifests }));
}

/** Puts an image into a registry of the test, under a tag and its digest. */
export function serveImage(server: OutsideServer, repository: string, tag: string, images: Readonly<Record<string, MadeImage>> | MadeImage): void {
  const isOne = 'manifest' in images;
  const all = isOne ? [images as MadeImage] : Object.values(images as Record<string, MadeImage>);
  for (const { blobs, manifest } of all) {
    server.answers.set(`/v2/${repository}/manifests/sha256:${sha256(manifest)}`, { body: manifest, type: MANIFEST });
    for (const [digest, body] of blobs) server.answers.set(`/v2/${repository}/blobs/${digest}`, { body });
  }
  const top = isOne ? (images as MadeImage).manifest : listOf(images as Record<string, MadeImage>);
  server.answers.set(`/v2/${repository}/manifests/${tag}`, { body: top, type: isOne ? MANIFEST : LIST });
  server.answers.set(`/v2/${repository}/manifests/sha256:${sha256(top)}`, { body: top, type: isOne ? MANIFEST : LIST });
}
