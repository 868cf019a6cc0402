import type { Event } from '../../core/base/events.ts';
import type { LabMoment } from '../../core/lesson/check/check-schema.ts';
import type { Lesson } from '../../core/lesson/lesson.ts';
import type { LabAction } from '../../core/lesson/format/solution-lines.ts';

/** The lab of containers and virtual machines, for a lesson that is run under Node. */
export interface LabDriver {
  readonly onMoment: Event<LabMoment>;
  /** Does what a `lab:` line of a solution says; resolves when it is done. */
  act(action: LabAction): Promise<void>;
}

/** Does a lesson use the lab? */
export function needsLab(lesson: Lesson): boolean {
  return lesson.steps.some(step => step.checks.some(check => check.kind === 'lab') || step.solution.lines.some(line => line.kind === 'lab'));
}
