import { SandboxError } from '../base/errors.ts';
import type { CompileGovernor } from './compile-governor.ts';
import { CompiledCode } from './compiled-code.ts';
import { CURRENT_TSC } from './engine-addresses.ts';
import { patchThreshold } from './jit-patch.ts';
import type { CompiledModule, HeldMachine } from './machine.ts';
import { codeAddresses, forEachGap, pagesOf, unpackCode, unpackPages, type MemoryLayout } from './memory-image.ts';
import type { V86Options, WasmImports } from './v86-types.ts';

/** v86's setting for how many pages of guest code go into one module (`set_jit_config` in its jit.rs); 3 unless set. */
const MAX_PAGES_SETTING = 1;
/** Small modules: V8 optimizes a function as a whole, which takes it longer than in proportion to its size. */
const PAGES_PER_MODULE = 1;
const WASM_PAGE_BYTES = 65_536;
/** Where PCs keep their BIOS and what it has set up: the first megabyte. */
const LOW_BYTES = 1024 * 1024;

/** What of an engine can be saved and given to another. */
export type HeldEngine = Pick<HeldMachine, 'memory' | 'ramStart' | 'modules'>;

type Exports = Record<string, (...args: number[]) => number>;

/**
 * v86's WebAssembly engine: patched, its compiler on a leash, and with a memory that can be saved and taken over as a whole. v86's own
 * saved states hold the guest's memory alone; the engine's memory also knows which guest code is translated into which module.
 */
export class Engine {
  #exports: Exports = {};
  #memory: WebAssembly.Memory | undefined;
  #code: CompiledCode | undefined;
  /** Where the pages of a saved memory belong. */
  #savedPages: Uint32Array = new Uint32Array(0);
  /** Which of them are code that was packed as such. */
  #codeAddresses: Int32Array = new Int32Array(0);
  #ramStart = 0;
  #ramBytes = 0;

  constructor(
    private readonly wasm: Uint8Array,
    private readonly governor: CompileGovernor,
    private readonly isKeepingCode: boolean,
  ) {}

  /** What v86 calls for its engine. An engine that does not start goes to `fail`: v86 itself would wait for it for ever. */
  starter(fail: (error: unknown) => void): V86Options['wasm_fn'] {
    return async imports => {
      try {
        return await this.#start(imports);
      } catch (error) {
        fail(error);
        return new Promise<never>(() => undefined);
      }
    };
  }

  async #start(imports: WasmImports): Promise<Record<string, unknown>> {
    const environment = imports['env'] as Record<string, unknown>;
    const code = new CompiledCode(environment['__indirect_function_table'] as WebAssembly.Table, this.isKeepingCode);
    environment['codegen_finalize'] = (slot: number, address: number, flags: number, pointer: number, length: number) => {
      this.governor.compiled(length);
      code.compile(slot, address, flags, this.#bytes.slice(pointer >>> 0, (pointer >>> 0) + length));
    };
    environment['jit_clear_func'] = (slot: number) => code.clear(slot);
    const { instance } = await WebAssembly.instantiate(patchThreshold(this.wasm), imports as never);
    const exports = instance.exports as Record<string, unknown>;
    this.#exports = exports as Exports;
    this.#memory = exports['memory'] as WebAssembly.Memory;
    this.#code = code;
    this.#exports['set_jit_config']!(MAX_PAGES_SETTING, PAGES_PER_MODULE);
    this.governor.attach(exports);
    code.attach(exports);
    return {
      ...exports,
      allocate_memory: (bytes: number) => this.#allocate(bytes),
      zero_memory: (start: number, bytes: number) => this.#zero(start, bytes),
    };
  }

  #allocate(bytes: number): number {
    this.#ramBytes = bytes;
    return (this.#ramStart = this.#exports['allocate_memory']!(bytes) >>> 0);
  }

  /**
   * v86 zeroes all of the guest's memory before it restores a state. A fresh one is zero already but for what the BIOS left below
   * LOW_BYTES, and the browser has to provide what is written to, be it zeros: half a gigabyte that the guest may never use.
   */
  #zero(start: number, bytes: number): void {
    this.#exports['zero_memory']!(start, start === 0 && bytes === this.#ramBytes ? LOW_BYTES : bytes);
  }

  get #bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory!.buffer as ArrayBuffer);
  }

  /** All of the engine's memory, the guest's among it. */
  get memory(): WebAssembly.Memory {
    return this.#memory!;
  }

  /** Puts bytes into the guest's memory; `address` is a physical one. */
  writeMemory(address: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#ramStart + address);
  }

  /** Gives what a stopped engine is made of. Nothing is compiled before `go`. */
  async hold(): Promise<HeldEngine> {
    this.governor.stop();
    await this.#code!.idle();
    this.#exports['full_clear_tlb']!();
    this.#exports['store_current_tsc']!();
    return { memory: this.#memory!, ramStart: this.#ramStart, modules: this.#code!.modules };
  }

  /** The engine may compile again. */
  go(): void {
    this.governor.go();
  }

  /** Forgets translated code but what is most worth its bytes, as much as the policy has saved. */
  dropCode(): void {
    this.#code!.limit(this.governor.policy.savedCodeBytes);
  }

  /** Begins to count what the translated code is used for, which orders it. */
  measureCode(): () => void {
    return this.#code!.measure();
  }

  /** Gets ready for another engine's memory. Throws `snapshot-mismatch` where that was laid out in another way. */
  prepare(layout: MemoryLayout, ramStart: number): void {
    if (ramStart !== this.#ramStart) {
      throw new SandboxError('snapshot-mismatch', 'The saved state was made by an emulator that arranges its memory in another way.');
    }
    this.#savedPages = pagesOf(layout);
    this.#codeAddresses = codeAddresses(layout, this.#savedPages.length);
    const missing = layout.bytes - this.#memory!.buffer.byteLength;
    if (missing > 0) this.#memory!.grow(missing / WASM_PAGE_BYTES);
    // What is zero in the saved memory is not among its pages. The guest's memory, which v86 has just emptied, is skipped.
    const memory = this.#bytes;
    forEachGap(layout, (start, end) => {
      memory.fill(0, start, Math.min(end, this.#ramStart));
      memory.fill(0, Math.max(start, this.#ramStart + this.#ramBytes), end);
    });
  }

  /** Takes over a piece of the saved pages; each follows the one before it. */
  restorePages(offset: number, piece: Uint8Array): void {
    const memory = this.#bytes;
    unpackPages(memory, this.#savedPages, offset, piece);
    unpackCode(memory, this.#savedPages, this.#codeAddresses, offset, piece.length);
  }

  /** Ends the taking over, once all pages are there: the code, and the clock. */
  finish(modules: readonly CompiledModule[], codeBytes = this.governor.policy.savedCodeBytes): void {
    this.#code!.install(modules, codeBytes);
    const [low, high] = new Uint32Array(this.#memory!.buffer, CURRENT_TSC, 2);
    this.#exports['set_tsc']!(low!, high!);
  }
}
