import { INSTRUCTION_COUNTER, INSTRUCTION_POINTER, PRIVILEGE_LEVEL } from '../../../core/machine/engine-addresses.ts';

/** The emulator's insides, for the profiler alone: everything else sees v86 through core/machine. */

const KERNEL_BASE = 0xc000_0000;

/** The emulated processor and its memory at the moment of a sample. */
export interface Processor {
  /** Guest instructions so far, modulo 2^32. */
  instructionCounter(): number;
  /** The linear address of the next instruction. */
  eip(): number;
  isUserMode(): boolean;
  /** A word at an address that the guest's kernel has mapped for good: everything below 896 MB of memory. */
  kernelWord(address: number): number;
  /** The bytes up to the next zero, at most `limit`. */
  kernelText(address: number, limit: number): string;
}

/** Called by the emulator after about 100,000 guest instructions each, and whenever the guest has nothing to do. */
export type OnSlice = (processor: Processor) => void;

function processorOf(memory: WebAssembly.Memory, guestMemory: () => number): Processor {
  let view = new DataView(memory.buffer);
  const current = (): DataView => (view.buffer === memory.buffer ? view : (view = new DataView(memory.buffer)));
  const place = (address: number): number => guestMemory() + address - KERNEL_BASE;
  return {
    instructionCounter: () => current().getUint32(INSTRUCTION_COUNTER, true),
    eip: () => current().getUint32(INSTRUCTION_POINTER, true),
    isUserMode: () => current().getUint8(PRIVILEGE_LEVEL) === 3,
    kernelWord: address => current().getUint32(place(address), true),
    kernelText(address, limit) {
      const bytes = new Uint8Array(memory.buffer, place(address), limit);
      const end = bytes.indexOf(0);
      return new TextDecoder('latin1').decode(bytes.subarray(0, end < 0 ? limit : end));
    },
  };
}

/**
 * Hooks into each emulator that this process makes from now on. v86 asks for its hardware timers once a slice of its main loop,
 * so that is where the processor is looked at: between two instructions, and in no code of ours that would have to allow for it.
 */
export function hookEmulator(onSlice: OnSlice): void {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (engine, imports) => {
    const environment = imports['env'];
    const timers = environment?.['run_hardware_timers'] as ((...args: number[]) => number) | undefined;
    if (!environment || !timers) return instantiate(engine, imports);
    let processor: Processor | undefined;
    environment['run_hardware_timers'] = (...args: number[]) => {
      if (processor) onSlice(processor);
      return timers(...args);
    };
    const { instance } = await instantiate(engine, imports);
    const exports: Record<string, unknown> = { ...instance.exports };
    const allocate = exports['allocate_memory'] as (size: number) => number;
    exports['allocate_memory'] = (size: number): number => {
      const start = allocate(size);
      processor = processorOf(exports['memory'] as WebAssembly.Memory, () => start);
      return start;
    };
    return { instance: { exports } };
  };
}
