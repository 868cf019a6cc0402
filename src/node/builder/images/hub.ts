import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { familiarName, HUB_CATALOG_FORMAT, type HubCatalog, type HubLayer } from '../../../core/hub/hub-catalog.ts';
import { storePieces } from '../blobs.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { layerFile, readBuiltImages } from './built-images.ts';

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

function storedBytes({ content }: HubLayer): number {
  return content.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
}

/** Makes what the hub inside the page serves: hub.json, and below blobs/ the layers as compressed pieces, each layer once. */
export function buildHub(images: BuiltStep): Promise<BuiltStep> {
  return runStep({
    name: 'hub',
    files: [import.meta.filename, join(import.meta.dirname, '../blobs.ts')],
    values: [images.key, String(HUB_CATALOG_FORMAT)],
    async build(folder, report) {
      const built = await readBuiltImages(images.folder);
      const layers = new Map<string, HubLayer>();
      for (const digest of new Set(built.flatMap(image => image.layers))) {
        layers.set(digest, { digest, content: await storePieces(await readFile(layerFile(images.folder, digest)), folder) });
      }
      const catalog: HubCatalog = {
        format: HUB_CATALOG_FORMAT,
        images: built.map(image => ({ ...image, layers: image.layers.map(digest => layers.get(digest)!) })),
      };
      for (const image of catalog.images) {
        const sizes = image.layers.map(layer => `${megabytes(layer.content.bytes)} (${megabytes(storedBytes(layer))} on the wire)`);
        report(`${familiarName(image)}:${image.tags[0]}: layers of ${sizes.join(' + ')} MB`);
      }
      await writeFile(join(folder, 'hub.json'), JSON.stringify(catalog));
    },
  });
}
