/** The two variable-length integers of WebAssembly's binary format. */

export function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: at };
  }
}

/** An unsigned integer. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

/** A signed integer that is not negative: its last byte must not look like one. */
export function signedLeb(value: number): number[] {
  const bytes = leb(value);
  const last = bytes.length - 1;
  if ((bytes[last]! & 0x40) === 0) return bytes;
  return [...bytes.slice(0, last), bytes[last]! | 0x80, 0];
}

/** A name: its length in bytes and its UTF-8 bytes. */
export function nameBytes(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...leb(bytes.length), ...bytes];
}
