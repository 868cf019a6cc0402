/** Pasting into terminals as people do it elsewhere: Ctrl+V, several lines, and programs that have a use of their own for Ctrl+V. */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilText, type LearnerPage } from './learner-page.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

let drydock: OpenDrydock;
let learner: LearnerPage;
beforeAll(async () => {
  drydock = await openDrydock();
  learner = drydock.learner;
});
afterAll(() => drydock?.close());

const copied = (text: string): Promise<void> => learner.page.evaluate(given => navigator.clipboard.writeText(given), text);
const press = async (...keys: string[]): Promise<void> => {
  await learner.focusTerminal();
  for (const key of keys) await learner.page.keyboard.press(key);
};
const shows = (pattern: RegExp): Promise<string> => untilText(() => learner.terminalText(), pattern, 60_000);
const question = (): Locator => learner.page.getByRole('dialog', { name: /^Paste \d+ lines\?$/ });

test('Ctrl+V pastes at the prompt, and so does Ctrl+Shift+V', async () => {
  await learner.enter('echo ready', /^ready$/m);
  await copied('echo by""control');
  await press('Control+v', 'Enter');
  await shows(/^bycontrol$/m);
  await copied('echo by""both');
  await press('Control+Shift+V', 'Enter');
  await shows(/^byboth$/m);
});

test('a program that fills the screen gets Ctrl+V, and so does everything once the learner wants it', async () => {
  await copied('PASTED');
  // The alternate screen, as vi and less use it; the terminal takes the key after ^V literally.
  await learner.enter(String.raw`printf '\033[?1049hfull\n'; cat -v; printf '\033[?1049l'`, /full/);
  await press('Control+v', 'Control+a', 'Enter');
  await shows(/^\^A\n\^A$/m);
  expect(await learner.terminalText()).not.toContain('PASTED');
  await press('Control+d');
  await learner.page.getByRole('button', { name: 'Machine', exact: true }).click();
  await learner.page.getByRole('menuitemcheckbox', { name: 'Ctrl+V pastes in terminals' }).click();
  await learner.enter('cat -v', /^$/m);
  await press('Control+v', 'Control+b', 'Enter');
  await shows(/^\^B\n\^B$/m);
  await press('Control+d');
  await learner.page.getByRole('button', { name: 'Machine', exact: true }).click();
  await learner.page.getByRole('menuitemcheckbox', { name: 'Ctrl+V pastes in terminals' }).click();
});

test('several lines are shown before a program takes each of them at once', async () => {
  await learner.enter('echo re""ady; cat > /tmp/lines', /^ready$/m);
  await copied('first line\nsecond line\n');
  await press('Control+v');
  await untilText(() => question().innerText(), /Paste 2 lines\?[^]*first line[^]*second line/);
  await question().getByRole('button', { name: 'Cancel' }).click();
  await press('Control+v');
  await question().getByRole('button', { name: 'Paste' }).click();
  await shows(/first line\nsecond line/);
  await press('Control+d');
  await learner.enter('wc -l < /tmp/lines', /^2$/m);
});

test('the shell takes several lines as one text: they wait for Enter, without a question', async () => {
  await copied('echo one""a\necho two""b\n');
  await learner.enter('echo again', /^again$/m);
  await press('Control+v');
  await shows(/echo one""a[^]*echo two""b/);
  expect(await question().count()).toBe(0);
  expect(await learner.terminalText()).not.toMatch(/^onea$/m);
  await press('Enter');
  await shows(/^onea$[^]*^twob$/m);
});
