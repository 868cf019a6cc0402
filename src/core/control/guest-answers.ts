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
  /** Working directory, /workspace unless told. */
  readonly directory?: string;
  /** The command is killed and the call rejects with `timed-out` after this long; 120,000 unless told. */
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
