import type { BlockSource } from './block-source.ts';
import type { OnReadFailure } from './copy-on-write-disk.ts';
import type { CompilePolicy } from './compile-governor.ts';
import type { ConsolePort } from './console-port.ts';
import type { MemoryLayout } from './memory-image.ts';

/** Memory of the guest, in bytes. A saved state fits only a machine of the same size. */
export const MEMORY_BYTES = 512 * 1024 * 1024;

/** The console port of the guest's agent; those before it are terminals. The guest has it as a device of whole buffers, /dev/vport*p3. */
export const CONTROL_PORT = 3;

/** Answers one 9P request: the workspace's server. */
export type Handle9p = (request: Uint8Array, reply: (response: Uint8Array) => void) => void;

/** Everything a machine is made of, as bytes. Finding them is the host's work. */
export interface MachineParts {
  /** v86.wasm of the exact version that core/machine was made for. */
  readonly wasm: Uint8Array;
  readonly bios: ArrayBuffer;
  readonly vgaBios: ArrayBuffer;
  /** The guest's disk; a bare machine has none. */
  readonly disk?: BlockSource;
  /** A second disk, as it is; only the image build uses one. */
  readonly secondDisk?: BlockSource;
  /** Given for a full boot. */
  readonly kernel?: ArrayBuffer;
  /** What makes this another computer than the guest. */
  readonly bare?: BareParts;
  /** Given for a restore, which `restorePages` and `finishRestore` then complete: what `save` of a machine with the same parts gave. */
  readonly saved?: SavedMachine;
  /** Keep the translated guest code, so that `save` can give it. */
  readonly isKeepingCode?: boolean;
  /** Without it there is no shared folder. */
  readonly handle9p?: Handle9p;
  readonly onReadFailure: OnReadFailure;
  readonly compilePolicy: CompilePolicy;
}

/** A machine of the same kind as the guest with less in it: no disk, no network card, and memory of its own size. */
export interface BareParts {
  readonly memoryBytes: number;
  readonly commandLine: string;
  /** The root file system, unpacked into memory by the kernel: a cpio archive (the kernel's "initramfs"). */
  readonly initialRoot: Uint8Array;
}

/** A saved machine without what is large: the pages of its memory, and the translated code. */
export interface SavedMachine {
  /** v86's own state of the devices; of memory it knows nothing. */
  readonly devices: ArrayBuffer;
  readonly layout: MemoryLayout;
  /** Where in the engine's memory the guest's begins. */
  readonly ramStart: number;
}

/** Translated guest code. */
export interface CompiledModule {
  /** Where the engine's table has it. */
  readonly slot: number;
  /** Physical address in the guest of (some of) the code that was translated. */
  readonly address: number;
  /** A WebAssembly module. */
  readonly code: Uint8Array<ArrayBuffer>;
}

/** All of a saved machine. */
export interface MachineImage extends SavedMachine {
  readonly pages: Uint8Array<ArrayBuffer>;
  /** What is most worth its bytes comes first. */
  readonly modules: readonly CompiledModule[];
}

/** The virtual computer: v86 behind what Drydock needs of it. */
export interface Machine {
  /** The virtio console's ports: /dev/hvc0 to 2 in the guest, and the control port. */
  readonly ports: readonly ConsolePort[];
  /** Kernel messages and whatever else is printed on the serial console. */
  readonly onSerial: (listener: (text: string) => void) => () => void;
  /** The processor has stopped for good, or it was told to start again, which a machine here never does: it is over either way. */
  readonly onHalt: (listener: (how: 'halted' | 'reset') => void) => () => void;
  /** Counts for the bench: guest instructions, and what was compiled. */
  counters(): MachineCounters;
  /** Tells the guest's port how large its terminal is. */
  resize(port: number, columns: number, rows: number): void;
  run(): void;
  pause(): Promise<void>;
  /** Saves a paused machine. It is of no use afterwards: its memory is emptied for it. */
  save(): Promise<MachineImage>;
  /** Takes over a piece of the saved pages, which begins at `offset` of them. Not while the machine runs. */
  restorePages(offset: number, piece: Uint8Array): void;
  /** Ends a restore, once all pages are there. */
  finishRestore(modules: readonly CompiledModule[]): void;
  /** Begins to count what the translated code is used for; the returned function ends this. With `isKeepingCode` only. */
  measureCode(): () => void;
  /**
   * Gives the disk's written blocks by index, 4096 bytes each, and forgets them: the caller puts them into the disk's
   * source. Only the image build does this, with the machine paused.
   */
  takeWrittenBlocks(): ReadonlyMap<number, Uint8Array>;
  dispose(): Promise<void>;
}

/** Sums since the machine was made. */
export interface MachineCounters {
  readonly instructions: number;
  readonly compiledModules: number;
  readonly compiledBytes: number;
}
