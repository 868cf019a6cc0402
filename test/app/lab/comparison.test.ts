import { expect, test } from 'vitest';
import { compare, formatSeconds, type Row } from '../../../src/app/lab/comparison.ts';
import { stacksInWords, stacksOf } from '../../../src/app/lab/stacks.ts';
import { emptyLab, type LabState } from '../../../src/core/lab/lab-state.ts';

const MB = 1024 * 1024;
const run = (milliseconds: number) => ({ milliseconds, steps: [{ what: 'the server answers', milliseconds }] });

const both: LabState = {
  consoleOf: 1,
  vm: {
    phase: 'running',
    runs: [run(2400), run(1800)],
    image: { kernelBytes: 1.5 * MB, rootBytes: 2.5 * MB, packedBytes: 2.4 * MB, memoryBytes: 64 * MB },
    page: { host: 'vm', kernel: '6.12.107-vm', bootId: 'aaaaaaaa-1', count: 1 },
    facts: {
      memory: { totalBytes: 44 * MB, availableBytes: 35 * MB },
      processes: [
        { pid: 1, name: 'agent' },
        { pid: 27, name: 'httpd' },
        { pid: 28, name: 'sh' },
      ],
      kernelThreads: 19,
      namespaces: { pid: 'pid:[4026531836]' },
    },
  },
  container: {
    phase: 'running',
    runs: [run(1700)],
    page: { host: 'c0ffee', kernel: '6.12.107-drydock', bootId: 'bbbbbbbb-2', count: 1 },
    facts: {
      memoryBytes: 1.25 * MB,
      bareMilliseconds: 42,
      processes: [{ pid: 711, name: 'httpd', insidePid: 1 }],
      namespaces: { pid: 'pid:[9]', pid_for_children: 'pid:[9]', user: 'user:[2]' },
      disk: { ownBytes: 900, writtenBytes: 20, sharedBytes: 1.6 * MB },
    },
  },
  host: { kernel: '6.12.107-drydock', bootId: 'bbbbbbbb-2', processCount: 40, namespaces: { pid: 'pid:[1]', user: 'user:[2]' } },
};

const row = (state: LabState, id: string): Row => compare(state).find(one => one.id === id)!;
const words = (state: LabState, id: string): (string | undefined)[] =>
  [row(state, id).vm, row(state, id).container].map(cell => cell && `${cell.text} | ${cell.detail ?? ''}`);

test('nothing is said of what was not measured', () => {
  for (const { vm, container } of compare(emptyLab)) expect([vm, container]).toEqual([undefined, undefined]);
});

test.each([
  ['time', ['1.8 s | median of 2 starts: 2.1 s', '1.7 s | the kernel’s part of it: 0.04 s']],
  ['memory', ['64 MB | 9 MB of it in use inside', '1.3 MB | no more than it uses']],
  ['disk', ['4 MB | kernel 1.5 MB, root 2.5 MB', '920 B | on 1.6 MB shared with busybox']],
  ['kernel', ['6.12.107-vm | its own', '6.12.107-drydock | the host’s']],
  [
    'processes',
    ['3: agent, httpd, sh | and 19 threads of its kernel; its host sees none of them', '1: httpd | the host sees each: 1 inside is 711 on the host'],
  ],
  ['shared', ['nothing but the hardware | ', 'the kernel, and namespaces: user | its own: pid']],
])('%s, side by side', (id, expected) => expect(words(both, id)).toEqual(expected));

test('a crash is told on the side where it was, with who went on', () => {
  const crashed = { ...both, aftermath: { of: 'vm-crash' as const, isHostAlive: true, isOtherAlive: true } };
  expect(words(crashed, 'aftermath')).toEqual([
    'its kernel took everything down with it | the sandbox keeps running; the container keeps running',
    undefined,
  ]);
  const killed = { ...both, aftermath: { of: 'container-kill' as const, isHostAlive: true } };
  expect(words(killed, 'aftermath')).toEqual([undefined, 'its process ended, and with it the container | the sandbox keeps running']);
});

test('short times keep their digits', () => expect([formatSeconds(80), formatSeconds(1234)]).toEqual(['0.08 s', '1.2 s']));

test('the drawing follows what runs', () => {
  const surroundings = { isSandboxOn: true, others: ['web', 'db', 'cache', 'queue'] };
  const stacks = stacksOf(both, surroundings);
  expect(stacks.vm.programs.map(({ name, state }) => `${name} ${state}`)).toEqual(['httpd on', 'agent on', 'sh on']);
  expect(stacks.host.containers.map(({ name, state }) => `${name} ${state}`)).toEqual(['lab-page on', 'web on', 'db on', '2 more on']);
  const crashed = stacksOf({ ...both, vm: { ...both.vm, phase: 'crashed' } }, surroundings);
  expect([crashed.vm.pc.state, crashed.vm.kernel.state, crashed.vm.programs[0]!.state]).toEqual(['on', 'broken', 'broken']);
  expect([crashed.host.kernel.state, crashed.host.containers[0]!.state]).toEqual(['on', 'on']);
  const off = stacksOf(emptyLab, { isSandboxOn: false, others: [] });
  expect([off.vm.pc, off.vm.kernel, off.host.kernel, off.host.engine].map(({ state }) => state)).toEqual(['off', 'off', 'off', 'off']);
  expect(stacksInWords(stacks)).toContain('its own kernel, Linux 6.12.107-vm, running; on it the programs httpd running, agent running, sh running.');
});
