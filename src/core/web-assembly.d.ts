/** WebAssembly, as far as core/machine uses it. Browsers' types have it; the language's alone do not, nor do Node's at this version. */
declare namespace WebAssembly {
  interface Module {
    readonly webAssemblyModule?: never;
  }
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  interface Table {
    get(index: number): unknown;
    set(index: number, value: unknown): void;
  }
  type Imports = Record<string, Record<string, unknown>>;
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  const Instance: new (module: Module, imports: Imports) => Instance;
  const Table: new (descriptor: { element: 'anyfunc'; initial: number }) => Table;
  function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: Imports): Promise<{ instance: Instance }>;
}
