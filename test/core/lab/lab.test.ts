import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { Lab } from '../../../src/core/lab/lab.ts';
import { median, type LabState } from '../../../src/core/lab/lab-state.ts';
import type { LoadVm } from '../../../src/core/lab/virtual-machine.ts';
import { HOST_BOOT, loadedVm, StagedSandbox, StagedVm, VM_BOOT } from './staged-lab.ts';

let sandbox: StagedSandbox;
let vms: StagedVm[];
let isUpAtOnce: boolean;
let load: LoadVm;
let lab: Lab;
let moments: string[];
/** What the two sides were, in order. */
let phases: string[];

beforeEach(() => {
  sandbox = new StagedSandbox();
  [vms, isUpAtOnce, moments, phases] = [[], true, [], []];
  load = () => {
    const vm = new StagedVm(isUpAtOnce);
    vms.push(vm);
    return Promise.resolve(loadedVm(() => Promise.resolve(vm)));
  };
  lab = new Lab(() => load());
  lab.onMoment(moment => moments.push(moment));
  lab.onChange(({ vm, container }: LabState) => {
    const phase = `${vm.phase}/${container.phase}`;
    if (phases.at(-1) !== phase) phases.push(phase);
  });
  lab.attach(sandbox);
});
afterEach(() => vi.useRealTimers());

describe('the virtual machine', () => {
  test('starts, answers, and is looked into', async () => {
    await lab.act('start vm');
    expect(phases).toEqual(['off/none', 'loading/none', 'booting/none', 'running/none']);
    expect(moments).toEqual(['vm-answered']);
    const { vm } = lab.state;
    expect(vm.page).toEqual({ host: 'vm', kernel: '6.12.107-vm', bootId: VM_BOOT, count: 1 });
    expect(vm.facts?.processes).toEqual([
      { pid: 1, name: 'agent' },
      { pid: 27, name: 'httpd' },
    ]);
    expect(vm.facts).toMatchObject({ kernelThreads: 2, namespaces: { pid: 'pid:[4026531836]' }, memory: { availableBytes: 37_000_000 } });
    expect(vm.runs).toHaveLength(1);
    expect(vm.runs[0]!.steps).toHaveLength(3);
    // The host is looked at too: what a machine has of its own shows against it.
    expect(lab.state.host?.bootId).toBe(HOST_BOOT);
  });

  test('each start counts, on a machine of its own', async () => {
    await lab.act('start vm');
    await lab.act('stop vm');
    await lab.act('start vm');
    expect(lab.state.vm.runs).toHaveLength(2);
    expect(vms.map(({ isDisposed }) => isDisposed)).toEqual([true, false]);
    expect(moments).toEqual(['vm-answered', 'vm-stopped', 'vm-answered']);
  });

  test('that crashes stays to be looked at, until it is started again', async () => {
    await lab.act('start vm');
    await lab.act('crash vm');
    expect(lab.state.vm).toMatchObject({ phase: 'crashed', panic: 'sysrq triggered crash' });
    expect(lab.state.consoleOf).toBe(1);
    expect(moments).toEqual(['vm-answered', 'vm-kernel-crashed']);
    await lab.act('start vm');
    expect(lab.state.vm).toMatchObject({ phase: 'running' });
    expect(lab.state.vm.panic).toBeUndefined();
  });

  test('crashes and halts by the learner’s own hand as well', async () => {
    await lab.act('start vm');
    vms[0]!.end.emit({ kind: 'halted', message: '' });
    expect(lab.state.vm.phase).toBe('off');
    await lab.act('start vm');
    vms[1]!.end.emit({ kind: 'panic', message: 'Attempted to kill init!' });
    expect(lab.state.vm).toMatchObject({ phase: 'crashed', panic: 'Attempted to kill init!' });
    expect(moments).toEqual(['vm-answered', 'vm-stopped', 'vm-answered', 'vm-kernel-crashed']);
  });

  test('that asks for a restart stays off, and says so', async () => {
    await lab.act('start vm');
    vms[0]!.end.emit({ kind: 'reset', message: '' });
    expect(lab.state.vm.phase).toBe('off');
    expect(lab.state.vm.problem).toContain('asked the PC to start again');
  });

  test('that does not shut down is switched off', async () => {
    await lab.act('start vm');
    vms[0]!.onShutDown = () => undefined;
    vi.useFakeTimers();
    const stopped = lab.act('stop vm');
    await vi.advanceTimersByTimeAsync(25_000);
    await stopped;
    expect(lab.state.vm.phase).toBe('off');
    expect(lab.state.vm.problem).toContain('it was switched off');
    expect(vms[0]!.isDisposed).toBe(true);
    expect(moments).toContain('vm-stopped');
  });

  test('whose kernel does not crash is told of', async () => {
    await lab.act('start vm');
    vms[0]!.onCrash = () => undefined;
    vi.useFakeTimers();
    const crashed = expect(lab.act('crash vm')).rejects.toThrow('did not crash within 20 seconds');
    await vi.advanceTimersByTimeAsync(25_000);
    await crashed;
    expect(lab.state.vm.phase).toBe('running');
  });

  test('can be stopped while it starts', async () => {
    isUpAtOnce = false;
    const started = expect(lab.act('start vm')).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => expect(lab.state.vm.phase).toBe('booting'));
    await vi.waitFor(() => expect(lab.state.consoleOf).toBe(1));
    await lab.act('stop vm');
    vms[0]!.becomeUp();
    await started;
    expect(lab.state.vm.phase).toBe('off');
    expect(lab.state.vm.problem).toBeUndefined();
  });

  test('that cannot be loaded leaves the reason, and can be tried again', async () => {
    const good = load;
    load = () => Promise.reject(new SandboxError('download-failed', 'A part of the virtual machine could not be downloaded.'));
    await expect(lab.act('start vm')).rejects.toMatchObject({ code: 'download-failed' });
    expect(lab.state.vm).toMatchObject({ phase: 'off', problem: 'A part of the virtual machine could not be downloaded.' });
    load = good;
    await lab.act('start vm');
    expect(lab.state.vm.problem).toBeUndefined();
  });

  test('what makes no sense is refused with a reason', async () => {
    await expect(lab.act('stop vm')).rejects.toThrow('already off');
    await expect(lab.act('crash vm')).rejects.toThrow('start it first');
    await lab.act('start vm');
    await expect(lab.act('start vm')).rejects.toThrow('already on');
    await expect(lab.act('paint vm')).rejects.toThrow('The lab cannot "paint vm". It can: start vm, start container, stop vm');
  });
});

describe('the container', () => {
  test('is built once, run, answered, and seen from the host', async () => {
    await lab.act('start container');
    expect(phases).toEqual(['off/none', 'off/preparing', 'off/starting', 'off/running']);
    expect(moments).toEqual(['container-answered']);
    expect(lab.state.container.facts).toEqual({
      memoryBytes: 1_200_128,
      bareMilliseconds: 41.5,
      processes: [{ pid: 4711, name: 'httpd', insidePid: 1 }],
      namespaces: { pid: 'pid:[9]', user: 'user:[2]' },
      disk: { sharedBytes: 1_900_000, ownBytes: 700, writtenBytes: 7 },
    });
    expect(lab.state.host).toEqual({
      kernel: '6.12.107-drydock',
      bootId: HOST_BOOT,
      processCount: 41,
      namespaces: { pid: 'pid:[1]', user: 'user:[2]' },
    });
    await lab.act('stop container');
    await lab.act('start container');
    expect(sandbox.commands.filter(command => command.includes('docker build'))).toHaveLength(1);
    expect(lab.state.container.runs).toHaveLength(2);
  });

  test('that is stopped has ended when the engine says so', async () => {
    await lab.act('start container');
    await lab.act('stop container');
    expect(lab.state.container).toMatchObject({ phase: 'exited', exitCode: 137 });
    expect(moments).toEqual(['container-answered', 'container-stopped']);
  });

  test('whose process is killed from the host ends; host and virtual machine go on', async () => {
    await lab.act('start vm');
    await lab.act('start container');
    await lab.act('kill container');
    expect(sandbox.commands).toContain('kill -9 4711');
    expect(lab.state.container.phase).toBe('exited');
    expect(lab.state.aftermath).toEqual({ of: 'container-kill', isHostAlive: true, isOtherAlive: true });
  });

  test('goes on when the kernel of the virtual machine crashes', async () => {
    await lab.act('start vm');
    await lab.act('start container');
    await lab.act('crash vm');
    expect(lab.state.aftermath).toEqual({ of: 'vm-crash', isHostAlive: true, isOtherAlive: true });
    expect(lab.state.container.phase).toBe('running');
  });

  test('that the learner ends in a terminal has ended', async () => {
    await lab.act('start container');
    sandbox.exitCode = 0;
    sandbox.finish();
    expect(lab.state.container).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(moments).toContain('container-stopped');
  });

  test('that the learner started is shown, but took no time', async () => {
    sandbox.begin();
    await vi.waitFor(() => expect(lab.state.container.facts).toBeDefined());
    expect(lab.state.container).toMatchObject({ phase: 'running', runs: [], page: { host: 'c0ffeec0ffee' } });
  });

  test('that runs already when the lab is opened is shown', async () => {
    sandbox.state = 'running';
    lab.attach(sandbox);
    await vi.waitFor(() => expect(lab.state.container.facts).toBeDefined());
    expect(lab.state.container.phase).toBe('running');
  });

  test('that ended while the engine was not heard is missed when it is heard again', async () => {
    await lab.act('start container');
    sandbox.state = 'exited';
    sandbox.news.emit({ kind: 'watching' });
    await vi.waitFor(() => expect(lab.state.container.phase).toBe('exited'));
  });

  test('is removed, running or not', async () => {
    await lab.act('start container');
    await lab.act('remove container');
    expect(lab.state.container.phase).toBe('none');
    expect(moments).toContain('container-stopped');
    await expect(lab.act('remove container')).rejects.toThrow('no container to remove');
  });

  test('that ends as soon as it starts is told of, and can be started again', async () => {
    const begin = sandbox.begin.bind(sandbox);
    sandbox.begin = () => {
      begin();
      sandbox.exitCode = 1;
      sandbox.finish();
    };
    await expect(lab.act('start container')).rejects.toThrow();
    expect(lab.state.container).toMatchObject({ phase: 'exited', exitCode: 1 });
    expect(moments).toEqual([]);
    sandbox.begin = begin;
    await lab.act('start container');
    expect(lab.state.container.phase).toBe('running');
  });

  test('a command that the sandbox refuses leaves its words', async () => {
    const run = sandbox.run.bind(sandbox);
    sandbox.run = command =>
      command.startsWith('docker run') ? Promise.resolve({ exitCode: 125, stdout: '', stderr: 'port is already allocated' }) : run(command);
    await expect(lab.act('start container')).rejects.toThrow('port is already allocated');
    expect(lab.state.container).toMatchObject({ phase: 'none' });
    expect(lab.state.container.problem).toContain('port is already allocated');
  });

  test('goes with its sandbox', async () => {
    await lab.act('start container');
    lab.attach(undefined);
    expect(lab.state.container).toEqual({ phase: 'none', runs: [] });
    await expect(lab.act('start container')).rejects.toThrow('The sandbox is not running yet');
  });
});

test('the median of times', () => {
  const runs = (...times: number[]) => times.map(milliseconds => ({ milliseconds, steps: [] }));
  expect([median([]), median(runs(3)), median(runs(9, 1, 2)), median(runs(4, 1, 2, 9))]).toEqual([undefined, 3, 2, 3]);
});
