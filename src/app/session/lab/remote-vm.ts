import { transfer, wrap, type Remote } from 'comlink';
import { SandboxError } from '../../../core/base/errors.ts';
import { Emitter } from '../../../core/base/events.ts';
import type { LoadedVm, VirtualMachine, VmEnd, VmImage, VmMemory } from '../../../core/lab/virtual-machine.ts';
import type { VmWorkerApi } from '../../../core/lab/vm-worker-api.ts';
import type { Connection } from '../../../core/network/connection.ts';
import { valueOf, type Outcome } from '../../../core/protocol/error-codec.ts';
import type { CommandResult, RunOptions, TerminalSession, TerminalSize } from '../../../core/protocol/sandbox.ts';
import { RemoteChannels } from '../machine/remote-channels.ts';
import { createMachineWorker, type WorkerEndpoint } from '../machine/remote-sandbox.ts';

/** What the worker's script offers before it has become the virtual machine's. */
interface VmWorker {
  becomeVm(port: MessagePort): Promise<Outcome<void>>;
}

/** Loads the lab's virtual machine into a worker of its own. */
export async function loadRemoteVm(baseUrl: string, createWorker: () => WorkerEndpoint = () => createMachineWorker('drydock-vm')): Promise<LoadedVm> {
  const vm = new RemoteVm(createWorker());
  try {
    const image = await vm.load(baseUrl);
    return { image, powerOn: () => vm.powerOn(), dispose: () => vm.dispose() };
  } catch (error) {
    await vm.dispose();
    throw error;
  }
}

/** A virtual machine that lives in a worker. When the worker dies, so does the machine. */
class RemoteVm implements VirtualMachine {
  readonly #end = new Emitter<VmEnd>();
  readonly onEnd = this.#end.event;
  up: Promise<void> = Promise.resolve();
  readonly #worker: WorkerEndpoint;
  readonly #first: Remote<VmWorker>;
  readonly #api: Remote<VmWorkerApi>;
  readonly #ends: MessagePort;
  readonly #becoming: Promise<Outcome<void>>;
  readonly #channels = new RemoteChannels();
  readonly #died: Promise<never>;
  #reject: (error: SandboxError) => void = () => undefined;
  #isOver = false;

  constructor(worker: WorkerEndpoint) {
    this.#worker = worker;
    this.#died = new Promise<never>((_, reject) => (this.#reject = reject));
    this.#died.catch(() => undefined);
    const calls = new MessageChannel();
    this.#first = wrap<VmWorker>(worker as Worker);
    this.#api = wrap<VmWorkerApi>(calls.port1);
    this.#becoming = this.#first.becomeVm(transfer(calls.port2, [calls.port2])) as Promise<Outcome<void>>;
    this.#becoming.catch(() => undefined);
    const ends = new MessageChannel();
    ends.port1.onmessage = event => this.#end.emit(event.data as VmEnd);
    this.#ends = ends.port2;
    worker.addEventListener('error', event => this.#die(event));
  }

  async load(baseUrl: string): Promise<VmImage> {
    await this.#call<void>(() => this.#becoming);
    return this.#call(() => this.#api.load(baseUrl));
  }

  async powerOn(): Promise<VirtualMachine> {
    await this.#call<void>(() => this.#api.powerOn(transfer(this.#ends, [this.#ends])));
    this.up = this.#call(() => this.#api.up());
    this.up.catch(() => undefined);
    return this;
  }

  openConsole(size: TerminalSize): Promise<TerminalSession> {
    return this.#channels.openTerminal(port => this.#call(() => this.#api.openConsole(size, transfer(port, [port]))));
  }

  run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    return this.#call(() => this.#api.run(command, options));
  }

  dial(target: string): Promise<Connection> {
    return this.#channels.dial(port => this.#call(() => this.#api.dial(target, transfer(port, [port]))));
  }

  memory(): Promise<VmMemory> {
    return this.#call(() => this.#api.memory());
  }

  shutDown(): Promise<void> {
    return this.#call(() => this.#api.shutDown());
  }

  /** Ends the worker, and with it the machine: nothing in it has to be asked. */
  dispose(): Promise<void> {
    this.#close(new SandboxError('machine-stopped', 'The virtual machine was switched off.'));
    return Promise.resolve();
  }

  async #call<T>(work: () => Promise<unknown>): Promise<T> {
    return valueOf((await Promise.race([work(), this.#died])) as Outcome<T>);
  }

  #die(event: unknown): void {
    if (this.#isOver) return;
    const { message } = event as Partial<ErrorEvent>;
    const error = new SandboxError('machine-stopped', 'The worker of the virtual machine failed. Start the machine again.', { cause: message });
    this.#close(error);
    this.#end.emit({ kind: 'died', message: error.message });
  }

  #close(error: SandboxError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reject(error);
    this.#channels.fail(error);
    this.#worker.terminate();
  }
}
