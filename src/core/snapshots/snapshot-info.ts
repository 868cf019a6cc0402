import { bytesOfPacked } from './page-table.ts';
import type { SnapshotIndex } from './snapshot-index.ts';

/** A saved machine, as it is listed. */
export interface SnapshotInfo {
  readonly id: string;
  /** Given by the learner; none for what the page saves by itself. */
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  /** What it would take alone: saved machines share what is the same in them. */
  readonly bytes: number;
  /** What a machine must be made of to go on from here. */
  readonly machine: string;
}

/** Bytes of everything that belongs to a saved machine. */
export function sizeOf({ head, memory, disk }: SnapshotIndex): number {
  const extents = [...Object.values(head.parts), ...head.modules.map(({ code }) => code)];
  return bytesOfPacked(memory) + bytesOfPacked(disk) + extents.reduce((sum, [, , bytes]) => sum + bytes, 0);
}
