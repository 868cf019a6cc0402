import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { launchChromium, serveSite } from './chromium.ts';
import { LearnerPage, untilText } from './learner-page.ts';

let browser: Browser;
let server: StaticServer;
/** Answers a request instead of the server, or says false. */
let breakRequest: (url: string) => boolean = () => false;
beforeAll(async () => {
  server = await serveSite((request, response) => {
    if (!breakRequest(request.url ?? '')) return false;
    response.writeHead(503).end();
    return true;
  });
  browser = await launchChromium();
});
afterEach(async () => {
  breakRequest = () => false;
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

describe('faults of the machine', () => {
  test('a worker killed during a build: the page says so, a restart has the files', async () => {
    const learner = await LearnerPage.open(browser, server.url);
    await learner.untilPrompt();
    await learner.typeInEditor('# kept');
    await learner.enter('docker build --no-cache -t x .', /\[internal\] load/);
    const worker = learner.page.workers().find(candidate => candidate.url().includes('/main-'));
    worker?.evaluate(() => self.close()).catch(() => undefined);
    await learner.page.getByText('The machine stopped. Your files are safe.').waitFor({ timeout: 30_000 });
    await learner.page.getByRole('button', { name: 'Restart' }).click();
    await learner.page.getByText('Docker running').waitFor({ timeout: 240_000 });
    await learner.enter('tail -n1 Dockerfile', /# kept/);
  });

  test('a piece that does not arrive: the page says which, Retry goes on', async () => {
    breakRequest = url => url.includes('/blobs/');
    const learner = await LearnerPage.open(browser, server.url);
    await learner.page.getByRole('heading', { name: 'The machine waits' }).waitFor({ timeout: 60_000 });
    expect(await learner.page.getByRole('alert').first().innerText()).toMatch(/part of the machine \([0-9a-f]{12}\)/);
    await expect.poll(() => learner.editorText(), { timeout: 30_000 }).toContain('FROM python');
    breakRequest = () => false;
    // In this very moment the page may have tried again by itself, and the button is gone.
    const click = learner.page.getByRole('button', { name: 'Retry' }).click({ timeout: 10_000 });
    await Promise.all([click.catch(() => undefined), learner.untilPrompt()]);
  });

  test('no WebAssembly', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
    await page.goto(server.url);
    await page.getByText(/has no WebAssembly/).waitFor();
  });
});

describe('faults of the files', () => {
  test('storage refused: a notice, and the page works', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => {
      const refuse = {
        get: () => {
          throw new DOMException('denied', 'SecurityError');
        },
      };
      Object.defineProperty(globalThis, 'indexedDB', refuse);
      Object.defineProperty(globalThis, 'localStorage', refuse);
    });
    await page.goto(server.url);
    await page.getByText(/live only in this tab/).waitFor();
    const learner = new LearnerPage(page);
    await learner.untilPrompt();
    await learner.enter('ls', /hello-world\.py/);
  });

  test('200 MB dropped are refused, what came with them is taken, odd names too', async () => {
    const learner = await LearnerPage.open(browser, server.url);
    await learner.file('Dockerfile').waitFor();
    const odd = ['-n "quoted" ünï 文.txt', '.hidden', `${'long'.repeat(50)}.txt`];
    await learner.drop([{ name: 'huge.bin', content: 200 * 1024 * 1024 }, ...odd.map(name => ({ name, content: 'x' }))]);
    await learner.page.getByText('"huge.bin" (200 MB) was not added: a file can be at most 32 MB.').waitFor();
    for (const name of odd) await learner.file(name).waitFor();
    expect(await learner.file('huge.bin').count()).toBe(0);
    await learner.untilPrompt();
    await learner.enter('ls -A', /"quoted"/);
  });

  test('two tabs: the second asks, the first gives way and says so, the last words are kept', async () => {
    const first = await LearnerPage.open(browser, server.url);
    await first.file('Dockerfile').waitFor();
    await first.page.locator('.monaco-editor').first().waitFor({ timeout: 60_000 });
    const second = new LearnerPage(await first.page.context().newPage());
    await second.page.goto(server.url);
    const useHere = second.page.getByRole('button', { name: 'Use here' });
    await useHere.waitFor();
    await first.typeInEditor('# last words');
    await useHere.click();
    await first.page.getByText('Drydock is now used in another tab').waitFor();
    await expect.poll(() => second.editorText(), { timeout: 60_000 }).toContain('# last words');
  });
});

describe('much at once', () => {
  test('a megabyte pasted arrives whole and the page stays quick; a flood is shown and ends', async () => {
    const learner = await LearnerPage.open(browser, server.url);
    await learner.untilPrompt();
    const text = Array.from({ length: 16_384 }, (_, index) => `${String(index).padStart(7, '0')}${'x'.repeat(56)}\n`).join('');
    await learner.page.evaluate(given => navigator.clipboard.writeText(given), text);
    await learner.enter('stty -echo; echo rea""dy; cat > /tmp/pasted', /ready/);
    await learner.page.getByRole('button', { name: 'Paste' }).click();
    const question = learner.page.getByRole('dialog', { name: 'Paste 16384 lines?' });
    await question.getByRole('button', { name: 'Paste' }).click();
    const progress = learner.page.getByText(/pasting… \d+ %/);
    await progress.waitFor();
    const slowest = await learner.page.evaluate(async () => {
      let worst = 0;
      for (let turn = 0; turn < 50; turn++) {
        const start = performance.now();
        await new Promise(resolve => setTimeout(resolve, 10));
        worst = Math.max(worst, performance.now() - start);
      }
      return worst;
    });
    expect(slowest).toBeLessThan(1000);
    await progress.waitFor({ state: 'detached', timeout: 240_000 });
    await learner.focusTerminal();
    await learner.page.keyboard.press('Control+d');
    await learner.enter('stty echo; wc -c < /tmp/pasted', /^1048576$/m);
    await learner.focusTerminal();
    await learner.page.keyboard.type('clear; head -c 5242880 /dev/urandom; reset\n');
    await untilText(() => learner.terminalText(), /^\S*workspace[$#][^\n]*\n*$/);
    // What was shown made the terminal answer, and its answers stand on the command line.
    await learner.page.keyboard.press('Control+c');
    await learner.enter('echo do""ne', /^done$/m);
  });
});
