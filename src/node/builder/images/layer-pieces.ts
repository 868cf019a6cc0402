import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pieces } from '../../../core/base/pieces.ts';
import { storePieces } from '../blobs.ts';
import { runStep } from '../step.ts';

const PIECES_FILE = 'pieces.json';

/** A layer as the hub serves it. */
export interface LayerPieces {
  /** The step's. */
  readonly key: string;
  readonly content: Pieces;
  /** The folder below whose blobs/ the pieces lie. */
  readonly folder: string;
}

/** Compresses a layer, or finds that done: the same bytes are compressed once, whatever image they come from. */
export async function compressLayer(digest: string, file: string): Promise<LayerPieces> {
  const { key, folder } = await runStep({
    name: 'layer',
    files: [import.meta.filename, join(import.meta.dirname, '../blobs.ts')],
    values: [digest],
    async build(place) {
      await writeFile(join(place, PIECES_FILE), JSON.stringify(await storePieces(await readFile(file), place)));
    },
  });
  return { content: JSON.parse(await readFile(join(folder, PIECES_FILE), 'utf8')) as Pieces, folder, key };
}
