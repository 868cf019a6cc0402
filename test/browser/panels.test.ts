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
});
afterAll(() => drydock?.close());

const pane = (name: string): Locator => learner.page.getByRole('tabpanel', { name, exact: true });
const button = (name: string): Locator => learner.page.getByRole('button', { name, exact: true });
/** A card by the name it stands under; a card of an image may hold those built on it. */
const card = (list: string, name: string): Locator =>
  pane(list)
    .locator('.card')
    .filter({ has: learner.page.locator('.card-name', { hasText: new RegExp(`^${name}$`) }) });
const shows = (locator: Locator, pattern: RegExp): Promise<string> =>
  untilText(async () => (await locator.allInnerTexts()).join('\n'), pattern, 60_000);
/** Waits until the terminal ends with what is at its prompt. */
const atPrompt = (pattern: RegExp): Promise<string> => untilText(async () => (await learner.terminalText()).trimEnd(), pattern, 60_000);
const violations = async (): Promise<unknown[]> => {
  const { violations: found } = await new AxeBuilder({ page: learner.page }).analyze();
  return found.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
};

describe('the containers panel', () => {
  test('says what to type while there is nothing, and puts it at the prompt', async () => {
    await button('Containers').click();
    await shows(pane('Containers'), /No containers\./);
    await button('Type it: docker run hello-world').click();
    await atPrompt(/# docker run hello-world$/);
    // It waits for the learner's Enter, and the keyboard is there.
    await learner.page.keyboard.press('Enter');
    await untilText(() => learner.terminalText(), /Hello from Docker!/);
    await shows(pane('Containers'), /Exited \d+ s ago with code 0: it finished without an error/);
    expect(await card('Containers', '.*').first().innerText()).toContain('hello-world');
  });

  test('a container that is run by typing is shown, with its ports and mounts', async () => {
    await learner.enter(
      `docker run -d --name web -p 8888:5000 -v data:/data busybox sh -c 'trap "exit 0" TERM; n=0; while :; do echo line $n; n=$((n+1)); sleep 0.5; done'`,
      /^[0-9a-f]{64}$/m,
    );
    const text = await shows(card('Containers', 'web'), /Running for/);
    expect(text).toContain('localhost:8888 → 5000/tcp');
    expect(text).toContain('volume data at /data');
  });

  test('its output is shown as it comes', async () => {
    await button('Logs web').click();
    const log = learner.page.getByRole('log', { name: 'Output of web' });
    const shown = await shows(log, /line \d+/);
    const last = Number(/line (\d+)\s*$/.exec(shown)![1]);
    await shows(log, new RegExp(`line ${last + 3}\\b`));
    await button('Logs web').click();
    await log.waitFor({ state: 'detached' });
  });

  test('what the engine says of it is there, folded', async () => {
    await button('Inspect web').click();
    const view = learner.page.getByRole('region', { name: 'What the engine says of web' });
    await view.locator('summary', { hasText: /^State/ }).click();
    await shows(view, /Status: "running"/);
    await button('Inspect web').click();
  });

  test('each button names its command, and commands can be put at the prompt', async () => {
    await button('Stop web').hover();
    await shows(pane('Containers').locator('.pane-foot'), /\$ docker stop web/);
    expect(await button('Stop web').getAttribute('title')).toBe('docker stop web');
    await button('Put a command about web at the terminal’s prompt').click();
    await learner.page.getByRole('menuitem', { name: 'docker top web' }).click();
    await atPrompt(/# docker top web$/);
    await button('Shell web').click();
    // In place of what stood there.
    await atPrompt(/# docker exec -it web sh$/);
    await learner.page.keyboard.press('Enter');
    await atPrompt(/\/ #$/);
    await learner.enter('exit', /workspace[$#]/);
  });

  test('stop by the button; the terminal agrees', async () => {
    await button('Stop web').click();
    await shows(card('Containers', 'web'), /Exited \d+ s ago with code 0/);
    await learner.enter("docker ps -a --format '{{.Names}}: {{.Status}}'", /^web: Exited \(0\)/m);
    await button('Start web').click();
    await shows(card('Containers', 'web'), /Running for/);
  });

  test('a refusal of the engine stands where the button is', async () => {
    await pane('Containers').locator('summary', { hasText: 'Volumes' }).click();
    await shows(card('Containers', 'data'), /used by web/);
    await button('Remove data').click();
    await learner.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await shows(card('Containers', 'data').getByRole('alert'), /volume is in use/);
    await card('Containers', 'data').getByRole('button', { name: 'Dismiss' }).click();
  });

  test('removing asks, and does', async () => {
    await button('Remove web').click();
    await shows(learner.page.getByRole('dialog'), /It is running and will be killed/);
    await learner.page.keyboard.press('Escape');
    await shows(card('Containers', 'web'), /Running for/);
    await button('Remove web').click();
    await learner.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await card('Containers', 'web').waitFor({ state: 'detached' });
    await learner.enter('docker ps -aq | wc -l', /^1$/m);
  });

  test('an image stands below the one it is built on, with what it adds', async () => {
    await learner.enter('docker build -t student/hello-world:v1 .', /naming to docker\.io/);
    const text = await shows(card('Containers', 'student/hello-world:v1'), /adds \d+ B/);
    expect(text).toMatch(/built on python:/);
    await button('Layers student/hello-world:v1').click();
    const steps = learner.page.getByRole('region', { name: 'How student/hello-world:v1 was made' });
    const shown = await shows(steps, /Added by student\/hello-world:v1/);
    expect(shown).toMatch(/From python:[^]*shared with[^]*Added by[^]*COPY hello-world.py \.[^]*CMD \["python3" "hello-world.py"\]/);
    const bar = card('Containers', 'student/hello-world:v1').getByRole('img');
    expect(await bar.getAttribute('aria-label')).toMatch(/^\d+ layers: \d+ MB shared with other images, \d+ B of its own$/);
    await button('Layers student/hello-world:v1').click();
  });

  test('axe finds nothing, in light and in dark', async () => {
    await card('Containers', '.*').first().getByRole('button', { name: /^Logs/ }).click();
    expect(await violations()).toEqual([]);
    await button('Use dark colours').click();
    expect(await violations()).toEqual([]);
    await button('Use light colours').click();
  });
});

describe('the library panel', () => {
  test('lists what can be pulled; a search narrows it down', async () => {
    await learner.page.getByRole('tab', { name: 'Library' }).click();
    await shows(pane('Library'), /traefik\/whoami/);
    const text = await shows(card('Library', 'python'), /already here/);
    expect(text).toMatch(/official[^]*to download, [^]* unpacked/);
    expect(await card('Library', 'traefik/whoami').innerText()).toContain('user image');
    await learner.page.getByRole('searchbox', { name: 'Search the library' }).fill('whoami');
    await card('Library', 'python').waitFor({ state: 'detached' });
    expect(await pane('Library').locator('.card').count()).toBe(1);
  });

  test('axe finds nothing, in light and in dark', async () => {
    await pane('Library').locator('summary', { hasText: 'What the names mean' }).click();
    expect(await violations()).toEqual([]);
    await button('Use dark colours').click();
    expect(await violations()).toEqual([]);
    await button('Use light colours').click();
  });

  test('an image that is not here gets what to use', async () => {
    const search = learner.page.getByRole('searchbox', { name: 'Search the library' });
    await search.fill('python:3.12-alpine');
    await shows(pane('Library').getByRole('status'), /There is no python:3\.12-alpine here: use python:3\.13-slim/);
    await card('Library', 'python').first().waitFor();
    expect(await violations()).toEqual([]);
    await search.fill('mongo');
    await shows(pane('Library').getByRole('status'), /Debian has no MongoDB/);
    await search.fill('whoami');
    await pane('Library').getByRole('status').waitFor({ state: 'detached' });
  });

  test('the switch lets the nearest image answer, and the page says so', async () => {
    const choice = learner.page.getByRole('checkbox', { name: /^Let the nearest image answer/ });
    expect(await choice.isChecked()).toBe(false);
    await learner.enter('docker pull busybox:1.36', /no image busybox:1\.36: use busybox:/);
    await choice.check();
    await learner.enter('docker pull busybox:1.36', /Status: Downloaded newer image for busybox:1\.36/);
    await shows(learner.page.locator('.banners'), /here busybox:1\.36 is busybox:/);
    await choice.uncheck();
    await learner.enter('docker pull busybox:1.35', /no image busybox:1\.35: use busybox:/);
  });

  test('a pull line is put at the prompt; after Enter the image is here', async () => {
    expect(await card('Library', 'traefik/whoami').innerText()).not.toContain('already here');
    await card('Library', 'traefik/whoami')
      .getByRole('button', { name: /^Type it: docker pull/ })
      .click();
    await atPrompt(/# docker pull traefik\/whoami:\S+$/);
    await learner.page.keyboard.press('Enter');
    await untilText(() => learner.terminalText(), /Downloaded newer image/);
    await shows(card('Library', 'traefik/whoami'), /already here/);
  });

  test('the editor offers what can be pulled', async () => {
    await learner.file('Dockerfile').click();
    await learner.typeInEditor('\nFROM ngin');
    const list = learner.page.locator('.suggest-widget');
    await shows(list, /nginx:/);
    await learner.page.keyboard.press('Tab');
    await expect.poll(() => learner.editorText()).toMatch(/FROM nginx:\S+/);
  });

  test('Enter is a new line whatever the editor offers', async () => {
    await learner.typeInEditor('\nFROM busy');
    await shows(learner.page.locator('.suggest-widget'), /busybox/);
    await learner.page.keyboard.press('Enter');
    await learner.page.keyboard.type('# done');
    await expect.poll(() => learner.editorText()).toMatch(/FROM busy\n# done/);
  });

  test('a quick fix writes the nearest image into a compose file', async () => {
    await learner.enter("printf 'services:\\n  db:\\n    image: redis:7-alpine\\n' > compose.yaml", /workspace[$#]/);
    await learner.file('compose.yaml').click();
    await expect.poll(() => learner.editorText()).toContain('image: redis:7-alpine');
    await learner.page.locator('.squiggly-warning').first().waitFor({ timeout: 60_000 });
    await learner.page.locator('.view-line', { hasText: 'image:' }).click();
    await learner.page.keyboard.press('End');
    await learner.page.keyboard.press('Control+.');
    await learner.page.locator('.action-widget', { hasText: 'Use redis:8' }).waitFor();
    await learner.page.keyboard.press('Enter');
    await expect.poll(() => learner.editorText()).toMatch(/image: redis:8$/m);
  });
});
