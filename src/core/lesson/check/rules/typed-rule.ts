import type { TypedCommand } from '../check-probe.ts';
import { allWanted, code, excerpt, similar } from '../phrases.ts';
import { escapeExpression, patternList, type TextPattern } from '../text-pattern.ts';
import type { CheckRule } from './rule.ts';

export const typedRule: CheckRule<'typed'> = {
  triggers: ['command'],

  describe({ typed, exitCode }) {
    const end = exitCode === undefined || exitCode === 0 || exitCode === 'any' ? '' : `, and it ended with exit code ${exitCode}`;
    return `You have entered ${allWanted(patternList(typed))} in a terminal${end}`;
  },

  judge({ typed, exitCode = 0, say }, probe) {
    const patterns = patternList(typed);
    const fits = patterns.map(matcher);
    const entered = probe.typed.filter(({ text }) => fits.every(fit => fit(evened(text))));
    if (entered.some(command => exitCode === 'any' || command.exitCode === exitCode)) return Promise.resolve(undefined);
    const asked = allWanted(patterns);
    const last = entered.at(-1);
    if (last) {
      const expected = exitCode === 0 ? `${asked} is entered and succeeds.` : `${asked} is entered and ends with exit code ${exitCode}.`;
      const hint = exitCode === 0 ? 'Read what it said in the terminal, and try again.' : 'Enter it again so that it ends that way.';
      return Promise.resolve({ expected, found: `${excerpt(last.text)} ended with exit code ${last.exitCode}.`, hint });
    }
    // A regular expression says nothing to a beginner; if the author has put it into words, these words say what is expected.
    const isInWords = say !== undefined && patterns.some(({ isExpression }) => isExpression);
    return Promise.resolve({
      expected: isInWords ? `${say}.` : `${asked} is entered in a terminal.`,
      found: instead(patterns.map(({ source }) => source).join(' '), probe.typed),
      hint: 'Type it in a terminal and press Enter. It counts when it has ended.',
    });
  },
};

/** Whether a command line shows what is asked. A text matches whole words of it: `docker ps` fits `docker ps -a`, and `ls` does not fit `false`. */
function matcher(pattern: TextPattern): (text: string) => boolean {
  if (pattern.isExpression) return text => pattern.matches(text);
  const words = new RegExp(`(^|[\\s;|&(])${escapeExpression(evened(pattern.source))}($|[\\s;|&)])`);
  return text => words.test(text);
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
  return near === undefined ? `The last command was ${excerpt(last.text)}.` : `The nearest is ${code(near)}.`;
}
