/** WebAssembly, as far as it is used here. Browsers' types have it; the language's alone do not, nor do Node's at this version. */
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
  interface Global {
    readonly value: unknown;
  }
  interface Table {
    get(index: number): unknown;
    set(index: number, value: unknown): void;
  }
  type Imports = Record<string, Record<string, unknown>>;
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  const Instance: new (module: Module, imports: Imports) => Instance;
  const Memory: new (descriptor: { initial: number }) => Memory;
  const Table: new (descriptor: { element: 'anyfunc'; initial: number }) => Table;
  function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: Imports): Promise<{ instance: Instance }>;
}
