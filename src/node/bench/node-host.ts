import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { BuiltGuest } from '../builder/build-guest.ts';
import type { Samples } from './samples.ts';

/** How the sandbox under Node is to be measured. */
export interface NodeRequest {
  readonly guest: BuiltGuest;
  /** The policy that learners' browsers have, or that of builds and tests. */
  readonly policy: 'browser' | 'eager';
  /** How often each warm command is measured; 0 for the first commands alone. */
  readonly runs: number;
}

/** What the process answers. */
export interface NodeAnswer {
  /** All that was measured, up to the failure if there was one. */
  readonly samples: Samples;
  readonly failure?: string;
}

/** Above all that the session's own limits allow on a slow machine; for a process that hangs. */
const SESSION_MILLISECONDS = 3_600_000;

/** Measures in a process of its own, whose memory and CPU time are then the machine's alone. */
export function measureInNode(request: NodeRequest): Promise<NodeAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'node-process.ts'), { execArgv: ['--import', 'tsx'], timeout: SESSION_MILLISECONDS });
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    child.once('message', answer => resolve(answer as NodeAnswer));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.removeListener('exit', end);
      reject(new Error(`the process of the sandbox ended early (${signal ?? `exit code ${code}`})`));
    });
    child.send(request);
  });
}
