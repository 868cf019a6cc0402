import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';

/** How to run a program of the build host. */
export interface ProgramOptions {
  readonly directory?: string;
  /** Gets each line of the program's output; without it the output is only kept for the error. */
  readonly onLine?: (line: string) => void;
}

const KEPT_OUTPUT = 4000;

const niceness = new AsyncLocalStorage<number>();

/** Does something whose programs give way to those of others: `value` is from 0, not at all, to 19, wholly. */
export function givingWay<T>(value: number, work: () => Promise<T>): Promise<T> {
  return niceness.run(value, work);
}

/** The program may have ended meanwhile. */
function giveWay(pid: number | undefined): void {
  const value = niceness.getStore();
  if (value === undefined || pid === undefined) return;
  try {
    setPriority(pid, value);
  } catch {
    return;
  }
}

/** Runs a program to its end; rejects with the end of its output when it fails. */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    giveWay(child.pid);
    let output = '';
    let line = '';
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      const lines = (line + chunk.toString()).split('\n');
      line = lines.pop() ?? '';
      lines.forEach(one => options.onLine?.(one));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ${args.join(' ').slice(0, 200)} failed (exit code ${code}):\n${output}`));
    });
  });
}

/** Runs a program that must own files as root: as it is when we are root, else under fakeroot with the given state file. */
export function runAsRoot(stateFile: string, program: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  if (process.getuid?.() === 0) return runProgram(program, args, options);
  return runProgram('fakeroot', ['-i', stateFile, '-s', stateFile, '--', program, ...args], options);
}
