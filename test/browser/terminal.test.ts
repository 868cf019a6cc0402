/** What terminals do elsewhere, by keys and pointer: sizes of letters, the bell, Ctrl+S, texts that are links. */
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

const press = async (...keys: string[]): Promise<void> => {
  await learner.focusTerminal();
  for (const key of keys) await learner.page.keyboard.press(key);
};

test('Ctrl with plus, minus and 0 changes the size of the letters, and the program hears how many fit', async () => {
  const columns = async (): Promise<number> => {
    const shown = await learner.enter('echo "<$(stty size)>"', /<\d+ \d+>/);
    return Number(/<\d+ (\d+)>/.exec(shown)?.[1]);
  };
  await learner.enter('clear', /^/);
  const first = await columns();
  await press('Control+Equal', 'Control+Equal', 'Control+Equal', 'Control+Equal');
  await learner.enter('clear', /^/);
  const fewer = await columns();
  expect(fewer).toBeLessThan(first);
  await press('Control+Minus');
  await press('Control+0');
  await learner.enter('clear', /^/);
  expect(await columns()).toBe(first);
});

test('the bell is seen on the tab of its terminal', async () => {
  // Looked for from before it rings: it is shown for some seconds only.
  const rung = learner.page.getByRole('tab', { name: /^Terminal 1.*rang the bell$/ }).waitFor();
  await learner.enter(String.raw`printf '\a'`, /^/);
  await rung;
  await learner.page.getByRole('tab', { name: 'Terminal 1', exact: true }).waitFor();
});

test('Ctrl+S says what it does, and Ctrl+Q goes on', async () => {
  await press('Control+s');
  await learner.page.getByText(/Press Ctrl\+Q to go on/).waitFor();
  await learner.page.keyboard.type('echo he""ld');
  await press('Enter', 'Control+q');
  await untilText(() => learner.terminalText(), /^held$/m, 60_000);
});

test('a text that is a link leads to the port that it names', async () => {
  await learner.enter(String.raw`printf '\033]8;;http://localhost:4711/x\033\\A""link\033]8;;\033\\\n'`, /A""link/);
  await learner.clickInTerminal('A""link');
  await expect.poll(() => learner.page.getByRole('textbox', { name: 'Address' }).inputValue()).toBe('localhost:4711/x');
});
