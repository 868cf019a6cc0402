import type { BlockSource } from './block-source.ts';
import type { CompilePolicy } from './compile-governor.ts';
import type { ConsolePort } from './console-port.ts';
import type { MemoryLayout } from './memory-image.ts';

/** Memory of the guest, in bytes. A saved state fits only a machine of the same size. */
export const MEMORY_BYTES = 512 * 1024 * 1024;

/** Changes when a machine that was saved by an earlier version of this code cannot go on in this one. */
export const MACHINE_FORMAT = 1;

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
  /** Given for a restore, which `restorePages` and `finishRestore` then complete: what a held machine with the same parts was made of. */
  readonly saved?: SavedMachine;
  /** Keep the translated guest code, so that `hold` can give it. */
  readonly isKeepingCode?: boolean;
  /** Without it there is no shared folder. */
  readonly handle9p?: Handle9p;
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

/** A machine that stands still, with all that it is made of. What is here is the machine itself, not a copy: see `hold`. */
export interface HeldMachine {
  /** v86's own state of the devices; of memory and disk it knows nothing. */
  readonly devices: ArrayBuffer;
  /** All of the engine's memory, the guest's among it. */
  readonly memory: WebAssembly.Memory;
  /** Where in it the guest's begins. */
  readonly ramStart: number;
  /** The translated code, where it is kept. What is most worth its bytes comes first, if that was measured. */
  readonly modules: readonly CompiledModule[];
  /** The disk's written blocks by index, WRITTEN_BLOCK_BYTES each. A block never changes: a write puts another one in its place. */
  readonly writtenBlocks: ReadonlyMap<number, Uint8Array>;
  /** Has the machine go on, if it ran before. */
  release(): void;
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
  /** What is large of what `hold` gives, while the machine goes on changing it. */
  look(): Pick<HeldMachine, 'memory' | 'writtenBlocks'>;
  /**
   * Stops the machine, between two instructions and with nothing under way to its disk, and gives what it is made of. Read it before
   * anything else of this program runs (no awaiting): timers and messages go on, and change it. Rejects with `timed-out` where the disk waits for a download.
   */
  hold(): Promise<HeldMachine>;
  /** Has the engine forget translated code but what is most worth its bytes, as much as the policy has saved. */
  dropCode(): void;
  /** Takes over a piece of the saved pages, which begins at `offset` of them. Not while the machine runs. */
  restorePages(offset: number, piece: Uint8Array): void;
  /** Ends a restore, once all pages are there. `codeBytes` limits how much of the code is used: the first of it. */
  finishRestore(modules: readonly CompiledModule[], codeBytes?: number): void;
  /** Puts back blocks that had been written to the disk: part of a restore. */
  restoreBlocks(blocks: Iterable<readonly [index: number, block: Uint8Array]>): void;
  /** Begins to give back what the guest has deleted from its disk: see disk-trim.ts. The returned function, called after a `sync`, gives the number of blocks. */
  beginTrim(): () => Promise<number>;
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
