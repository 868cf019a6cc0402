import type { ContainerSide, LabState, VmSide } from '../../core/lab/lab-state.ts';
import { CONTAINER_NAME } from '../../core/lab/lab-state.ts';

/** How a part of a stack is drawn. `waiting` is on its way. */
export type PartState = 'off' | 'waiting' | 'on' | 'broken';

/** A part of a stack: a box in the drawing. */
export interface Part {
  readonly name: string;
  /** What it is here, or in what it stands for. */
  readonly note?: string;
  readonly state: PartState;
}

/** Both stacks, as they are now. */
export interface Stacks {
  /** What both stand on, the lowest first. */
  readonly ground: readonly Part[];
  readonly vm: { readonly pc: Part; readonly kernel: Part; readonly programs: readonly Part[] };
  readonly host: { readonly pc: Part; readonly kernel: Part; readonly engine: Part; readonly containers: readonly Part[] };
}

/** What the drawing needs to know besides the lab. */
export interface Surroundings {
  /** The sandbox runs, and its engine. */
  readonly isSandboxOn: boolean;
  /** Names of other containers that run. */
  readonly others: readonly string[];
}

const SHOWN_OTHERS = 2;

export function stacksOf(state: LabState, { isSandboxOn, others }: Surroundings): Stacks {
  const { vm, container, host } = state;
  const sandbox: PartState = isSandboxOn ? 'on' : 'off';
  return {
    ground: [
      { name: 'Your computer', state: 'on' },
      { name: 'Your browser', note: 'on your operating system', state: 'on' },
    ],
    vm: {
      pc: { name: 'Emulated PC', note: 'v86, in the hypervisor’s place', state: pcState(vm) },
      kernel: { name: vm.page === undefined ? 'Linux' : `Linux ${vm.page.kernel}`, note: 'guest kernel', state: vmKernelState(vm) },
      programs: programsOf(vm),
    },
    host: {
      pc: { name: 'Emulated PC', note: 'v86, in the hardware’s place', state: sandbox },
      kernel: { name: host === undefined ? 'Linux' : `Linux ${host.kernel}`, note: 'host kernel', state: sandbox },
      engine: { name: 'Docker', note: 'Engine', state: sandbox },
      containers: [{ name: CONTAINER_NAME, note: programIn(container), state: containerState(container) }, ...shownOthers(others)],
    },
  };
}

/** The drawing in words, for learners who do not see it. */
export function stacksInWords({ vm, host }: Stacks): string {
  const list = (parts: readonly Part[]): string => parts.map(part => `${part.name} ${stateWords[part.state]}`).join(', ');
  return (
    `Two stacks on your computer and your browser. Left, from below: an emulated PC, ${stateWords[vm.pc.state]}; its own kernel, ${vm.kernel.name}, ` +
    `${stateWords[vm.kernel.state]}; on it the programs ${list(vm.programs)}. Right, from below: the sandbox’s emulated PC, ${stateWords[host.pc.state]}; ` +
    `the host’s kernel, ${host.kernel.name}, ${stateWords[host.kernel.state]}; on it, side by side, the Docker Engine and the containers ${list(host.containers)}.`
  );
}

export const stateWords: Record<PartState, string> = { off: 'off', waiting: 'starting', on: 'running', broken: 'crashed' };

function pcState({ phase }: VmSide): PartState {
  return phase === 'off' ? 'off' : phase === 'loading' ? 'waiting' : 'on';
}

function vmKernelState({ phase }: VmSide): PartState {
  if (phase === 'crashed') return 'broken';
  if (phase === 'booting') return 'waiting';
  return phase === 'running' || phase === 'stopping' ? 'on' : 'off';
}

function programsOf({ phase, facts }: VmSide): readonly Part[] {
  const state: PartState = phase === 'running' ? 'on' : phase === 'crashed' ? 'broken' : 'off';
  const names = facts === undefined ? ['httpd'] : [...new Set(facts.processes.map(({ name }) => name))];
  return names.sort((one, other) => Number(other === 'httpd') - Number(one === 'httpd')).map(name => ({ name, state }));
}

function containerState({ phase }: ContainerSide): PartState {
  if (phase === 'preparing' || phase === 'starting') return 'waiting';
  return phase === 'running' || phase === 'stopping' ? 'on' : 'off';
}

function programIn({ facts }: ContainerSide): string {
  return facts?.processes.map(({ name }) => name).join(', ') ?? 'httpd';
}

function shownOthers(others: readonly string[]): readonly Part[] {
  const shown = others.slice(0, SHOWN_OTHERS).map((name): Part => ({ name, state: 'on' }));
  const rest = others.length - shown.length;
  return rest > 0 ? [...shown, { name: `${rest} more`, state: 'on' }] : shown;
}
