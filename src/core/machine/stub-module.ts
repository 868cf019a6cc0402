import { leb, nameBytes, signedLeb } from './wasm-bytes.ts';

const MAGIC_AND_VERSION = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const I32 = 0x7f;
const FUNCREF = 0x70;
const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const EXPORT = 7;
const CODE = 10;

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const body = [...leb(entries.length), ...entries.flat()];
  return [id, ...leb(body.length), ...body];
}

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
    const code = [0x00, ...call(slot, 0), ...callIndirect, ...(isFollowed ? call(slot, 1) : []), 0x0b];
    return [...leb(code.length), ...code];
  };
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(TYPE, [[0x60, 1, I32, 0]]),
    ...section(IMPORT, [...imported, [...nameBytes('e'), ...nameBytes('table'), 0x01, FUNCREF, 0x00, 0]]),
    ...section(
      FUNCTION,
      slots.map(() => [0]),
    ),
    ...section(
      EXPORT,
      slots.map((slot, index) => [...nameBytes(`f${slot}`), 0x00, ...leb(imported.length + index)]),
    ),
    ...section(CODE, slots.map(body)),
  ]);
}
