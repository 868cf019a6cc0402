/** The answer of a command run in the guest, outside the learner's terminals. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a command in the guest. */
export interface RunOptions {
  /** Given to the command's standard input. */
  readonly stdin?: string;
  /** The working directory; the default is /workspace. */
  readonly directory?: string;
  /** The command is killed and the call rejects with `timed-out` after this long; the default is 120,000. */
  readonly timeoutMilliseconds?: number;
}

/** How the guest is doing. Bytes are as the guest's kernel reports them. */
export interface SandboxStatus {
  readonly engine: 'starting' | 'running' | 'stopped';
  readonly memoryTotalBytes: number;
  readonly memoryAvailableBytes: number;
  readonly diskTotalBytes: number;
  readonly diskAvailableBytes: number;
}
