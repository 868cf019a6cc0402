import type { PageFacts } from './page.ts';
import type { VmImage, VmMemory } from './virtual-machine.ts';

/** The lab's container is an ordinary one of the sandbox's engine. */
export const CONTAINER_NAME = 'lab-page';
export const IMAGE_NAME = 'lab-page:v1';
export const BASE_IMAGE = 'busybox:latest';
/** Where the container is published. */
export const CONTAINER_PORT = 8002;
/** Where the page shows the virtual machine's port 80. */
export const VM_PORT = 8001;

/** One start, measured: from the beginning to the first answer of the page, by steps. */
export interface Run {
  readonly milliseconds: number;
  readonly steps: readonly { readonly what: string; readonly milliseconds: number }[];
}

/** Names of kinds of namespaces (`pid`, `net`) with what the kernel calls the one a process is in: `pid:[4026531836]`. */
export type Namespaces = Readonly<Record<string, string>>;

/** A process as a kernel lists it. */
export interface Process {
  readonly pid: number;
  readonly name: string;
  /** Its number inside the container, where it is in one. */
  readonly insidePid?: number;
}

export type VmPhase = 'off' | 'loading' | 'booting' | 'running' | 'stopping' | 'crashed';

/** What was found inside the virtual machine once it ran. */
export interface VmFacts {
  readonly memory: VmMemory;
  /** Programs, without the kernel's own threads. */
  readonly processes: readonly Process[];
  readonly kernelThreads: number;
  /** Of its process 1. */
  readonly namespaces: Namespaces;
}

/** The virtual machine, as far as it is known. What was measured stays when it is off: it is of the last run. */
export interface VmSide {
  readonly phase: VmPhase;
  /** Why the last thing that was wanted did not work. */
  readonly problem?: string;
  /** What the kernel said when it gave up. */
  readonly panic?: string;
  readonly runs: readonly Run[];
  readonly image?: VmImage;
  readonly page?: PageFacts;
  readonly facts?: VmFacts;
}

/** `none`: there is no such container. */
export type ContainerPhase = 'none' | 'preparing' | 'starting' | 'running' | 'stopping' | 'exited';

/** What is on the disk for a container, in bytes. */
export interface ContainerDisk {
  /** The layers that its image has in common with busybox: they are there once, however many use them. */
  readonly sharedBytes: number;
  /** The layers of the image that are its own. */
  readonly ownBytes: number;
  /** What the container has written itself. */
  readonly writtenBytes: number;
}

/** What was found about the container once it ran, seen from the host. */
export interface ContainerFacts {
  /** `memory.current` of its control group. */
  readonly memoryBytes: number;
  /** How long the kernel took to start a process in new namespaces, without the engine. */
  readonly bareMilliseconds: number;
  readonly processes: readonly Process[];
  /** Of its process 1. */
  readonly namespaces: Namespaces;
  readonly disk: ContainerDisk;
}

/** The container, as far as it is known. */
export interface ContainerSide {
  readonly phase: ContainerPhase;
  readonly problem?: string;
  readonly exitCode?: number;
  readonly runs: readonly Run[];
  readonly page?: PageFacts;
  readonly facts?: ContainerFacts;
}

/** The host of the containers: the sandbox's own Linux. */
export interface HostFacts {
  readonly kernel: string;
  readonly bootId: string;
  readonly processCount: number;
  readonly namespaces: Namespaces;
}

/** Which parts were still there after one of them was ended. */
export interface Aftermath {
  readonly of: 'vm-crash' | 'container-kill';
  /** The host answered, and it is still the same run of its kernel. */
  readonly isHostAlive: boolean;
  /** The other one's page answered; undefined where it did not run before. */
  readonly isOtherAlive?: boolean;
}

/** All that the lab knows. Plain data. */
export interface LabState {
  readonly vm: VmSide;
  readonly container: ContainerSide;
  /** Which of the machines that were switched on, counted from 1, has a console that can be opened; 0 for none. */
  readonly consoleOf: number;
  readonly host?: HostFacts;
  readonly aftermath?: Aftermath;
}

export const emptyLab: LabState = { vm: { phase: 'off', runs: [] }, container: { phase: 'none', runs: [] }, consoleOf: 0 };

/** The middle one of some times; of an even number the mean of the two in the middle. Undefined for none. */
export function median(runs: readonly Run[]): number | undefined {
  const sorted = runs.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)];
}
