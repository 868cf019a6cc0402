import type { CompiledModule, Machine } from '../../machine/machine.ts';
import type { SavedSnapshot } from '../../snapshots/saved-snapshot.ts';

/** Puts a saved machine's memory, disk and code into a machine that was made for them; gives the code. Rejects with `snapshot-damaged`. */
export async function loadSnapshot(snapshot: SavedSnapshot, machine: Machine, onLoaded: (bytes: number) => void): Promise<readonly CompiledModule[]> {
  let at = 0;
  for await (const piece of snapshot.memory()) {
    machine.restorePages(at, piece);
    onLoaded((at += piece.length));
  }
  const blocks: [number, Uint8Array][] = [];
  for await (const block of snapshot.blocks()) blocks.push(block);
  machine.restoreBlocks(blocks);
  const modules = await snapshot.modules();
  // All of it: it is what this machine has run.
  machine.finishRestore(modules, Infinity);
  return modules;
}
