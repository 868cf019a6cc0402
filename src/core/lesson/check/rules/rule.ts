import type { CheckProbe } from '../check-probe.ts';
import type { CheckKind, CheckOf } from '../check-schema.ts';

/** What may have changed when a check is worth evaluating again; `logs`: a container has written something. */
export type CheckTrigger = 'files' | 'engine' | 'command' | 'ports' | 'page' | 'lab' | 'logs';

/** Undefined if everything is as it should be. Sentences for the learner; code in them is between backticks. */
export type Failure = {
  readonly expected: string;
  readonly found: string;
  /** What to try, unless the author's hint says it. */
  readonly hint?: string;
};

/** How one kind of check is judged. */
export interface CheckRule<K extends CheckKind> {
  readonly triggers: readonly CheckTrigger[];
  /** What is to be true, as a sentence without a full stop. */
  describe(check: CheckOf<K>): string;
  /** Throws where it cannot be known. */
  judge(check: CheckOf<K>, probe: CheckProbe): Promise<Failure | undefined>;
}
