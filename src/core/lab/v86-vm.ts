import { Emitter, type Event } from '../base/events.ts';
import { messageOf, SandboxError, withTimeout } from '../base/errors.ts';
import { readPieces } from '../base/piece-reader.ts';
import type { Pieces } from '../base/pieces.ts';
import { orUncaught } from '../base/uncaught.ts';
import type { RunOptions } from '../control/guest-answers.ts';
import { GuestAgent } from '../control/guest-agent.ts';
import type { CompilePolicy } from '../machine/compile-governor.ts';
import { CONTROL_PORT, type Machine, type MachineParts } from '../machine/machine.ts';
import { createMachine } from '../machine/v86-machine.ts';
import type { TerminalSession, TerminalSize } from '../protocol/sandbox.ts';
import type { ArtifactHost } from '../sandbox/load/artifact-host.ts';
import { BlobLoader } from '../sandbox/load/blob-loader.ts';
import { loadCatalog } from '../sandbox/load/catalog-loader.ts';
import { TerminalPort } from '../sandbox/guest/terminal-port.ts';
import { PanicWatch } from './panic-watch.ts';
import type { LoadedVm, VirtualMachine, VmEnd, VmImage, VmMemory } from './virtual-machine.ts';
import { checkVmManifest, VM_MEMORY_BYTES } from './vm-manifest.ts';

/**
 * `panic=0`: a kernel that has crashed stays so, to be looked at. `tsc_early_khz`: v86's counter runs at 1 GHz, and a kernel without ACPI
 * has no other clock to measure it by. The rest is as in the guest (core/machine/v86-machine.ts).
 */
const COMMAND_LINE = 'console=ttyS0 tsc=reliable tsc_early_khz=1000000 random.trust_cpu=1 panic=0';

const UP_MILLISECONDS = 120_000;
/** A kernel that has crashed does not answer; a busy one does within this time. */
const SILENCE_MILLISECONDS = 3000;
/** The end of a line that the kernel has not ended is shown after so long. */
const LINE_MILLISECONDS = 50;

/** How the machine is to run. */
export interface VmOptions {
  readonly compilePolicy: CompilePolicy;
  /** Errors that nothing caught, as in SandboxOptions. */
  readonly onUncaught?: Event<unknown>;
}

/** Loads the virtual machine from what a host can read, to run it in this process. */
export async function loadVm(host: ArtifactHost, options: VmOptions): Promise<LoadedVm> {
  const loader = new BlobLoader(host);
  const manifest = await loadCatalog(host, 'vm.json', 'parts of the virtual machine', checkVmManifest);
  const read = (name: 'v86.wasm' | 'bios.bin' | 'vgabios.bin') => readFile(host, name);
  const [wasm, bios, vgaBios, kernel, initialRoot] = await Promise.all([
    read('v86.wasm'),
    read('bios.bin'),
    read('vgabios.bin'),
    readWhole(manifest.kernel, loader),
    readWhole(manifest.root, loader),
  ]);
  const parts: MachineParts = {
    wasm: new Uint8Array(wasm),
    bios,
    vgaBios,
    kernel: kernel.buffer,
    bare: { memoryBytes: VM_MEMORY_BYTES, commandLine: COMMAND_LINE, initialRoot },
    compilePolicy: options.compilePolicy,
  };
  const packed = [...manifest.kernel.pieces, ...manifest.root.pieces];
  const image: VmImage = {
    kernelBytes: manifest.kernel.bytes,
    rootBytes: manifest.root.bytes,
    packedBytes: packed.reduce((sum, { bytes }) => sum + bytes, 0),
    memoryBytes: VM_MEMORY_BYTES,
  };
  return { image, powerOn: () => powerOn(parts, options), dispose: () => Promise.resolve() };
}

async function readFile(host: ArtifactHost, name: 'v86.wasm' | 'bios.bin' | 'vgabios.bin'): Promise<ArrayBuffer> {
  try {
    return await host.readFile(name, () => undefined);
  } catch (error) {
    const message = `A part of the virtual machine (${name}) could not be downloaded: ${messageOf(error)}. Check your connection, then try again.`;
    throw new SandboxError('download-failed', message, { cause: error });
  }
}

async function readWhole(pieces: Pieces, loader: BlobLoader): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(pieces.bytes);
  let at = 0;
  for await (const piece of readPieces(pieces, (sha256, bytes) => loader.load(sha256, bytes, 'the virtual machine'))) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function powerOn(parts: MachineParts, { onUncaught }: VmOptions): Promise<VirtualMachine> {
  return new V86Vm(await orUncaught(() => createMachine(parts), onUncaught, startError));
}

function startError(error: unknown): SandboxError {
  return new SandboxError(
    'machine-failed',
    `The virtual machine could not be made (${messageOf(error)}). Close other tabs and programs, then start it again.`,
    { cause: error },
  );
}

/** A virtual machine in this process, running. */
class V86Vm implements VirtualMachine {
  readonly #end = new Emitter<VmEnd>();
  readonly onEnd = this.#end.event;
  readonly up: Promise<void>;
  readonly #machine: Machine;
  readonly #agent: GuestAgent;
  readonly #console: TerminalPort;
  readonly #panicWatch = new PanicWatch(message => void this.#checkPanic(message));
  #serial = '';
  #serialTimer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#agent = new GuestAgent(machine.ports[CONTROL_PORT]!);
    this.#console = new TerminalPort(machine.ports[0]!, ({ columns, rows }) => machine.resize(0, columns, rows));
    machine.onSerial(character => this.#takeSerial(character));
    machine.onHalt(how => this.#finish({ kind: how, message: '' }));
    const isUp = new Promise<void>(resolve => this.#agent.onUp(resolve));
    const ended = new Promise<never>((_, reject) => this.onEnd(end => reject(endError(end))));
    this.up = withTimeout(
      Promise.race([isUp, ended]),
      UP_MILLISECONDS,
      'The virtual machine did not start within two minutes. Stop it, then start it again.',
    );
    this.up.then(
      () => this.#agent.setTime(Date.now()),
      () => undefined,
    );
    machine.run();
  }

  openConsole(size: TerminalSize): Promise<TerminalSession> {
    return Promise.resolve(this.#console.open(size));
  }

  run(command: string, options: RunOptions = {}): ReturnType<VirtualMachine['run']> {
    return this.#whileAlive(this.#agent.run(command, { directory: '/', ...options }));
  }

  dial(target: string): ReturnType<VirtualMachine['dial']> {
    if (this.#isOver) return Promise.reject(offError());
    return this.#agent.dial(target);
  }

  async memory(): Promise<VmMemory> {
    const { memoryTotalBytes, memoryAvailableBytes } = await this.#whileAlive(this.#agent.status());
    return { totalBytes: memoryTotalBytes, availableBytes: memoryAvailableBytes };
  }

  shutDown(): Promise<void> {
    this.#agent.powerOff();
    return Promise.resolve();
  }

  async dispose(): Promise<void> {
    this.#finish({ kind: 'died', message: 'The virtual machine was switched off.' });
    await this.#machine.dispose();
  }

  /** The kernel prints on the serial port, from its first line to its last, a character at a time; the shell has a terminal. */
  #takeSerial(character: string): void {
    this.#serial += character;
    if (character === '\n') this.#flushSerial();
    else this.#serialTimer ??= setTimeout(() => this.#flushSerial(), LINE_MILLISECONDS);
  }

  #flushSerial(): void {
    clearTimeout(this.#serialTimer);
    this.#serialTimer = undefined;
    const text = this.#serial;
    this.#serial = '';
    this.#console.tell(Uint8Array.from(text, one => one.charCodeAt(0)));
    this.#panicWatch.push(text);
  }

  /** A program could print what a kernel prints when it gives up: only silence is proof. */
  async #checkPanic(message: string): Promise<void> {
    try {
      await withTimeout(this.#agent.status(), SILENCE_MILLISECONDS, 'no answer');
    } catch {
      this.#finish({ kind: 'panic', message });
    }
  }

  async #whileAlive<T>(work: Promise<T>): Promise<T> {
    if (this.#isOver) throw offError();
    let stop: () => void = () => undefined;
    const ended = new Promise<never>((_, reject) => (stop = this.onEnd(end => reject(endError(end)))));
    try {
      return await Promise.race([work, ended]);
    } finally {
      stop();
    }
  }

  /** A kernel that has crashed turns round and round for ever: the processor is stopped, so that this costs nothing. */
  #finish(end: VmEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    void this.#machine.pause();
    this.#end.emit(end);
  }
}

function offError(): SandboxError {
  return new SandboxError('machine-stopped', 'The virtual machine is switched off.');
}

function endError(end: VmEnd): SandboxError {
  const words = { halted: 'has shut down', reset: 'has asked for a restart', panic: 'has crashed', died: 'is switched off' };
  return new SandboxError('machine-stopped', `The virtual machine ${words[end.kind]}${end.message === '' ? '' : ` (${end.message})`}.`);
}
