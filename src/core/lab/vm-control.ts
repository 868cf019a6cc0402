import { Emitter } from '../base/events.ts';
import { messageOf, SandboxError, withTimeout } from '../base/errors.ts';
import type { Connection } from '../network/connection.ts';
import type { TerminalSession, TerminalSize } from '../protocol/sandbox.ts';
import { askForPage, firstAnswer } from './first-answer.ts';
import type { VmFacts, VmSide } from './lab-state.ts';
import { LOOK_INSIDE_VM, parseInsideVm } from './look-around.ts';
import type { PageFacts } from './page.ts';
import { StopWatch } from './stop-watch.ts';
import type { LoadVm, VirtualMachine, VmEnd } from './virtual-machine.ts';

const LOAD_MILLISECONDS = 180_000;
const POWER_ON_MILLISECONDS = 60_000;
const COMMAND_MILLISECONDS = 20_000;
/** How long the kernel inside may take to shut down, or to crash, before the plug is pulled. */
const END_MILLISECONDS = 20_000;

/** The lab's virtual machine over its starts: at most one at a time. */
export class VmControl {
  #side: VmSide = { phase: 'off', runs: [] };
  readonly #change = new Emitter<VmSide>();
  readonly onChange = this.#change.event;
  readonly #answered = new Emitter<void>();
  readonly onAnswered = this.#answered.event;
  readonly #ended = new Emitter<VmEnd>();
  /** It has come to its end, by whatever way. */
  readonly onEnded = this.#ended.event;
  readonly #loadVm: LoadVm;
  #vm: VirtualMachine | undefined;
  #count = 0;
  #abort = new AbortController();

  constructor(loadVm: LoadVm) {
    this.#loadVm = loadVm;
  }

  get side(): VmSide {
    return this.#side;
  }

  /** Switches one on and waits for the first answer of its page. */
  async start(): Promise<void> {
    if (!['off', 'crashed'].includes(this.#side.phase)) throw refused('The virtual machine is already on. Stop it first.');
    const abort = new AbortController();
    this.#abort = abort;
    this.#set({ phase: 'loading' }, 'problem', 'panic', 'page', 'facts');
    await this.#discard();
    try {
      await this.#boot(abort.signal);
      await this.measure();
    } catch (error) {
      // The code that ended it has already said so.
      if (abort.signal.aborted) throw new SandboxError('cancelled', 'The virtual machine ended while it started.', { cause: error });
      await this.#switchOff(messageOf(error));
      throw error;
    }
  }

  async #boot(signal: AbortSignal): Promise<void> {
    const loaded = await withTimeout(this.#loadVm(), LOAD_MILLISECONDS, 'The virtual machine could not be loaded within three minutes.');
    if (signal.aborted) return loaded.dispose();
    this.#set({ phase: 'booting', image: loaded.image });
    const watch = new StopWatch();
    const vm = await withTimeout(loaded.powerOn(), POWER_ON_MILLISECONDS, 'The virtual machine could not be made within a minute.');
    if (signal.aborted) return vm.dispose();
    watch.step('the emulated PC is made');
    this.#adopt(vm);
    await vm.up;
    watch.step('firmware and kernel start, up to the first program');
    const page = await firstAnswer(() => vm.dial(':80'), signal);
    watch.step('the server answers');
    this.#set({ phase: 'running', page, runs: [...this.#side.runs, watch.run()] });
    this.#answered.emit();
  }

  /** Has it shut down; where that takes too long, or where nothing runs in it that could, it is switched off. */
  async stop(): Promise<void> {
    const { phase } = this.#side;
    if (phase === 'off') throw refused('The virtual machine is already off.');
    if (phase === 'stopping') throw refused('The virtual machine is already shutting down.');
    if (phase !== 'running') {
      this.#abort.abort(new Error('it was switched off'));
      await this.#switchOff();
      return this.#ended.emit({ kind: 'halted', message: '' });
    }
    this.#set({ phase: 'stopping' }, 'problem');
    const ended = this.#nextEnd();
    await this.#vm?.shutDown().catch(() => undefined);
    try {
      await withTimeout(ended, END_MILLISECONDS, 'The virtual machine did not shut down within 20 seconds: it was switched off.');
    } catch (error) {
      await this.#switchOff(messageOf(error));
      this.#ended.emit({ kind: 'halted', message: '' });
    }
  }

  /** Makes its kernel give up, and waits until it has. */
  async crash(): Promise<void> {
    const vm = this.#running('It is off: start it first.');
    if (this.#side.phase !== 'running') throw refused('The kernel of the virtual machine is not running: start the virtual machine first.');
    const ended = this.#nextEnd();
    // This command has no end, and no answer.
    vm.run('echo c > /proc/sysrq-trigger', { timeoutMilliseconds: END_MILLISECONDS }).catch(() => undefined);
    const end = await withTimeout(ended, END_MILLISECONDS, 'The kernel of the virtual machine did not crash within 20 seconds. Try it again.');
    if (end.kind !== 'panic') throw new SandboxError('machine-stopped', 'The virtual machine ended, but its kernel did not crash. Start it again.');
  }

  /** Asks the machine what it has, now. */
  async measure(): Promise<void> {
    const vm = this.#running('It is off: start it first.');
    const [looked, memory] = await Promise.all([vm.run(LOOK_INSIDE_VM, { timeoutMilliseconds: COMMAND_MILLISECONDS }), vm.memory()]);
    const facts: VmFacts = { ...parseInsideVm(looked.stdout), memory };
    if (vm === this.#vm) this.#set({ facts });
  }

  /** Asks for the page once more; undefined where it does not answer. */
  async ask(): Promise<PageFacts | undefined> {
    const vm = this.#vm;
    if (vm === undefined || this.#side.phase !== 'running') return undefined;
    return askForPage(() => vm.dial(':80')).catch(() => undefined);
  }

  /** Opens a connection to a port of the machine. */
  async dial(target: string): Promise<Connection> {
    return this.#running('It is off: start it first.').dial(target);
  }

  /** Its console. While it is off, there is none. */
  async openConsole(size: TerminalSize): Promise<TerminalSession> {
    return this.#running('It is off: start it first.').openConsole(size);
  }

  /** Which of the machines that were switched on has a console to open; 0 for none. */
  get consoleOf(): number {
    return this.#vm === undefined ? 0 : this.#count;
  }

  async dispose(): Promise<void> {
    this.#abort.abort(new Error('the lab was closed'));
    await this.#discard();
    this.#set({ phase: 'off' });
  }

  #adopt(vm: VirtualMachine): void {
    this.#vm = vm;
    this.#count += 1;
    // The reader of the console is told about it.
    this.#set({});
    vm.up.catch(() => undefined);
    vm.onEnd(end => {
      if (vm === this.#vm) this.#takeEnd(end);
    });
  }

  #takeEnd(end: VmEnd): void {
    this.#abort.abort(new Error('the virtual machine has ended'));
    if (end.kind === 'panic') {
      this.#set({ phase: 'crashed', panic: end.message });
    } else {
      void this.#discard();
      const problem = end.kind === 'died' ? end.message : 'Its kernel asked the PC to start again. This PC stays off: start it with the button.';
      if (end.kind === 'halted') this.#set({ phase: 'off' }, 'problem');
      else this.#set({ phase: 'off', problem });
    }
    this.#ended.emit(end);
  }

  #nextEnd(): Promise<VmEnd> {
    return new Promise(resolve => {
      const stop = this.onEnded(end => {
        stop();
        resolve(end);
      });
    });
  }

  async #switchOff(problem?: string): Promise<void> {
    await this.#discard();
    this.#set({ phase: 'off', ...(problem !== undefined && { problem }) }, 'panic');
  }

  async #discard(): Promise<void> {
    const vm = this.#vm;
    this.#vm = undefined;
    await vm?.dispose().catch(() => undefined);
  }

  #running(why: string): VirtualMachine {
    if (this.#vm === undefined) throw refused(`The virtual machine is not running. ${why}`);
    return this.#vm;
  }

  #set(patch: Partial<VmSide>, ...forget: ('problem' | 'panic' | 'page' | 'facts')[]): void {
    const side: { -readonly [K in keyof VmSide]: VmSide[K] } = { ...this.#side };
    for (const field of forget) delete side[field];
    this.#side = { ...side, ...patch };
    this.#change.emit(this.#side);
  }
}

function refused(message: string): SandboxError {
  return new SandboxError('machine-stopped', message);
}
