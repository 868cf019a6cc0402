/** What WebAssembly's binary format is made of (https://webassembly.github.io/spec/core/binary). */

/** How a module begins. */
export const WASM_PREAMBLE: readonly number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Numbers of a module's sections. */
export const WASM_SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const;

export function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: at };
  }
}

/** An unsigned integer of 32 bits. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

/** A signed integer of 32 bits; an unsigned one above 2^31 stands for the negative one with the same bits. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 0x7f;
    // The last byte's bit 6 is the sign: what is left above it must be nothing but that.
    const isLast = rest >> 6 === 0 || rest >> 6 === -1;
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

/** A name: its length in bytes and its UTF-8 bytes. */
export function nameBytes(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...leb(bytes.length), ...bytes];
}

/** A section that is a counted list. */
export function wasmSection(id: number, entries: readonly (readonly number[])[]): number[] {
  const body = [...leb(entries.length), ...entries.flat()];
  return [id, ...leb(body.length), ...body];
}

/** A function's body with its length before it: the entry of a code section. `code` begins with its locals. */
export function wasmFunction(code: readonly number[]): number[] {
  return [...leb(code.length), ...code];
}
