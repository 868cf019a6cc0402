/** A learner in the lab: predicts, starts both, reads the figures, crashes one. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilText, type LearnerPage } from './learner-page.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

let drydock: OpenDrydock;
let learner: LearnerPage;
beforeAll(async () => {
  drydock = await openDrydock({ viewport: { width: 1440, height: 900 } });
  learner = drydock.learner;
  await learner.page.getByRole('button', { name: 'Lab', exact: true }).click();
});
afterAll(() => drydock?.close());

const pane = (): Locator => learner.page.getByRole('tabpanel', { name: 'Lab', exact: true });
const button = (name: string): Locator => pane().getByRole('button', { name, exact: true });
const card = (name: string): Locator => pane().getByRole('region', { name, exact: true });
const row = (name: string): Locator =>
  pane()
    .getByRole('row')
    .filter({ has: learner.page.getByRole('rowheader', { name, exact: true }) });
const drawing = async (): Promise<string> => (await pane().getByRole('img').getAttribute('aria-label')) ?? '';
const shows = (locator: Locator, pattern: RegExp): Promise<string> => untilText(() => locator.innerText(), pattern);
const violations = async (): Promise<unknown[]> => {
  const { violations: found } = await new AxeBuilder({ page: learner.page }).analyze();
  return found.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
};

describe('the lab', () => {
  test('shows both off, and takes a prediction', async () => {
    await shows(card('Virtual machine'), /Off\./);
    await shows(card('Container'), /There is no container lab-page\./);
    expect(await drawing()).toMatch(/Left[^.]*emulated PC, off[^.]*httpd off\. Right[^.]*emulated PC, running[^.]*lab-page off\.$/);
    await pane().getByRole('textbox', { name: 'Your guess: start to first answer of the virtual machine, in seconds' }).fill('30');
    expect(await violations()).toEqual([]);
  });

  test('starts a virtual machine: figures, drawing and console follow', async () => {
    await button('Start the virtual machine').click();
    await shows(card('Virtual machine'), /Running\. The page answered after \d+\.\d+ s\./);
    expect(await row('Start to first answer').innerText()).toMatch(/\d+\.\d+ s/);
    await shows(row('Memory taken'), /64 MB[^]*of it in use inside/);
    await shows(row('Kernel'), /6\.12\.\d+-vm\s+its own/);
    await untilText(drawing, /emulated PC, running; its own kernel, Linux 6\.12\.\d+-vm, running; on it the programs httpd running/, 30_000);
    await shows(card('Console of the virtual machine'), /root@vm:~#/);
  });

  test('its console takes commands', async () => {
    await pane().getByRole('textbox', { name: 'Console of the virtual machine' }).focus();
    await learner.page.keyboard.type('uname -r; echo $((40 + 2))\n');
    await shows(card('Console of the virtual machine'), /\n6\.12\.\d+-vm\s+42/);
  });

  test('starts a container beside it, on the host’s kernel', async () => {
    await button('Start the container').click();
    await shows(card('Container'), /Running\. The page answered after \d+\.\d+ s\./);
    await shows(row('Kernel'), /its own[^]*6\.12\.\d+-drydock\s+the host’s/);
    await shows(row('Processes'), /httpd\s+the host sees each: 1 inside is \d+ on the host/);
    await shows(row('Shared with the host'), /nothing but the hardware[^]*the kernel, and namespaces: [^]*user[^]*its own: [^]*pid/);
    expect(await drawing()).toMatch(/lab-page running/);
    expect(
      await pane()
        .getByRole('textbox', { name: /first answer of the virtual machine/ })
        .inputValue(),
    ).toBe('30');
  });

  test('both pages can be looked at', async () => {
    await button('Open page :8001 of the virtual machine').click();
    await learner.shownPage.getByRole('heading', { name: 'Served by vm' }).waitFor({ timeout: 60_000 });
    await learner.page.getByRole('tab', { name: 'Lab' }).click();
    await button('Open page :8002 of the container').click();
    await learner.shownPage.getByRole('heading', { name: /^Served by [0-9a-f]{12}$/ }).waitFor({ timeout: 60_000 });
    await learner.page.getByRole('tab', { name: 'Lab' }).click();
  });

  test('how it was measured can be read; axe finds nothing, in light and in dark', async () => {
    await pane().getByRole('checkbox', { name: 'Say how each was measured' }).check();
    await pane().locator('summary', { hasText: 'What these figures are' }).click();
    await shows(row('Memory taken'), /memory\.current of its control group/);
    expect(await violations()).toEqual([]);
    await learner.page.getByRole('button', { name: 'Use dark colours', exact: true }).click();
    expect(await violations()).toEqual([]);
    await learner.page.getByRole('button', { name: 'Use light colours', exact: true }).click();
    await pane().getByRole('checkbox', { name: 'Say how each was measured' }).uncheck();
  });

  test('a crash of its kernel ends the virtual machine, and nothing else', async () => {
    await button('Crash kernel of the virtual machine').click();
    await shows(card('Virtual machine'), /Its kernel has crashed: sysrq triggered crash\./);
    await shows(row('After a crash'), /its kernel took everything down with it\s+the sandbox keeps running; the container keeps running/);
    expect(await drawing()).toMatch(/-vm, crashed; on it the programs httpd crashed/);
    await shows(card('Console of the virtual machine'), /Kernel\spanic\s-\snot\ssyncing/);
    expect(await violations()).toEqual([]);
  });

  test('a container killed from a terminal is missed at once; the sandbox goes on', async () => {
    await learner.enter('kill -9 $(docker inspect -f \'{{.State.Pid}}\' lab-page); echo do""ne', /^done$/m);
    await shows(card('Container'), /Its process has ended, exit code 137\./);
    await button('Remove the container').click();
    await shows(card('Container'), /There is no container lab-page\./);
    await button('Start the virtual machine').click();
    await shows(row('Start to first answer'), /median of 2 starts/);
  });
});
