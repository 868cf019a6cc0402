/** What a long visit meets: memory that is used up, and time that passed while the tab was frozen. */
import { AxeBuilder } from '@axe-core/playwright';
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

test('a container that takes all memory is ended; the page says so in plain words, and the engine goes on', async () => {
  const { page } = learner;
  await learner.enter('docker run --name eater busybox tail /dev/zero; echo "code $?"', /code 137/);
  const banner = page.getByRole('alert').filter({ hasText: 'memory' });
  const text = await untilText(async () => (await banner.allInnerTexts()).join('\n'), /eater/, 60_000);
  expect(text).toMatch(/Container “eater” was killed by the kernel \(exit code 137\)[^]*483 MB[^]*docker stop NAME/);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await banner.getByRole('button', { name: 'Show containers' }).click();
  const containers = page.getByRole('tabpanel', { name: 'Containers' });
  await untilText(() => containers.innerText(), /eater[^]*137/, 60_000);
  await banner.getByRole('button', { name: 'Dismiss' }).click();
  await banner.waitFor({ state: 'detached' });
  await learner.enter('docker run --rm busybox echo still here', /^still here/m);
});

test('after the tab was frozen the machine has the right time', async () => {
  const { page } = learner;
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise(resolve => setTimeout(resolve, 12_000));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  const apart = async (): Promise<string> => {
    const shown = /at (\d+)/.exec(await learner.enter('echo at $(date +%s)', /^at \d+/m))?.[1];
    return Math.abs(Number(shown) - Date.now() / 1000) < 5 ? 'right' : `${shown} is wrong`;
  };
  await untilText(apart, /right/, 30_000);
});
