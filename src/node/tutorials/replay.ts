import { messageOf } from '../../core/base/errors.ts';
import { untilAnswer } from '../../core/base/until-answer.ts';
import { exitFailure, stepLine, tailOf, textFailure } from './expectation.ts';
import type { HttpStep, PressStep, RunStep, Step, Transcript, TypeStep } from './transcript.ts';
import type { TutorialDesk } from './tutorial-desk.ts';

/** What a step may take unless it says otherwise: the slow ones of the real guest, on a machine like ours. */
const RUN_SECONDS = 180;
const HTTP_SECONDS = 60;
/** What a program that was sent Ctrl+C or Ctrl+D may take to end. */
const PRESS_SECONDS = 60;
/** What was typed has been dealt with when nothing has been shown for so long. */
const QUIET_MILLISECONDS = 1500;
const AGAIN_MILLISECONDS = 1000;

/** Why a transcript did not pass. */
export interface Failure {
  /** From 1. */
  readonly step: number;
  readonly line: string;
  readonly why: string;
}

export interface ReplayOptions {
  /** By how much every wait of the transcripts is multiplied: for machines slower than ours. */
  readonly patience: number;
}

/** Replays a transcript at a desk whose machine is clean. Gives what was wrong first; what comes after that is not done. */
export async function replay(transcript: Transcript, desk: TutorialDesk, options: ReplayOptions): Promise<Failure | undefined> {
  await desk.begin(transcript);
  for (const [index, step] of transcript.steps.entries()) {
    const why = await failureOf(step, transcript.steps[index + 1], desk, options);
    if (why !== undefined) return { step: index + 1, line: stepLine(step), why };
  }
  return undefined;
}

async function failureOf(step: Step, next: Step | undefined, desk: TutorialDesk, options: ReplayOptions): Promise<string | undefined> {
  try {
    if ('write' in step) return void (await desk.write(step.write));
    if ('http' in step) return await httpFailure(step, desk, options);
    if ('press' in step) return await pressFailure(step, desk, options);
    // What comes next is for the program that this step has started, or talks to.
    const isHandedOver = next !== undefined && ('type' in next || 'press' in next);
    if ('type' in step) return await typeFailure(step, isHandedOver, desk, options);
    return await (isHandedOver ? startFailure(step, desk, options) : runFailure(step, desk, options));
  } catch (error) {
    return messageOf(error);
  }
}

/** Enters a command and waits for its end; with `again`, enters it again until it does what it should. */
async function runFailure(step: RunStep, desk: TutorialDesk, { patience }: ReplayOptions): Promise<string | undefined> {
  const milliseconds = (step.within ?? RUN_SECONDS) * patience * 1000;
  const end = performance.now() + milliseconds;
  for (;;) {
    const { exitCode, output } = await desk.enter(step.run, Math.max(1000, end - performance.now()));
    const failure = endFailure(step, exitCode, output);
    if (failure === undefined || step.again !== true) return failure;
    if (performance.now() + AGAIN_MILLISECONDS > end) return `not within ${milliseconds / 1000} s, entered again and again: ${failure}`;
    await new Promise<void>(resolve => setTimeout(resolve, AGAIN_MILLISECONDS));
  }
}

function endFailure(step: RunStep | TypeStep | PressStep, exitCode: number, output: string): string | undefined {
  const exit = exitFailure(exitCode, step.exit);
  return exit === undefined ? textFailure(output, step) : `${exit}. It shows:\n${tailOf(output)}`;
}

/** Enters a command that stays in front. */
async function startFailure(step: RunStep, desk: TutorialDesk, options: ReplayOptions): Promise<string | undefined> {
  await desk.terminal.enter(step.run);
  return shownFailure(step, step.within ?? RUN_SECONDS, desk, options);
}

/** Waits until a program in front shows what it should; where nothing is said of that, until it has a prompt. */
async function shownFailure(step: RunStep | TypeStep, seconds: number, desk: TutorialDesk, options: ReplayOptions): Promise<string | undefined> {
  const milliseconds = seconds * options.patience * 1000;
  const { terminal } = desk;
  if (step.shows === undefined) {
    // A program that reads without a prompt, as `cat` does, is ready when it is quiet.
    await terminal.untilQuiet(QUIET_MILLISECONDS, milliseconds);
    return textFailure(terminal.output, step);
  }
  const shown = await untilAnswer(() => Promise.resolve(textFailure(terminal.output, step) === undefined || terminal.hasEnded ? true : undefined), {
    milliseconds,
    pauseMilliseconds: 100,
  });
  const failure = textFailure(terminal.output, step);
  return shown === undefined && failure !== undefined ? `not within ${milliseconds / 1000} s: ${failure}` : failure;
}

async function typeFailure(step: TypeStep, isHandedOver: boolean, desk: TutorialDesk, options: ReplayOptions): Promise<string | undefined> {
  const seconds = step.within ?? RUN_SECONDS;
  await desk.terminal.untilInnerPrompt(seconds * options.patience * 1000);
  await desk.terminal.type(step.type);
  if (isHandedOver) return shownFailure(step, seconds, desk, options);
  return endedFailure(step, seconds, desk, options);
}

async function pressFailure(step: PressStep, desk: TutorialDesk, options: ReplayOptions): Promise<string | undefined> {
  await desk.terminal.untilQuiet(QUIET_MILLISECONDS, 10_000);
  await desk.terminal.press(step.press);
  return endedFailure({ exit: 'any', ...step }, step.within ?? PRESS_SECONDS, desk, options);
}

async function endedFailure(
  step: TypeStep | PressStep,
  seconds: number,
  desk: TutorialDesk,
  { patience }: ReplayOptions,
): Promise<string | undefined> {
  const { exitCode, output } = await desk.untilEnded(seconds * patience * 1000);
  return endFailure(step, exitCode, output);
}

/** Asks a published port until it answers as it should. */
async function httpFailure(step: HttpStep, desk: TutorialDesk, { patience }: ReplayOptions): Promise<string | undefined> {
  const milliseconds = (step.within ?? HTTP_SECONDS) * patience * 1000;
  let failure: string | undefined;
  await untilAnswer(
    async () => {
      failure = await askFailure(step, desk);
      return failure === undefined ? true : undefined;
    },
    { milliseconds, pauseMilliseconds: AGAIN_MILLISECONDS },
  );
  return failure && `not within ${milliseconds / 1000} s: ${failure}`;
}

async function askFailure(step: HttpStep, desk: TutorialDesk): Promise<string | undefined> {
  try {
    const { status, text } = await desk.ask(step);
    const wanted = step.status ?? 200;
    return status === wanted ? textFailure(text, step) : `it should answer with status ${wanted}, and answered ${status}:\n${tailOf(text)}`;
  } catch (error) {
    return `no answer: ${messageOf(error)}`;
  }
}
