import { messageOf } from '../../core/base/errors.ts';
import { eagerPolicy } from '../../core/machine/compile-governor.ts';
import { createSandbox, type LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import type { BuiltMachine } from '../builder/build-guest.ts';
import { folderHost } from '../machine/folder-host.ts';
import { replay, type Failure, type ReplayOptions } from './replay.ts';
import type { Kind, Transcript } from './transcript.ts';
import { TutorialDesk } from './tutorial-desk.ts';

/** What came of a transcript. */
export interface Outcome {
  readonly name: string;
  readonly kind: Kind;
  readonly seconds: number;
  /** Of the guest, in millions: they depend on no other load of this computer. */
  readonly instructions: number;
  readonly failure?: Failure;
}

export interface RunOptions extends ReplayOptions {
  /** Each transcript in a machine of its own, instead of one that is cleaned. */
  readonly isFresh: boolean;
  /** Without it the first failure ends the run. */
  readonly keepsGoing: boolean;
}

/** Replays transcripts, and tells `onOutcome` of each. A machine that cannot be cleaned, or fails, is replaced by another. */
export async function runTutorials(
  transcripts: readonly Transcript[],
  start: () => Promise<LocalSandbox>,
  options: RunOptions,
  onOutcome: (outcome: Outcome) => void | Promise<void>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let desk: TutorialDesk | undefined;
  try {
    for (const [index, transcript] of transcripts.entries()) {
      desk ??= await TutorialDesk.open(await start());
      const outcome = await tryOne(transcript, desk, options);
      outcomes.push(outcome);
      await onOutcome(outcome);
      if (outcome.failure && !options.keepsGoing) break;
      // What failed may have left anything behind.
      const isSpent = options.isFresh || outcome.failure !== undefined;
      if (index + 1 < transcripts.length && (isSpent || !(await desk.clean(transcript)))) {
        await leave(desk);
        desk = undefined;
      }
    }
  } finally {
    if (desk) await leave(desk);
  }
  return outcomes;
}

/** A machine restored from the built guest. */
export async function startMachine(guest: BuiltMachine): Promise<LocalSandbox> {
  const sandbox = createSandbox(folderHost(guest), { compilePolicy: eagerPolicy });
  await sandbox.ready;
  return sandbox;
}

async function tryOne(transcript: Transcript, desk: TutorialDesk, options: ReplayOptions): Promise<Outcome> {
  const start = performance.now();
  const before = desk.sandbox.counters().instructions;
  const failure = await replay(transcript, desk, options).catch((error: unknown): Failure => ({
    step: 0,
    line: '(the machine)',
    why: messageOf(error),
  }));
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const instructions = Math.round((desk.sandbox.counters().instructions - before) / 1e6);
  return { name: transcript.name, kind: transcript.kind, seconds, instructions, ...(failure && { failure }) };
}

async function leave(desk: TutorialDesk): Promise<void> {
  desk.close();
  await desk.sandbox.dispose();
}
