import type { Event } from '../base/events.ts';
import type { CommandResult, RunOptions } from '../control/guest-answers.ts';
import type { Connection } from '../network/connection.ts';
import type { TerminalSession, TerminalSize } from '../protocol/sandbox.ts';

/** What a virtual machine is started from. */
export interface VmImage {
  /** Unpacked, in bytes. */
  readonly kernelBytes: number;
  /** Unpacked, in bytes. */
  readonly rootBytes: number;
  /** Both as they are downloaded, in bytes. */
  readonly packedBytes: number;
  /** What the machine is given of the computer's memory, in bytes. */
  readonly memoryBytes: number;
}

/** How a virtual machine came to its end. */
export interface VmEnd {
  /** `reset` is a kernel that asked the PC to start again, which the lab's does not. */
  readonly kind: 'halted' | 'reset' | 'panic' | 'died';
  /** For `panic` what the kernel said; for `died` what went wrong. */
  readonly message: string;
}

/** Memory as the kernel inside sees it, in bytes. */
export interface VmMemory {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

/** A virtual machine that is switched on. It is switched on once; for another start another is made. Every method rejects with a SandboxError. */
export interface VirtualMachine {
  /** Told once. What happens then is only `dispose`. */
  readonly onEnd: Event<VmEnd>;
  /** Resolves when its first program runs. */
  readonly up: Promise<void>;
  /** Its console: the kernel's messages, then a shell. */
  openConsole(size: TerminalSize): Promise<TerminalSession>;
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  /** Opens a connection to a port (`:80`) of the machine. */
  dial(target: string): Promise<Connection>;
  memory(): Promise<VmMemory>;
  /** Asks the kernel inside to shut down: `onEnd` tells when it has. */
  shutDown(): Promise<void>;
  /** Pulls the plug. */
  dispose(): Promise<void>;
}

/** What a virtual machine needs is here: it can be switched on. */
export interface LoadedVm {
  readonly image: VmImage;
  /** Resolves when the processor runs. */
  powerOn(): Promise<VirtualMachine>;
  /** Not wanted after all. */
  dispose(): Promise<void>;
}

/** Gets what a virtual machine is started from. Rejects with `download-failed` and its like. */
export type LoadVm = () => Promise<LoadedVm>;
