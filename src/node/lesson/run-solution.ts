import type { Solution, SolutionLine } from '../../core/lesson/lesson.ts';
import type { LessonDesk } from './lesson-desk.ts';

/** How long a command of a solution may take: a build that installs packages takes minutes. */
const COMMAND_MILLISECONDS = 600_000;
const PROMPT_MILLISECONDS = 180_000;
/** A key that ends a program is pressed, and a program that stays in front is left alone, when it has said nothing for so long. */
const QUIET_MILLISECONDS = 3_000;
const QUIET_LIMIT_MILLISECONDS = 60_000;
const LOOK_AGAIN_MILLISECONDS = 500;
/** What has made the checks pass may be about to end, like a build whose image is there: then it belongs to this step, and not to the next. */
const LAST_WORDS_MILLISECONDS = 5_000;
/** A step is left when its checks have passed: its last command may then be about to end, like `docker run --rm`. */
const ENDING_MILLISECONDS = 60_000;

/** Told after each line, while whatever the line started may still run; true where there is nothing more to wait for. */
export type AfterLine = () => Promise<boolean>;

/** Does a step as its solution says: files first, then the lines in terminal 1, each when the one before has ended. */
export async function runSolution(solution: Solution, desk: LessonDesk, afterLine: AfterLine): Promise<void> {
  await desk.write(solution.files);
  const { lines } = solution;
  if (solution.files.size > 0) await afterLine();
  for (const [index, line] of lines.entries()) {
    await runLine(line, desk, lines[index - 1]);
    const next = lines[index + 1];
    // What comes next is for the program that this line has started.
    const isHandedOver = line.kind !== 'lab' && (next?.kind === 'input' || next?.kind === 'key');
    if (!isHandedOver && line.kind !== 'lab') await untilEndedOrDone(desk, line, next === undefined, afterLine);
    await afterLine();
  }
}

async function runLine(line: SolutionLine, desk: LessonDesk, before: SolutionLine | undefined): Promise<void> {
  const { terminal } = desk;
  switch (line.kind) {
    case 'command':
      if (!(await terminal.isAtPromptWithin(ENDING_MILLISECONDS)))
        throw new Error(
          `\`${line.text}\` cannot be entered: another program still runs in terminal 1. End it first, with a line \`^C\`. It shows:\n${terminal.shown.slice(-1000)}`,
        );
      return terminal.enter(line.text);
    case 'input':
      await terminal.untilInnerPrompt(PROMPT_MILLISECONDS);
      return terminal.type(line.text);
    case 'key':
      // In a shell there is a prompt to be waited for; a server or a log is left to say what it has to say.
      if (before?.kind === 'input') await terminal.untilQuiet(500, QUIET_LIMIT_MILLISECONDS);
      else await terminal.untilQuiet(QUIET_MILLISECONDS, QUIET_LIMIT_MILLISECONDS);
      return terminal.press(line.key);
    case 'lab':
      if (!desk.lab) throw new Error(`\`lab: ${line.action}\` needs the lab, and none is here.`);
      return desk.lab.act(line.action);
  }
}

/** A command that is the last of its step may stay in front, like a server: it is left when the checks have passed. */
async function untilEndedOrDone({ terminal }: LessonDesk, line: SolutionLine, isLast: boolean, afterLine: AfterLine): Promise<void> {
  const milliseconds = line.kind === 'command' ? COMMAND_MILLISECONDS : PROMPT_MILLISECONDS;
  if (!isLast) return terminal.untilEnded(milliseconds);
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    await terminal.untilQuiet(QUIET_MILLISECONDS, QUIET_LIMIT_MILLISECONDS, () => terminal.hasEnded);
    if (terminal.hasEnded) return;
    if (await afterLine()) return void (await terminal.isAtPromptWithin(LAST_WORDS_MILLISECONDS));
    // Checks of what was typed ask nobody: without a pause nothing of the terminal would be read while this goes round.
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
  }
  const help =
    line.kind === 'key' ? ' A program that is process 1 of a container ignores Ctrl+C unless it says otherwise: `docker stop` ends it.' : '';
  throw new Error(
    `The last line of the solution neither ended nor made the checks pass within ${milliseconds / 1000} s.${help} The terminal shows:\n${terminal.shown.slice(-1000)}`,
  );
}
