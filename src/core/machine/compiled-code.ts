import { measureCalls } from './code-profile.ts';
import type { CompiledModule } from './machine.ts';
import { stubModule } from './stub-module.ts';

/** Where v86's generated functions begin in its table (WASM_TABLE_OFFSET in its const.js); a slot is an index from there. */
const FIRST_SLOT = 1024;
const GUEST_PAGE_BYTES = 4096;

/** What v86's engine offers to the code that it generates (`create_jit_imports` in its cpu.js). */
function importsOf(exports: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(exports).filter(name => !name.startsWith('_') && !name.startsWith('zstd') && !name.endsWith('_js'));
  return Object.fromEntries([['m', exports['memory']], ...names.map(name => [name, exports[name]])]);
}

/**
 * The guest code that v86 has translated, one WebAssembly module to a slot of its table. Does the work of v86's own
 * `codegen_finalize`, so that the modules can be kept and, in another emulator that was given the same memory, be used again:
 * what was translated while the guest was built need not be translated in every learner's browser.
 */
export class CompiledCode {
  readonly #table: WebAssembly.Table;
  readonly #isKeeping: boolean;
  readonly #kept = new Map<number, CompiledModule>();
  #exports: Record<string, unknown> = {};
  #imports: WebAssembly.Imports = {};
  #compiling: Promise<void> | undefined;

  /** With `isKeeping`, every module is kept as long as it is in use, for `modules`. */
  constructor(table: WebAssembly.Table, isKeeping: boolean) {
    this.#table = table;
    this.#isKeeping = isKeeping;
  }

  /** Called once the engine is there. */
  attach(exports: Record<string, unknown>): void {
    this.#exports = exports;
    this.#imports = { e: importsOf(exports) } as WebAssembly.Imports;
  }

  /** Compiles a module that the engine has just written, and puts it into the slot. The engine waits for one at a time. */
  compile(slot: number, address: number, stateFlags: number, code: Uint8Array<ArrayBuffer>): void {
    if (this.#isKeeping) this.#kept.set(slot, { slot, address, code });
    this.#compiling = WebAssembly.instantiate(code, this.#imports).then(({ instance }) => {
      this.#table.set(FIRST_SLOT + slot, instance.exports['f']);
      this.#compiling = undefined;
      this.#call('codegen_finalize_finished', slot, address, stateFlags);
    });
  }

  /** Called when the engine gives a slot up. */
  clear(slot: number): void {
    this.#kept.delete(slot);
    this.#table.set(FIRST_SLOT + slot, null);
  }

  /** Resolves when nothing is being compiled. */
  async idle(): Promise<void> {
    await this.#compiling;
  }

  /**
   * Begins to count how many guest instructions each kept module runs. Gives a function that ends the counting and puts the modules
   * into the order in which they are worth their bytes.
   */
  measure(): () => void {
    const memory = this.#exports['memory'] as WebAssembly.Memory;
    const end = measureCalls(this.#table, FIRST_SLOT, [...this.#kept.keys()], memory);
    return () => {
      const instructions = end();
      const worth = ({ slot, code }: CompiledModule): number => (instructions.get(slot) ?? 0) / code.length;
      const ordered = this.modules.sort((a, b) => worth(b) - worth(a));
      this.#kept.clear();
      ordered.forEach(module => this.#kept.set(module.slot, module));
    };
  }

  /** Forgets the kept modules that do not fit into so many bytes: the last ones of their order. */
  limit(bytes: number): void {
    this.#forget(split(this.modules, bytes).rest);
  }

  /** The kept modules. */
  get modules(): CompiledModule[] {
    return [...this.#kept.values()];
  }

  /**
   * Takes over the modules of an engine whose memory this engine has been given, as many of the first ones as `bytes` allows; the
   * engine is told to forget the others. Each is compiled when the guest first runs it: all at once would hold up the first prompt.
   */
  install(modules: readonly CompiledModule[], bytes: number): void {
    const { fitting, rest } = split(modules, bytes);
    const waiting = new Map(fitting.map(({ slot, code }) => [slot, code]));
    const load = (slot: number): void => {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(waiting.get(slot)!), this.#imports);
      this.#table.set(FIRST_SLOT + slot, instance.exports['f']);
      waiting.delete(slot);
    };
    const slots = [...waiting.keys()];
    if (this.#isKeeping) fitting.forEach(module => this.#kept.set(module.slot, module));
    const stubs = new WebAssembly.Instance(new WebAssembly.Module(stubModule(slots, FIRST_SLOT)), { e: { before: load, table: this.#table } });
    slots.forEach(slot => this.#table.set(FIRST_SLOT + slot, stubs.exports[`f${slot}`]));
    this.#forget(rest);
  }

  /** Has the engine give up what it knows of these modules; it then clears their slots. */
  #forget(modules: readonly CompiledModule[]): void {
    for (const { address } of modules) this.#call('jit_dirty_cache', address, address + GUEST_PAGE_BYTES);
  }

  #call(name: string, ...args: number[]): void {
    (this.#exports[name] as (...args: number[]) => void)(...args);
  }
}

/** Divides modules into those that come first and fit into so many bytes, and the others. */
function split(modules: readonly CompiledModule[], bytes: number): { fitting: CompiledModule[]; rest: CompiledModule[] } {
  let left = bytes;
  const fits = modules.map(({ code }) => (left -= code.length) >= 0);
  return { fitting: modules.filter((_, index) => fits[index]), rest: modules.filter((_, index) => !fits[index]) };
}
