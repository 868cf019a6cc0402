import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { projectFolder } from '../builder/folders.ts';

/** What the figures were measured on. */
export type MachineFacts = Readonly<Record<string, string | number>>;

/** Average number of programs that wanted to run during the last minute. */
export function loadAverage(): number {
  return Number(loadavg()[0]!.toFixed(2));
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: projectFolder, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes');
  } catch {
    return 'unknown';
  }
}

export function machineFacts(): MachineFacts {
  return {
    measured_at: new Date().toISOString(),
    commit: commit(),
    cpu_model: cpus()[0]?.model.trim() ?? 'unknown',
    cpu_cores: availableParallelism(),
    machine_memory_bytes: totalmem(),
    node_version: process.version,
  };
}
