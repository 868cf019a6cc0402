/** The switch to servers outside: what it opens, what went out, what is kept; by a browser's own rules about other sites. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { sha256 } from '../core/hub/made-pieces.ts';
import { madeWheel } from '../support/made-wheel.ts';
import { madeImage, serveImage } from '../support/outside-image.ts';
import { OutsideServer } from '../support/outside-server.ts';
import { launchChromium, serveSite } from './chromium.ts';
import { LearnerPage, untilText } from './learner-page.ts';

/** DRYDOCK_SCREENSHOTS names a folder for pictures of the main moments. */
const pictures = process.env['DRYDOCK_SCREENSHOTS'];

let browser: Browser;
let site: StaticServer;
let outside: OutsideServer;
let learner: LearnerPage;

const dialog = (): Locator => learner.page.getByRole('dialog');
const button = (name: string | RegExp): Locator => learner.page.getByRole('button', { name, exact: typeof name === 'string' });
const dialogShows = (pattern: RegExp): Promise<string> => untilText(() => dialog().innerText(), pattern, 60_000);
/** Types a command, and waits for words of its output without regard to blanks: a terminal breaks lines in the middle of words. */
async function enterUntil(command: string, words: RegExp): Promise<void> {
  await learner.enter(command, /\S/);
  const output = async (): Promise<string> => (await learner.terminalText()).split('\n').slice(1).join('').replaceAll(/\s/g, '');
  await untilText(output, new RegExp(words.source.replaceAll(' ', ''), words.flags), 90_000);
}
const picture = async (name: string): Promise<void> => {
  if (pictures !== undefined) await learner.page.screenshot({ path: join(pictures, `${name}.png`) });
};
const violations = async (): Promise<unknown[]> => {
  const { violations: found } = await new AxeBuilder({ page: learner.page }).analyze();
  return found.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
};

beforeAll(async () => {
  if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
  outside = await OutsideServer.start();
  serveImage(outside, 'made/tool', '1', await madeImage(['gzip', 'zstd']));
  const wheel = madeWheel('sayaloud', '1.0', 'LOUD = "HELLO"\n');
  const file = {
    filename: 'sayaloud-1.0-py3-none-any.whl',
    url: `${outside.address}files/sayaloud-1.0-py3-none-any.whl`,
    hashes: { sha256: sha256(wheel) },
  };
  outside.answers.set('/simple/sayaloud/', {
    body: JSON.stringify({ name: 'sayaloud', files: [file] }),
    type: 'application/vnd.pypi.simple.v1+json',
  });
  outside.answers.set('/files/sayaloud-1.0-py3-none-any.whl', { body: wheel });
  const upstreams = { pypi: `${outside.address}simple/`, registries: [outside.address] };
  site = await serveSite((request, response) => {
    if (new URL(request.url ?? '/', 'http://x').pathname !== '/config.json') return false;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ upstreams }));
    return true;
  });
  browser = await launchChromium();
  learner = await LearnerPage.open(browser, site.url);
  await learner.untilPrompt();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await outside?.stop();
});

test('the network is off until the learner switches it on, and the page says so', async () => {
  await enterUntil('docker pull made/tool:1', /no image made\/tool:1.*switch it on/);
  await enterUntil('curl http://pypi.org/simple/sayaloud/', /no Python package sayaloud, and its network is off/);
  // The page's own message of it leads there as well.
  await button('Network…').click();
  await button('Close').click();
  await button('Network off').click();
  await dialogShows(/images of Docker Hub[^]*Python packages[^]*Nothing since this page was opened/);
  expect(await violations()).toEqual([]);
  await picture('network-off');
  expect(outside.asked).toEqual([]);
  await dialog().getByRole('checkbox').check();
  await button('Close').click();
  await button('Network on').waitFor();
});

test('what the sandbox lacks then comes from outside, is listed, and is kept', async () => {
  await enterUntil('docker pull made/tool:1', /Downloaded newer image for made\/tool:1/);
  await learner.enter(
    'docker run --rm python:3.13-slim sh -c "pip install -q sayaloud; python -c \'import sayaloud as s; print(s.LOUD)\'"',
    /^HELLO$/m,
  );
  await button('Network on').click();
  await dialogShows(/layer 1 of made\/tool:1[^]*received[^]*from outside are kept in this browser/);
  await dialogShows(/sayaloud-1\.0-py3-none-any\.whl/);
  expect(await violations()).toEqual([]);
  await picture('network-traffic');
  await button('Close').click();
});

test('after a reload the choice stands, and what was kept needs no server', async () => {
  await learner.untilSaved();
  await outside.stop();
  await learner.page.reload();
  await button('Network on').waitFor();
  await untilText(() => learner.page.getByRole('contentinfo').innerText(), /Docker running/);
  await enterUntil('docker rmi made/tool:1; docker pull made/tool:1', /Downloaded newer image for made\/tool:1/);
});

test('a server that does not let other sites read it is told apart from one that is gone', async () => {
  await enterUntil('docker pull made/other:1', /made\/other:1 is not available: 127\.0\.0\.1:\d+ cannot be reached/);
  const [, port] = outside.host.split(':');
  const closed = await OutsideServer.start(Number(port));
  closed.answers.set('/v2/made/other/manifests/1', { body: '{}', isOpen: false });
  await enterUntil('docker pull made/other:1', /127\.0\.0\.1:\d+ answers, but does not let this site read its answers \(CORS\)/);
  await closed.stop();
  await button('Network on').click();
  await button('Forget them').click();
  await expect.poll(() => dialog().innerText()).not.toContain('are kept in this browser');
  await dialog().getByRole('checkbox').uncheck();
  await picture('network-failed');
  await button('Close').click();
  await button('Network off').waitFor();
});
