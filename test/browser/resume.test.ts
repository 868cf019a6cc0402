/** Leaving and coming back in a real browser: reloads, browsers that are killed, refused storage, two tabs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { launchProfile, serveSite } from './chromium.ts';
import { LearnerPage, untilText } from './learner-page.ts';

/** Each takes some ten seconds: DRYDOCK_KILLS=20 is for whoever has changed how the machine is saved. */
const KILLS = Number(process.env['DRYDOCK_KILLS'] ?? 5);

let server: StaticServer;
let profile: string;
let context: BrowserContext | undefined;
beforeAll(async () => {
  server = await serveSite();
  profile = await mkdtemp(join(tmpdir(), 'drydock-profile-'));
});
afterAll(async () => {
  await context?.close();
  await server?.close();
  await rm(profile, { recursive: true, force: true });
});

/** Starts the browser of one learner, who always has the same profile, and opens Drydock. */
async function open(): Promise<LearnerPage> {
  context = await launchProfile(profile);
  const learner = new LearnerPage(context.pages()[0]!);
  await learner.page.goto(server.url);
  await learner.untilPrompt();
  return learner;
}

describe('a learner who comes back', () => {
  let learner: LearnerPage;

  test('finds containers, files, the terminal and what was typed last', async () => {
    learner = await open();
    await learner.enter('docker run -d --name kept -p 8000:80 busybox sleep 100000', /[0-9a-f]{60}/);
    await learner.enter('echo mine > /root/own; mark=remembered', /workspace#/);
    await learner.untilSaved();
    await learner.typeInEditor('# to the last second');
    await untilText(() => learner.editorText(), /# to the last second/);
    // What is typed is stored a tenth of a second later (workspace-store.ts); nobody closes a window sooner.
    await learner.page.waitForTimeout(500);
    await context!.close();
    learner = await open();
    expect(await learner.terminalText()).toContain('mark=remembered');
    expect(await learner.enter("docker ps --format '{{.Names}} {{.Status}}'", /kept Up/)).toContain('kept Up');
    expect(await learner.enter('cat /root/own; echo "[$mark]"', /\[remembered\]/)).toContain('mine');
    expect(await learner.enter('tail -n 1 Dockerfile', /last second/)).toContain('# to the last second');
    // What it publishes has opened the pane by itself.
    await learner.ports.first().waitFor({ timeout: 30_000 });
    await learner.page.getByRole('button', { name: 'Close side column' }).click();
  });

  test('keeps snapshots with names: back, away, out and in', async () => {
    const { page } = learner;
    await learner.saveState.click();
    await page.getByLabel('Save the machine as it is now').fill('with the container');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'with the container' }).waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }))).toEqual([]);
    const downloading = page.waitForEvent('download', { timeout: 120_000 });
    await page.getByRole('button', { name: 'Download "with the container"' }).click();
    const file = join(profile, 'kept.drydock');
    await (await downloading).saveAs(file);
    await page.getByRole('button', { name: 'Delete "with the container"' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).last().click();
    await page.getByRole('heading', { name: 'with the container' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await learner.enter('docker rm -f kept; echo gone: $?', /gone: 0/);
    await learner.saveState.click();
    await page.getByLabel('File of a snapshot').setInputFiles(file);
    await page.getByRole('heading', { name: 'kept' }).waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Restore "kept"' }).click();
    await page.getByRole('button', { name: 'Restore', exact: true }).last().click();
    await page.getByText('Your machine is back').waitFor({ timeout: 60_000 });
    expect(await learner.enter("docker ps --format '{{.Names}} {{.Status}}'", /kept Up/)).toContain('kept Up');
  });

  test('is told what is wrong with a file that is no snapshot', async () => {
    const { page } = learner;
    const file = join(profile, 'broken.drydock');
    await writeFile(file, (await readFile(join(profile, 'kept.drydock'))).subarray(0, 3_000_000));
    await learner.untilSaved(1);
    await learner.saveState.click();
    await page.getByLabel('File of a snapshot').setInputFiles(file);
    await page.getByRole('alert').filter({ hasText: 'not a snapshot of Drydock, or it is damaged' }).waitFor({ timeout: 60_000 });
    await page.keyboard.press('Escape');
  });

  test('takes the machine along to another tab', async () => {
    await learner.enter('echo from the first tab > /root/own', /workspace#/);
    const second = new LearnerPage(await context!.newPage());
    await second.page.goto(server.url);
    await second.page.getByRole('button', { name: /Use .*here|Take over/ }).click();
    await second.untilPrompt();
    expect(await second.enter('cat /root/own', /first tab/)).toContain('from the first tab');
    await learner.page
      .getByText(/another tab/i)
      .first()
      .waitFor();
    await learner.page.close();
    learner = second;
  });

  test('starts fresh when he wants to', async () => {
    const { page } = learner;
    await learner.askForFreshMachine();
    await untilText(async () => `${await page.getByText('Machine starting').count()}`, /0/);
    await learner.untilPrompt();
    expect(await learner.enter('ls /root/own; docker ps -aq | wc -l', /\n0/)).toContain('No such file');
  });

  test('is told when there is no room, and goes on', async () => {
    const { page } = learner;
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin, quotaSize: 30_000_000 });
    await learner.enter('echo something', /something/);
    await page.getByRole('button', { name: 'Machine not saved' }).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('button', { name: 'Machine not saved' }).getAttribute('title')).toMatch(/no room/);
    expect(await learner.enter('docker run --rm busybox echo still works', /still works/)).toContain('still works');
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin });
    await context!.close();
  });
});

test(`of a browser that is killed at ${KILLS} moments, all that the page had called saved is there`, async () => {
  let kept = 0;
  for (let round = 1; round <= KILLS; round++) {
    const learner = await open();
    const shown = await learner.enter('echo "count=$(cat /root/count || echo 0)."', /count=\d+\./);
    const found = Number(/count=(\d+)\./.exec(shown)?.[1]);
    expect(found, `round ${round}`).toBeGreaterThanOrEqual(kept);
    await learner.enter(`echo ${round} > /root/count; dd if=/dev/urandom of=/root/noise bs=1M count=20; sync; echo written`, /\nwritten/);
    const writtenAt = Date.now();
    // The save begins some seconds later and takes about one: so these moments are before it, in its middle and after it.
    const moment = 1500 + (round * 3500) / KILLS;
    while (Date.now() < writtenAt + moment) {
      if ((await learner.savedAt()) >= writtenAt) kept = round;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    await kill();
  }
  const learner = await open();
  const shown = await learner.enter('echo "count=$(cat /root/count || echo 0)."', /count=\d+\./);
  expect(Number(/count=(\d+)\./.exec(shown)?.[1])).toBeGreaterThanOrEqual(kept);
  expect(kept).toBeGreaterThan(0);
  await context!.close();
}, 900_000);

/** Ends all processes of the browser at once, as a power cut does for them. */
async function kill(): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  execFileSync('pkill', ['-9', '-f', profile]);
  await context!.close().catch(() => undefined);
}
