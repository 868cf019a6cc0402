/**
 * dockerfile-ast asks Node's Buffer for the bytes of the first character, to find a byte order mark
 * (Util.isUTF8BOM in 0.7.1); a browser has no Buffer. This is the one function that it calls.
 */
export function installBufferStandIn(): void {
  if (Reflect.get(globalThis, 'Buffer') !== undefined) return;
  Object.assign(globalThis, { Buffer: { from: (text: string): Uint8Array => new TextEncoder().encode(text) } });
}
