import type { ContainerDetails, ContainerSummary } from '../../docker/container-types.ts';
import type { NetworkSummary, VolumeSummary } from '../../docker/engine-types.ts';
import type { ImageDetails, ImageSummary } from '../../docker/image-types.ts';
import type { CommandResult } from '../../control/guest-answers.ts';
import type { WorkspacePath } from '../../workspace/path.ts';
import type { LabMoment } from './check-schema.ts';

/** A command line that was entered in a terminal of the sandbox, and has ended. */
export interface TypedCommand {
  readonly text: string;
  readonly exitCode: number;
}

/** What a check may ask. The page and the command-line runner give it; each question is asked when a check needs it, and not before. */
export interface CheckProbe {
  run(command: string): Promise<CommandResult>;
  readFile(path: WorkspacePath): Promise<Uint8Array | undefined>;
  images(): Promise<readonly ImageSummary[]>;
  /** Rejects with `docker-refused` if there is no such image. */
  imageDetails(image: string): Promise<ImageDetails>;
  /** All, also those that ended. */
  containers(): Promise<readonly ContainerSummary[]>;
  containerDetails(container: string): Promise<ContainerDetails>;
  /** The end of a container's output, from standard output and standard error, without control sequences for terminals. */
  containerLogs(container: ContainerSummary): Promise<string>;
  networks(): Promise<readonly NetworkSummary[]>;
  volumes(): Promise<readonly VolumeSummary[]>;
  /** GET; undefined where nothing answers at the port. */
  http(port: number, path: string): Promise<{ readonly status: number; readonly body: string } | undefined>;
  /** What was entered since the step began. */
  readonly typed: readonly TypedCommand[];
  /** What has happened in the lab since the step began. */
  readonly labMoments: ReadonlySet<LabMoment>;
}

/** A failed check is an answer, not an exception; `broken` means that the check itself could not run. All sentences are for the learner. */
export type CheckResult =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly expected: string; readonly found: string; readonly hint?: string }
  | { readonly outcome: 'broken'; readonly reason: string };
