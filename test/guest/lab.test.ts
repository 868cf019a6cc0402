/** The lab with a real second virtual machine and a real container beside it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { Lab } from '../../src/core/lab/lab.ts';
import { builtGuest } from '../support/built-guest.ts';
import { openLab } from '../../src/node/lesson/lesson-machine.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, succeed } from './learner.ts';

let sandbox: LocalSandbox;
let lab: Lab;
const moments: string[] = [];

beforeAll(async () => {
  sandbox = await startGuestSandbox();
  lab = openLab(await builtGuest());
  lab.onMoment(moment => moments.push(moment));
  lab.attach(sandbox);
});
afterAll(async () => {
  await lab?.dispose();
  await sandbox?.dispose();
});

/** What the virtual machine's console has shown, from its first line on, and what types into it. */
async function openConsole(): Promise<{ text(): string; type(keys: string): Promise<void> }> {
  const session = await lab.openConsole({ columns: 100, rows: 30 });
  let text = '';
  session.onOutput(bytes => {
    text += Buffer.from(bytes).toString('latin1');
    session.acknowledge(bytes.length);
  });
  return { text: () => text, type: keys => session.write(Buffer.from(keys)) };
}

const shows = (console: { text(): string }, pattern: RegExp): Promise<unknown> =>
  eventually(`the console shows ${pattern}`, () => pattern.exec(console.text()) ?? undefined, 60_000);

describe('the lab', () => {
  it('starts a virtual machine with a kernel of its own, which serves its page', async () => {
    await lab.act('start vm');
    const { vm } = lab.state;
    expect(moments).toEqual(['vm-answered']);
    expect(vm.page).toMatchObject({ host: 'vm', kernel: expect.stringMatching(/^6\.12\.\d+-vm$/) as string, count: 1 });
    expect(vm.image!.memoryBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(vm.image!.packedBytes).toBeLessThan(4_000_000);
    expect(vm.facts!.processes.map(({ name }) => name).sort()).toEqual(['agent', 'httpd', 'sh']);
    expect(vm.facts!.kernelThreads).toBeGreaterThan(5);
    expect(vm.facts!.memory.totalBytes).toBeLessThan(vm.image!.memoryBytes);
    expect(Object.keys(vm.facts!.namespaces)).toEqual(expect.arrayContaining(['mnt', 'net', 'pid', 'uts', 'user']));
    expect(vm.runs[0]!.steps).toHaveLength(3);
  });

  it('has a console with the kernel’s messages and a shell', async () => {
    const console = await openConsole();
    await shows(console, /Linux version 6\.12\.\d+-vm/);
    await shows(console, /root@vm:~# /);
    await console.type('uname -r; echo "up $((40 + 2))"\r');
    await shows(console, /\n6\.12\.\d+-vm\r\nup 42/);
  });

  it('starts a container of the same page on the sandbox’s own kernel', async () => {
    await lab.act('start container');
    const { container, host, vm } = lab.state;
    expect(moments.at(-1)).toBe('container-answered');
    expect(container.page).toMatchObject({ kernel: host!.kernel, bootId: host!.bootId, count: 1 });
    expect(host!.kernel).toMatch(/-drydock$/);
    expect(vm.page!.bootId).not.toBe(host!.bootId);
    const [process, ...others] = container.facts!.processes;
    expect(others).toEqual([]);
    expect(process).toMatchObject({ name: 'httpd', insidePid: 1 });
    expect(container.facts!.memoryBytes).toBeGreaterThan(0);
    expect(container.facts!.bareMilliseconds).toBeGreaterThan(0);
    expect(container.facts!.memoryBytes).toBeLessThan(vm.image!.memoryBytes / 4);
    expect(container.facts!.namespaces['pid']).not.toBe(host!.namespaces['pid']);
    expect(container.facts!.namespaces['user']).toBe(host!.namespaces['user']);
    const { ownBytes, sharedBytes } = container.facts!.disk;
    expect(ownBytes).toBeGreaterThan(0);
    expect(ownBytes).toBeLessThan(10_000);
    expect(sharedBytes).toBeGreaterThan(1_000_000);
    // The host sees the very process.
    expect(await succeed(sandbox, `cat /proc/${process!.pid}/comm`)).toBe('httpd\n');
  });

  it('a process killed from the host ends the container; host and virtual machine go on', async () => {
    await lab.act('kill container');
    expect(lab.state.container).toMatchObject({ phase: 'exited', exitCode: 137 });
    expect(lab.state.aftermath).toEqual({ of: 'container-kill', isHostAlive: true, isOtherAlive: true });
    expect(moments.at(-1)).toBe('container-stopped');
  });

  it('a container can be started again and again; one ended by hand is heard of', async () => {
    await lab.act('start container');
    await succeed(sandbox, "kill -9 $(docker inspect -f '{{.State.Pid}}' lab-page)");
    await eventually('the end of the container', () => (lab.state.container.phase === 'exited' ? true : undefined), 60_000);
    await lab.act('start container');
    expect(lab.state.container.runs).toHaveLength(3);
    await lab.act('stop container');
    await lab.act('remove container');
    expect(lab.state.container.phase).toBe('none');
    await lab.act('start container');
  });

  it('a kernel that crashes takes its machine along, and nothing else', async () => {
    const console = await openConsole();
    await console.type('echo "Kernel panic - not syncing: only said" > /dev/ttyS0\r');
    await shows(console, /only said\r\n/);
    await console.type('echo c > /proc/sysrq-trigger\r');
    await eventually('the crash', () => (lab.state.vm.phase === 'crashed' ? true : undefined), 60_000);
    expect(lab.state.vm.panic).toBe('sysrq triggered crash');
    expect(moments.filter(moment => moment === 'vm-kernel-crashed')).toHaveLength(1);
    await lab.measure();
    expect(lab.state.container.phase).toBe('running');
    await lab.act('start vm');
    await lab.act('crash vm');
    expect(lab.state.aftermath).toEqual({ of: 'vm-crash', isHostAlive: true, isOtherAlive: true });
  });

  it('a virtual machine shuts down, by the lab or by its own shell', async () => {
    await lab.act('start vm');
    await lab.act('stop vm');
    expect(lab.state.vm).toMatchObject({ phase: 'off' });
    expect(lab.state.vm.problem).toBeUndefined();
    await lab.act('start vm');
    const console = await openConsole();
    await shows(console, /root@vm:~# /);
    await console.type('poweroff -f\r');
    await eventually('the end', () => (lab.state.vm.phase === 'off' ? true : undefined), 60_000);
    expect(moments.at(-1)).toBe('vm-stopped');
    expect(lab.state.vm.runs).toHaveLength(4);
  });
});
