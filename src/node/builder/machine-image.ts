import type { CompiledModule, Machine, SavedMachine } from '../../core/machine/machine.ts';
import { layoutOf, packPages } from '../../core/machine/memory-image.ts';

/** A machine as the site serves it. */
export interface MachineImage extends SavedMachine {
  /** The pages that hold anything, in the order of the layout. */
  readonly pages: Uint8Array<ArrayBuffer>;
  /** What is most worth its bytes comes first. */
  readonly modules: readonly CompiledModule[];
}

/** Copies what a machine is made of, less its disk. It is paused and stays so. */
export async function takeImage(machine: Machine): Promise<MachineImage> {
  machine.dropCode();
  const { devices, memory, ramStart, modules } = await machine.hold();
  const bytes = new Uint8Array(memory.buffer);
  const layout = layoutOf(bytes);
  return { devices, layout, ramStart, pages: packPages(bytes, layout), modules };
}
