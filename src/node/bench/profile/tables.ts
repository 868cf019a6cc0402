import { existsSync, readFileSync } from 'node:fs';
import type { KernelMap } from './kernel-map.ts';
import type { ProfileSample } from './sampler.ts';

/** Linux's own list of system calls, which the build's C compiler needs too. */
const SYSCALL_FILES = ['/usr/include/x86_64-linux-gnu/asm/unistd_32.h', '/usr/include/asm/unistd_32.h'];

function readSyscallNames(): ReadonlyMap<number, string> {
  const file = SYSCALL_FILES.find(existsSync);
  const text = file === undefined ? '' : readFileSync(file, 'utf8');
  return new Map([...text.matchAll(/#define __NR_(\w+) (\d+)/g)].map(([, name, number]) => [Number(number), name!]));
}

type Weigh = (sample: ProfileSample) => string | undefined;

/** Million instructions a run by key, largest first. */
function sumBy(samples: readonly ProfileSample[], runs: number, key: Weigh): [string, number][] {
  const sums = new Map<string, number>();
  for (const sample of samples) {
    const name = key(sample);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + sample.instructions / 1e6 / runs);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

function section(title: string, rows: readonly [string, number][], limit: number): string {
  const lines = rows.slice(0, limit).map(([name, value]) => `${value.toFixed(1).padStart(8)}  ${name}`);
  return [title, ...lines].join('\n');
}

/** How a sample's mode and reason are called. */
function reasonOf(names: ReadonlyMap<number, string>, { isUser, entry }: ProfileSample): string {
  if (isUser) return 'user';
  if (entry === undefined) return 'kernel thread';
  if (entry === -1) return 'exception (page faults)';
  return entry < 0 ? 'interrupt' : (names.get(entry) ?? `system call ${entry}`);
}

/** The samples of `runs` runs as tables for people, in million instructions a run. */
export function profileTables(samples: readonly ProfileSample[], runs: number, map: KernelMap, limit: number): string {
  const names = readSyscallNames();
  const total = samples.reduce((sum, { instructions }) => sum + instructions / 1e6 / runs, 0);
  const inKernel = samples.filter(({ isUser }) => !isUser);
  return [
    `${total.toFixed(1)} million instructions a run, ${samples.length} samples in ${runs} runs`,
    section(
      'by program',
      sumBy(samples, runs, ({ task, isUser }) => `${task} ${isUser ? 'user' : 'kernel'}`),
      limit,
    ),
    section(
      'why in the kernel',
      sumBy(inKernel, runs, sample => reasonOf(names, sample)),
      limit,
    ),
    section(
      'why in the kernel, by program',
      sumBy(inKernel, runs, sample => `${sample.task} ${reasonOf(names, sample)}`),
      limit,
    ),
    section(
      'where in the kernel',
      sumBy(inKernel, runs, ({ eip }) => map.nameAt(eip)),
      limit,
    ),
  ].join('\n\n');
}
