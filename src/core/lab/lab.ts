import { Emitter } from '../base/events.ts';
import { SandboxError } from '../base/errors.ts';
import type { LabMoment } from '../lesson/check/check-schema.ts';
import { labActions, type LabAction } from '../lesson/format/solution-lines.ts';
import type { Connection } from '../network/connection.ts';
import type { TerminalSession, TerminalSize } from '../protocol/sandbox.ts';
import { ContainerControl, type LabHost } from './container-control.ts';
import { emptyLab, type Aftermath, type LabState } from './lab-state.ts';
import type { LoadVm } from './virtual-machine.ts';
import { VmControl } from './vm-control.ts';

/**
 * The lab of containers against virtual machines, without a view: starts both, makes them fail, measures. It does nothing by itself: what is
 * known is of the moment at which something was started, ended or asked for (`measure`).
 */
export class Lab {
  readonly #vm: VmControl;
  #container: ContainerControl | undefined;
  #aftermath: Aftermath | undefined;
  #state = emptyLab;
  readonly #change = new Emitter<LabState>();
  readonly onChange = this.#change.event;
  readonly #moment = new Emitter<LabMoment>();
  /** What a lesson's checks can ask for. */
  readonly onMoment = this.#moment.event;

  constructor(loadVm: LoadVm) {
    this.#vm = new VmControl(loadVm);
    this.#vm.onChange(() => this.#tell());
    this.#vm.onAnswered(() => this.#moment.emit('vm-answered'));
    this.#vm.onEnded(({ kind }) => this.#moment.emit(kind === 'panic' ? 'vm-kernel-crashed' : 'vm-stopped'));
  }

  get state(): LabState {
    return this.#state;
  }

  /** Gives the sandbox in which the container runs; undefined when it has gone, and all in it. */
  attach(host: LabHost | undefined): void {
    this.#container?.dispose();
    this.#container = host && new ContainerControl(host);
    const control = this.#container;
    control?.onChange(() => this.#tell());
    control?.onAnswered(() => this.#moment.emit('container-answered'));
    control?.onEnded(() => this.#moment.emit('container-stopped'));
    control?.look().catch(() => undefined);
    this.#tell();
  }

  /** Does what a lesson or a button says; resolves when it is done. Rejects with a SandboxError that says why not. */
  async act(action: string): Promise<void> {
    const known = labActions.find(one => one === action.trim().replace(/\s+/g, ' '));
    if (known === undefined) throw new SandboxError('cancelled', `The lab cannot "${action}". It can: ${labActions.join(', ')}.`);
    await this.#actions[known]();
  }

  /** Measures again what runs. */
  async measure(): Promise<void> {
    await Promise.all([this.#vm.side.phase === 'running' ? this.#vm.measure() : undefined, this.#container?.measure()]);
  }

  /** The console of the virtual machine; rejects while it is off. */
  openConsole(size: TerminalSize): Promise<TerminalSession> {
    return this.#vm.openConsole(size);
  }

  /** Opens a connection to a port (`:80`) of the virtual machine. */
  dialVm(target: string): Promise<Connection> {
    return this.#vm.dial(target);
  }

  /** Switches the virtual machine off; the container stays. */
  async dispose(): Promise<void> {
    this.#container?.dispose();
    await this.#vm.dispose();
  }

  readonly #actions: Record<LabAction, () => Promise<void>> = {
    'start vm': () => this.#startVm(),
    'stop vm': () => this.#vm.stop(),
    'crash vm': () => this.#crashVm(),
    'start container': () => this.#containers.start(),
    'stop container': () => this.#containers.stop(),
    'kill container': () => this.#killContainer(),
    'remove container': () => this.#containers.remove(),
  };

  get #containers(): ContainerControl {
    if (this.#container === undefined)
      throw new SandboxError('guest-unreachable', 'The sandbox is not running yet: wait until its terminal has a prompt.');
    return this.#container;
  }

  async #startVm(): Promise<void> {
    await this.#vm.start();
    // What the machine is compared with; where the host is busy this waits for the next measurement.
    if (this.#container?.hostFacts === undefined) await this.#container?.measure().catch(() => undefined);
  }

  async #crashVm(): Promise<void> {
    const before = await this.#container?.ask();
    const boot = await this.#container?.askHost();
    await this.#vm.crash();
    const isHostAlive = boot !== undefined && (await this.#container?.askHost()) === boot;
    const isOtherAlive = before && (await this.#container?.ask()) !== undefined;
    this.#aftermath = { of: 'vm-crash', isHostAlive, ...(isOtherAlive !== undefined && { isOtherAlive }) };
    this.#tell();
  }

  async #killContainer(): Promise<void> {
    const control = this.#containers;
    const before = await this.#vm.ask();
    const boot = await control.askHost();
    await control.kill();
    const isHostAlive = boot !== undefined && (await control.askHost()) === boot;
    const isOtherAlive = before && (await this.#vm.ask())?.bootId === before.bootId;
    this.#aftermath = { of: 'container-kill', isHostAlive, ...(isOtherAlive !== undefined && { isOtherAlive }) };
    this.#tell();
  }

  #tell(): void {
    const host = this.#container?.hostFacts;
    this.#state = {
      vm: this.#vm.side,
      container: this.#container?.side ?? emptyLab.container,
      consoleOf: this.#vm.consoleOf,
      ...(host && { host }),
      ...(this.#aftermath && { aftermath: this.#aftermath }),
    };
    this.#change.emit(this.#state);
  }
}
