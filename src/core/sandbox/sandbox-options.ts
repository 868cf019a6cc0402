import type { Event } from '../base/events.ts';
import type { CompilePolicy } from '../machine/compile-governor.ts';
import type { StartFrom } from '../protocol/sandbox.ts';
import type { SnapshotFolder } from '../snapshots/snapshot-folder.ts';
import type { WayOut } from './outside/outside-world.ts';

/** How a sandbox is to be made. */
export interface SandboxOptions {
  readonly compilePolicy: CompilePolicy;
  /** The default is 'saved'; without `snapshotFolder` that is the same as 'fresh'. */
  readonly startFrom?: StartFrom;
  /** Where the machine is saved to, asked for when it is needed. Without it nothing is kept. */
  readonly snapshotFolder?: () => Promise<SnapshotFolder | undefined>;
  /**
   * Errors that nothing caught, as the host sees them: v86 starts in promises of its own, and what fails there reaches no caller.
   * While a machine is being made such an error fails it at once.
   */
  readonly onUncaught?: Event<unknown>;
  /**
   * Once the machine is ready and nobody types, the docker command is run once where nobody sees it. The browser has then translated what every
   * docker command begins with, and the learner's first one is much quicker (docs/performance.md).
   */
  readonly warmUp?: boolean;
  /** The way to servers outside; if it is missing, the sandbox reaches none. Used only while the learner and the site want that (`Sandbox.chooseUpstreams`). */
  readonly wayOut?: WayOut;
}
