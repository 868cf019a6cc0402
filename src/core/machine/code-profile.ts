import { INSTRUCTION_COUNTER } from './engine-addresses.ts';
import { stubModule } from './stub-module.ts';

/**
 * Counts the guest instructions that each function of a table runs, from slot `first` of it on. Gives a function that ends the counting
 * and returns the sums by slot.
 */
export function measureCalls(
  table: WebAssembly.Table,
  first: number,
  slots: readonly number[],
  memory: WebAssembly.Memory,
): () => Map<number, number> {
  const sums = new Map<number, number>();
  const real = new WebAssembly.Table({ element: 'anyfunc', initial: Math.max(0, ...slots) + 1 });
  const counter = new Uint32Array(memory.buffer, INSTRUCTION_COUNTER, 1);
  let start = 0;
  const before = (): void => void (start = counter[0]!);
  const after = (slot: number): void => void sums.set(slot, (sums.get(slot) ?? 0) + ((counter[0]! - start) >>> 0));
  const stubs = new WebAssembly.Instance(new WebAssembly.Module(stubModule(slots, 0, true)), { e: { before, after, table: real } });
  for (const slot of slots) {
    real.set(slot, table.get(first + slot));
    table.set(first + slot, stubs.exports[`f${slot}`]);
  }
  return () => {
    // What was replaced in between stays.
    for (const slot of slots) if (table.get(first + slot) === stubs.exports[`f${slot}`]) table.set(first + slot, real.get(slot));
    return sums;
  };
}
