import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';

/** A tar of files with these names and contents; the same for the same, whenever it is made. */
export function tarOf(files: readonly (readonly [string, Buffer])[]): Promise<Uint8Array> {
  return packTar(files.map(([name, body]) => ({ header: { name, size: body.length, type: 'file' as const, mtime: new Date(0) }, body })));
}

/** An archive with an OCI image layout of one image with one gzipped layer, as `docker buildx build --output type=oci` writes it. */
export async function imageLayout(content: Readonly<Record<string, string>>, architecture = '386'): Promise<Uint8Array> {
  const blobs: [string, Buffer][] = [];
  const store = (bytes: Buffer) => {
    const hash = createHash('sha256').update(bytes).digest('hex');
    blobs.push([`blobs/sha256/${hash}`, bytes]);
    return { digest: `sha256:${hash}`, size: bytes.length };
  };
  const storeJson = (value: object) => store(Buffer.from(JSON.stringify(value)));
  const layer = Buffer.from(await tarOf(Object.entries(content).map(([name, text]) => [name, Buffer.from(text)])));
  const diffId = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  const config = storeJson({ os: 'linux', architecture, config: {}, rootfs: { type: 'layers', diff_ids: [diffId] } });
  const manifest = storeJson({ schemaVersion: 2, config, layers: [store(gzipSync(layer))] });
  const index = { schemaVersion: 2, manifests: [{ ...manifest, mediaType: 'application/vnd.oci.image.manifest.v1+json' }] };
  return tarOf([...blobs, ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')], ['index.json', Buffer.from(JSON.stringify(index))]]);
}
