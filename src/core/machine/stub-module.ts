import { leb, nameBytes, signedLeb, WASM_PREAMBLE, WASM_SECTION, wasmFunction, wasmSection } from '../base/wasm-bytes.ts';

const I32 = 0x7f;
const FUNCREF = 0x70;

/**
 * The bytes of a module with a function for each slot of a table, exported as `f<slot>`. A function calls the import `e.before` with its
 * slot, then what is in that slot with the argument it was given itself, and then, with `isFollowed`, the import `e.after` with its slot.
 * The table is the import `e.table`; slot 0 is its entry `firstSlot`.
 */
export function stubModule(slots: readonly number[], firstSlot: number, isFollowed = false): Uint8Array<ArrayBuffer> {
  const importOf = (name: string): number[] => [...nameBytes('e'), ...nameBytes(name), 0x00, 0];
  const imported = isFollowed ? [importOf('before'), importOf('after')] : [importOf('before')];
  const call = (slot: number, index: number): number[] => [0x41, ...signedLeb(slot), 0x10, index];
  const body = (slot: number): number[] => {
    const callIndirect = [0x20, 0x00, 0x41, ...signedLeb(firstSlot + slot), 0x11, 0x00, 0x00];
    return wasmFunction([0x00, ...call(slot, 0), ...callIndirect, ...(isFollowed ? call(slot, 1) : []), 0x0b]);
  };
  return Uint8Array.from([
    ...WASM_PREAMBLE,
    ...wasmSection(WASM_SECTION.type, [[0x60, 1, I32, 0]]),
    ...wasmSection(WASM_SECTION.import, [...imported, [...nameBytes('e'), ...nameBytes('table'), 0x01, FUNCREF, 0x00, 0]]),
    ...wasmSection(
      WASM_SECTION.function,
      slots.map(() => [0]),
    ),
    ...wasmSection(
      WASM_SECTION.export,
      slots.map((slot, index) => [...nameBytes(`f${slot}`), 0x00, ...leb(imported.length + index)]),
    ),
    ...wasmSection(WASM_SECTION.code, slots.map(body)),
  ]);
}
