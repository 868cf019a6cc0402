import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { familiarName, HUB_CATALOG_FORMAT, type HubCatalog, type HubLayer } from '../../../core/hub/hub-catalog.ts';
import { checkNames, imagesFolder as addedImages, readAdditions } from '../../additions/added-images.ts';
import { linkBlobs } from '../link-blobs.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { layerFile, readBuiltImages } from './built-images.ts';
import { compressLayer, type LayerPieces } from './layer-pieces.ts';

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

function storedBytes({ content }: HubLayer): number {
  return content.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
}

/** Makes what the hub inside the page serves: hub.json, and below blobs/ the layers as compressed pieces, each layer once. */
export async function buildHub(images: BuiltStep): Promise<BuiltStep> {
  const [made, added] = [await readBuiltImages(images.folder), await readAdditions()];
  checkNames(made, added);
  const built = [...made, ...added];
  const layers = new Map<string, HubLayer>();
  const compressed: LayerPieces[] = [];
  for (const digest of new Set(built.flatMap(image => image.layers))) {
    const own = layerFile(images.folder, digest);
    const pieces = await compressLayer(digest, existsSync(own) ? own : layerFile(addedImages, digest));
    layers.set(digest, { digest, content: pieces.content });
    compressed.push(pieces);
  }
  return runStep({
    name: 'hub',
    files: [import.meta.filename],
    values: [images.key, JSON.stringify(added), String(HUB_CATALOG_FORMAT), ...compressed.map(({ key }) => key)],
    async build(folder, report) {
      for (const layer of compressed) await linkBlobs(layer.folder, folder);
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
