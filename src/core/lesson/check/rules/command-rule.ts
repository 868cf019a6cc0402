import { allWanted, code, excerpt, wanted } from '../phrases.ts';
import { patternList } from '../text-pattern.ts';
import type { CheckRule } from './rule.ts';

export const commandRule: CheckRule<'command'> = {
  triggers: ['command', 'files', 'engine'],

  describe({ command, exitCode, output }) {
    const end = exitCode === undefined || exitCode === 0 ? 'succeeds' : `ends with exit code ${exitCode}`;
    return output === undefined ? `${code(command)} ${end}` : `${code(command)} shows ${allWanted(patternList(output))}`;
  },

  async judge({ command, exitCode = 0, output }, probe) {
    const result = await probe.run(command);
    const printed = `${result.stdout}${result.stderr}`;
    const found =
      printed.trim() === '' ? '' : ` It says ${excerpt(result.exitCode === 0 ? printed : result.stderr.trim() === '' ? printed : result.stderr)}.`;
    if (result.exitCode !== exitCode) {
      const expected = exitCode === 0 ? `${code(command)} succeeds.` : `${code(command)} ends with exit code ${exitCode}.`;
      return { expected, found: `It ends with exit code ${result.exitCode}.${found}` };
    }
    const missing = patternList(output).find(pattern => !pattern.matches(printed));
    if (!missing) return undefined;
    return { expected: `${code(command)} shows ${wanted(missing)}.`, found: found === '' ? 'It shows nothing.' : found.trim() };
  },
};
