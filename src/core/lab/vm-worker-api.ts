import type { CommandResult, RunOptions } from '../control/guest-answers.ts';
import type { Outcome } from '../protocol/error-codec.ts';
import type { TerminalSize } from '../protocol/sandbox.ts';
import type { VmImage, VmMemory } from './virtual-machine.ts';

/** The functions of a worker that has one virtual machine. Nothing here throws across the boundary. */
export interface VmWorkerApi {
  /** Gets what the machine is started from. `baseUrl` is where the site lies. */
  load(baseUrl: string): Promise<Outcome<VmImage>>;
  /** Switches it on. How it comes to its end is told on the port, once, as a VmEnd. */
  powerOn(ends: MessagePort): Promise<Outcome<void>>;
  /** Resolves when its first program runs. */
  up(): Promise<Outcome<void>>;
  /** Opens its console, whose bytes run over the port (core/protocol/terminal-port.ts). */
  openConsole(size: TerminalSize, port: MessagePort): Promise<Outcome<void>>;
  run(command: string, options: RunOptions): Promise<Outcome<CommandResult>>;
  /** Opens a connection whose bytes run over the port (core/protocol/connection-port.ts). */
  dial(target: string, port: MessagePort): Promise<Outcome<void>>;
  memory(): Promise<Outcome<VmMemory>>;
  shutDown(): Promise<Outcome<void>>;
}
