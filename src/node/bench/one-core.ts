import { execFileSync } from 'node:child_process';

/** Keeps this process, and all that it starts from now on, on one core. Throws with a sentence where that cannot be done. */
export function stayOnOneCore(): void {
  try {
    // All threads: what a thread starts is where the thread is.
    execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', '0', String(process.pid)], { stdio: 'pipe' });
  } catch (error) {
    throw new Error('--weak needs taskset (Debian: apt-get install util-linux), which could not put this program on one core.', { cause: error });
  }
}
