import type { TypedCommand } from '../check-probe.ts';
import { code, excerpt, similar, wanted } from '../phrases.ts';
import { escapeExpression, parsePattern } from '../text-pattern.ts';
import type { CheckRule } from './rule.ts';

export const typedRule: CheckRule<'typed'> = {
  triggers: ['command'],

  describe({ typed, exitCode }) {
    const end = exitCode === undefined || exitCode === 0 || exitCode === 'any' ? '' : `, and it ended with exit code ${exitCode}`;
    return `You have entered ${wanted(parsePattern(typed))} in a terminal${end}`;
  },

  judge({ typed, exitCode = 0, say }, probe) {
    const fits = matcher(typed);
    const entered = probe.typed.filter(({ text }) => fits(text));
    if (entered.some(command => exitCode === 'any' || command.exitCode === exitCode)) return Promise.resolve(undefined);
    const asked = wanted(parsePattern(typed));
    const last = entered.at(-1);
    if (last) {
      const expected = exitCode === 0 ? `${asked} is entered and succeeds.` : `${asked} is entered and ends with exit code ${exitCode}.`;
      const hint = exitCode === 0 ? 'Read what it said in the terminal, and try again.' : 'Enter it again so that it ends in that way.';
      return Promise.resolve({ expected, found: `${excerpt(last.text)} ended with exit code ${last.exitCode}.`, hint });
    }
    return Promise.resolve({
      // A regular expression says nothing to a beginner; where the author has put it in words, those are what is expected.
      expected: say !== undefined && parsePattern(typed).isExpression ? `${say}.` : `${asked} is entered in a terminal.`,
      found: instead(typed, probe.typed),
      hint: 'Type it in a terminal below and press Enter. It counts when it has ended.',
    });
  },
};

/** Does a command line show what is asked? A text stands for whole words of it: `docker ps` fits `docker ps -a`, and `ls` does not fit `false`. */
function matcher(typed: string): (text: string) => boolean {
  const pattern = parsePattern(typed);
  if (pattern.isExpression) return text => pattern.matches(evened(text));
  const words = new RegExp(`(^|[\\s;|&(])${escapeExpression(evened(typed))}($|[\\s;|&)])`);
  return text => words.test(evened(text));
}

function evened(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function instead(typed: string, entered: readonly TypedCommand[]): string {
  const last = entered.at(-1);
  if (!last) return 'Nothing was entered in this step yet.';
  const [near] = similar(
    typed,
    entered.map(({ text }) => evened(text)),
  );
  return near === undefined ? `The last command was ${excerpt(last.text)}.` : `What comes nearest is ${code(near)}.`;
}
