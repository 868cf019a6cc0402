import { CONTAINER_PORT, median, type Aftermath, type ContainerSide, type LabState, type Run, type VmSide } from '../../core/lab/lab-state.ts';
import { formatBytes } from '../session/format.ts';

/** What was measured of one side. */
export interface Cell {
  readonly text: string;
  readonly detail?: string;
  /** What it is, and how it was measured. */
  readonly how: string;
}

/** One thing that both sides are compared in. A cell is undefined until it was measured. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** What a prediction of it is written in; undefined where none is asked for. */
  readonly unit?: string;
  readonly vm: Cell | undefined;
  readonly container: Cell | undefined;
}

/** All rows, in the order of the table. */
export function compare(state: LabState): readonly Row[] {
  const { vm, container } = state;
  return [
    { id: 'time', title: 'Start to first answer', unit: 's', vm: vmTime(vm), container: containerTime(container) },
    { id: 'memory', title: 'Memory taken', unit: 'MB', vm: vmMemory(vm), container: containerMemory(container) },
    { id: 'disk', title: 'Bytes on the disk', unit: 'MB', vm: vmDisk(vm), container: containerDisk(container) },
    { id: 'kernel', title: 'Kernel', vm: vmKernel(state), container: containerKernel(state) },
    { id: 'processes', title: 'Processes', vm: vmProcesses(vm), container: containerProcesses(container) },
    { id: 'shared', title: 'Shared with the host', vm: vmShares(state), container: containerShares(state) },
    { id: 'aftermath', title: 'After a crash', ...aftermathCells(state.aftermath) },
  ];
}

/** Seconds with one decimal; tenths below that are kept, so that nothing reads as no time at all. */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 100 ? 2 : 1)} s`;
}

function time(runs: readonly Run[], how: string, more: readonly string[] = []): Cell | undefined {
  const last = runs.at(-1);
  if (last === undefined) return undefined;
  const steps = last.steps.map(({ what, milliseconds }) => `${what}: ${formatSeconds(milliseconds)}`).join('; ');
  const middle = median(runs) ?? last.milliseconds;
  const details = [...(runs.length > 1 ? [`median of ${runs.length} starts: ${formatSeconds(middle)}`] : []), ...more];
  return {
    text: formatSeconds(last.milliseconds),
    ...(details.length > 0 && { detail: details.join('; ') }),
    how: `${how} The last start: ${steps}.`,
  };
}

function vmTime({ runs }: VmSide): Cell | undefined {
  return time(
    runs,
    'By your browser’s clock, from switching on (kernel and root were downloaded before) until the page on its port 80 has answered.',
  );
}

function containerTime({ runs, facts }: ContainerSide): Cell | undefined {
  const how =
    `By your browser’s clock, from “docker run” (the image was built before) until the page on localhost:${CONTAINER_PORT} has answered. ` +
    'The kernel’s part is what remains without the engine: “unshare -m -u -i -n -p -f true”, a process in five new namespaces, timed in the sandbox.';
  return time(runs, how, facts === undefined ? [] : [`the kernel’s part of it: ${formatSeconds(facts.bareMilliseconds)}`]);
}

function vmMemory({ image, facts }: VmSide): Cell | undefined {
  if (image === undefined) return undefined;
  const used = facts && facts.memory.totalBytes - facts.memory.availableBytes;
  return {
    text: formatBytes(image.memoryBytes),
    ...(used !== undefined && { detail: `${formatBytes(used)} of it in use inside` }),
    how: 'Given to the emulated PC when it is switched on, and taken from everyone else, used or not. In use inside: MemTotal less MemAvailable of its /proc/meminfo; the kernel’s own code and what the BIOS keeps come on top.',
  };
}

function containerMemory({ facts }: ContainerSide): Cell | undefined {
  if (facts === undefined) return undefined;
  return {
    text: formatBytes(facts.memoryBytes),
    detail: 'no more than it uses',
    how: 'memory.current of its control group in the sandbox: what its processes use, and the pages of files that they were the first to read. The kernel is the host’s and not counted.',
  };
}

function vmDisk({ image }: VmSide): Cell | undefined {
  if (image === undefined) return undefined;
  return {
    text: formatBytes(image.kernelBytes + image.rootBytes),
    detail: `kernel ${formatBytes(image.kernelBytes)}, root ${formatBytes(image.rootBytes)}`,
    how: `The two files that it starts from, all its own. ${formatBytes(image.packedBytes)} were downloaded for them. A usual virtual machine has a whole system on its disk: gigabytes.`,
  };
}

function containerDisk({ facts }: ContainerSide): Cell | undefined {
  if (facts === undefined) return undefined;
  const { ownBytes, sharedBytes, writtenBytes } = facts.disk;
  return {
    text: formatBytes(ownBytes + writtenBytes),
    detail: `on ${formatBytes(sharedBytes)} shared with busybox`,
    how: `From the engine: the image’s own layers (${formatBytes(ownBytes)}) and what the container has written (${formatBytes(writtenBytes)}). The layers of busybox below them are on the disk once, for all.`,
  };
}

function vmKernel({ vm, host }: LabState): Cell | undefined {
  if (vm.page === undefined) return undefined;
  return { text: vm.page.kernel, ...whose(vm.page.bootId, host?.bootId), how: kernelHow(vm.page.bootId, host?.bootId) };
}

function containerKernel({ container, host }: LabState): Cell | undefined {
  if (container.page === undefined) return undefined;
  return { text: container.page.kernel, ...whose(container.page.bootId, host?.bootId), how: kernelHow(container.page.bootId, host?.bootId) };
}

function whose(bootId: string, hostBootId: string | undefined): { detail?: string } {
  return hostBootId === undefined ? {} : { detail: bootId === hostBootId ? 'the host’s' : 'its own' };
}

function kernelHow(bootId: string, hostBootId: string | undefined): string {
  const host = hostBootId === undefined ? '' : ` That of the host begins with ${hostBootId.slice(0, 8)}.`;
  return `As the page reports it: uname -r, and the boot id, which a kernel makes up each time it starts. Here it begins with ${bootId.slice(0, 8)}.${host}`;
}

function vmProcesses({ facts }: VmSide): Cell | undefined {
  if (facts === undefined) return undefined;
  const names = facts.processes.map(({ name }) => name).join(', ');
  return {
    text: `${facts.processes.length}: ${names}`,
    detail: `and ${facts.kernelThreads} threads of its kernel; its host sees none of them`,
    how: 'From /proc inside. To its host, your browser, the whole machine is one worker; the sandbox knows nothing of it.',
  };
}

function containerProcesses({ facts }: ContainerSide): Cell | undefined {
  if (facts === undefined) return undefined;
  const names = facts.processes.map(({ name }) => name).join(', ');
  const numbers = facts.processes.map(({ pid, insidePid }) => `${insidePid ?? '?'} inside is ${pid} on the host`).join('; ');
  return {
    text: `${facts.processes.length}: ${names}`,
    detail: `the host sees each: ${numbers}`,
    how: 'From cgroup.procs of its control group and NSpid in /proc/<pid>/status, read on the host: “ps” there lists them too.',
  };
}

function vmShares({ vm, host }: LabState): Cell | undefined {
  if (vm.page === undefined || host === undefined) return undefined;
  return {
    text: vm.page.bootId === host.bootId ? 'the kernel' : 'nothing but the hardware',
    how: 'Two boot ids are two kernels. Namespaces are a kernel’s own: those of two kernels cannot be compared, even where their numbers are the same.',
  };
}

function containerShares({ container, host }: LabState): Cell | undefined {
  const { facts } = container;
  if (facts === undefined || host === undefined) return undefined;
  const kinds = Object.keys(facts.namespaces).filter(kind => !kind.endsWith('_for_children'));
  const shared = kinds.filter(kind => facts.namespaces[kind] === host.namespaces[kind]);
  const own = kinds.filter(kind => !shared.includes(kind));
  return {
    text: `the kernel, and namespaces: ${shared.join(', ') || 'none'}`,
    detail: `its own: ${own.join(', ')}`,
    how: 'ls -l /proc/<pid>/ns of its process 1 against /proc/1/ns, both on the host: the same number is the same namespace.',
  };
}

function aftermathCells(aftermath: Aftermath | undefined): Pick<Row, 'vm' | 'container'> {
  if (aftermath === undefined) return { vm: undefined, container: undefined };
  const isVm = aftermath.of === 'vm-crash';
  const other = isVm ? 'container' : 'virtual machine';
  const words = (isAlive: boolean): string => (isAlive ? 'keeps running' : 'is gone too');
  const of = aftermath.isOtherAlive === undefined ? '' : `; the ${other} ${words(aftermath.isOtherAlive)}`;
  const cell: Cell = {
    text: isVm ? 'its kernel took everything down with it' : 'its process ended, and with it the container',
    detail: `the sandbox ${words(aftermath.isHostAlive)}${of}`,
    how: `Asked right after it: the sandbox for its boot id${of === '' ? '' : `, the ${other} for its page`}.`,
  };
  return isVm ? { vm: cell, container: undefined } : { vm: undefined, container: cell };
}
