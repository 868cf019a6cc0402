import { otherVersionError } from '../../base/errors.ts';
import type { Pieces, PieceStream } from '../../base/pieces.ts';
import type { MemoryLayout } from '../../machine/memory-image.ts';
import type { NinePState } from '../../workspace/nine-p/nine-p-server.ts';

/** Changes when the meaning of a manifest's fields changes. */
export const MANIFEST_FORMAT = 4;

/** A saved machine (MachineImage). */
export interface SavedState {
  /** JSON: a StateIndex. */
  readonly index: Pieces;
  readonly devices: Pieces;
  /** The translated guest code, module after module. */
  readonly code: Pieces;
  readonly pages: PieceStream;
}

/** What tells how a saved machine's pieces belong together. */
export interface StateIndex {
  readonly layout: MemoryLayout;
  readonly ramStart: number;
  /** Slot, address and size in bytes of each module, in the order in which they are stored. */
  readonly modules: readonly (readonly [slot: number, address: number, bytes: number])[];
}

/** A disk cut into chunks. */
export interface DiskIndex {
  readonly bytes: number;
  readonly chunkBytes: number;
  /** The blob of each chunk, separated by spaces, with runs of n all-zero chunks as `-n`. */
  readonly chunks: string;
}

/** machine.json: what a machine that the site serves is made of. */
export interface MachineManifest {
  readonly format: number;
  /** Names the guest build. */
  readonly key: string;
  readonly v86Version: string;
  readonly memoryBytes: number;
  readonly state: SavedState;
  readonly disk: DiskIndex;
  readonly ninePState: NinePState;
  /** What each terminal shows when the state is restored, base64. */
  readonly terminals: readonly string[];
}

/** Checks that a parsed machine.json is of this format; throws `snapshot-mismatch` otherwise. */
export function checkManifest(value: unknown): MachineManifest {
  const manifest = value as MachineManifest | null;
  if (manifest?.format !== MANIFEST_FORMAT) {
    throw otherVersionError('The saved machine on this site is');
  }
  return manifest;
}

/** The blob of each chunk, '' for one that is all zero. */
export function expandChunks(index: DiskIndex): string[] {
  return index.chunks.split(' ').flatMap(entry => (entry.startsWith('-') ? Array.from({ length: Number(entry.slice(1)) }, () => '') : [entry]));
}

/** The inverse of `expandChunks`. */
export function packChunks(hashes: readonly string[]): string {
  const entries: string[] = [];
  let zeros = 0;
  for (const hash of [...hashes, 'end']) {
    if (hash === '') {
      zeros++;
      continue;
    }
    if (zeros > 0) entries.push(`-${zeros}`);
    zeros = 0;
    if (hash !== 'end') entries.push(hash);
  }
  return entries.join(' ');
}
