/** Node has WebAssembly, its types at this version do not: what core/machine uses of it. */
declare namespace WebAssembly {
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  type Imports = Record<string, Record<string, unknown>>;
  function instantiate(bytes: ArrayBuffer | Uint8Array, imports: Imports): Promise<{ instance: Instance }>;
}
