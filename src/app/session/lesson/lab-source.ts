import type { Event } from '../../../core/base/events.ts';
import type { LabMoment } from '../../../core/lesson/check/check-schema.ts';

/** The lab of containers and virtual machines, as lessons know it. */
export interface LabSource {
  /** Something has happened in it that a `lab` check may ask for. */
  readonly onMoment: Event<LabMoment>;
  /** Does what a `lab:` line of a solution says, like `start vm`; resolves when it is done. */
  act(action: string): Promise<void>;
}
