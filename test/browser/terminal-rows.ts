import { lookUntil } from '../support/patience.ts';
import type { LearnerPage } from './learner-page.ts';

/** How long a command may take: a build that installs packages takes a minute and more. */
const COMMAND_MILLISECONDS = 400_000;
/** The prompt of the sandbox's own shell. */
const HOST_PROMPT = /^drydock:\S+[#$]$/;
/** The prompt of a program that runs: a shell in a container, Python. */
const INNER_PROMPT = /[#$>]$/;

/** What the terminal in front shows. */
export async function terminalRows(learner: LearnerPage): Promise<readonly string[]> {
  return (await learner.terminalText()).split('\n').filter(row => row !== '');
}

/** The same without blanks and line ends: a long line is shown in several. */
export async function flatTerminal(learner: LearnerPage): Promise<string> {
  return (await learner.terminalText()).replace(/\s/g, '');
}

/** Resolves when the terminal waits for a command, or the program in it for a line. */
export async function untilPrompt(learner: LearnerPage, of: 'shell' | 'program'): Promise<void> {
  const fits = (row: string): boolean => (of === 'shell' ? HOST_PROMPT.test(row) : INNER_PROMPT.test(row) && !HOST_PROMPT.test(row));
  let rows: readonly string[] = [];
  const look = async (): Promise<true | undefined> => {
    rows = await terminalRows(learner);
    return rows.length > 1 && fits(rows.at(-1)!) ? true : undefined;
  };
  await lookUntil(look, COMMAND_MILLISECONDS, () => `no prompt came; the terminal shows:\n${rows.join('\n')}`);
}
