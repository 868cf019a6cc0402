import { MAX_WORKSPACE_BYTES } from '../workspace/file-change.ts';
import { parentOf, type WorkspacePath } from '../workspace/path.ts';
import { bytesOf, type CarriedEntry, type CarriedFiles } from './carried-files.ts';

/** What would happen to a path of the workspace if files were added: `blocked` where a file and a folder are in each other's way. */
export type Fate = 'new' | 'same' | 'replaced' | 'blocked';

/** Files that come, beside those that are there. */
export interface Comparison {
  readonly fates: ReadonlyMap<WorkspacePath, Fate>;
  /** Files of each fate; folders are not counted, but blocked ones are. */
  readonly counts: Readonly<Record<Fate, number>>;
  /** What all files would take together, in bytes. */
  readonly bytesAfter: number;
  /** Why they cannot be added to what is there, in the learner's words; undefined where they can. */
  readonly problem: string | undefined;
}

/** Says of each of `incoming` what adding it to `current` would do. */
export function compareFiles(current: CarriedFiles, incoming: CarriedFiles): Comparison {
  const fates = new Map<WorkspacePath, Fate>();
  const counts: Record<Fate, number> = { new: 0, same: 0, replaced: 0, blocked: 0 };
  let bytesAfter = bytesOf(current);
  for (const [path, entry] of incoming) {
    const there = current.get(path);
    const fate = fates.get(parentOf(path)) === 'blocked' ? 'blocked' : fateOf(there, entry);
    fates.set(path, fate);
    if (entry.kind === 'file' || fate === 'blocked') counts[fate] += 1;
    bytesAfter += sizeOf(entry) - sizeOf(there);
  }
  return { fates, counts, bytesAfter, problem: problemOf(counts, bytesAfter) };
}

function fateOf(there: CarriedEntry | undefined, entry: CarriedEntry): Fate {
  if (there === undefined) return 'new';
  if (there.kind === 'folder' || entry.kind === 'folder') return there.kind === entry.kind ? 'same' : 'blocked';
  return there.executable === entry.executable && sameBytes(there.content, entry.content) ? 'same' : 'replaced';
}

function problemOf(counts: Readonly<Record<Fate, number>>, bytesAfter: number): string | undefined {
  if (counts.blocked > 0) return 'One of your files has the name of a folder in it, or one of your folders has the name of a file in it.';
  if (bytesAfter > MAX_WORKSPACE_BYTES) return `All files together would take more than ${MAX_WORKSPACE_BYTES / 1024 / 1024} MB.`;
  return undefined;
}

function sizeOf(entry: CarriedEntry | undefined): number {
  return entry?.kind === 'file' ? entry.content.length : 0;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
