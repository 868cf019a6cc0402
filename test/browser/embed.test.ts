import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { packLesson } from '../../src/core/lesson/format/packed-lesson.ts';
import { EMBED_VERSION } from '../../src/core/embed/embed-messages.ts';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { launchChromium, serveSite, siteFolderServed } from './chromium.ts';
import { HostPage, HostSite, type HostWindow } from './embed-host.ts';
import { TERMINAL_ROWS, textOfRows, untilText } from './learner-page.ts';

let browser: Browser;
let server: StaticServer;
let hostSite: HostSite;
/** What the site's config.json says beside what it usually does. */
let config: object | undefined;
const lesson = `---
title: A short lesson
summary: To be embedded.
minutes: 1
---

Hello.

## Write {#write}

Write a file like [the notes](file:notes.txt); see also [the library](panel:library).

\`\`\`check
- file: hello.txt
  contains: hello
  hint: Use echo.
\`\`\`

## Start {#start}

\`\`\`check
- container: web
  state: running
\`\`\`
`;

const encoded = ([path, text]: readonly [string, string]): [string, Uint8Array] => [path, new TextEncoder().encode(text)];

beforeAll(async () => {
  server = await serveSite((request, response) => {
    const answers: Record<string, string | undefined> = {
      '/config.json': config === undefined ? undefined : JSON.stringify(config),
      '/lessons/embed-try.lesson.json': packLesson(
        'embed-try',
        new Map(Object.entries({ 'lesson.md': lesson, 'files/notes.txt': 'Some notes.\n' }).map(encoded)),
      ),
    };
    // A page asks for the files of its own release.
    const answer = answers[(request.url ?? '').split('?')[0]!];
    if (answer !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    return answer !== undefined;
  });
  browser = await launchChromium();
  hostSite = await HostSite.open(`${server.url}embed.global.js`);
});
afterAll(async () => {
  await browser?.close();
  await hostSite?.close();
  await server?.close();
});

const terminalText = (frame: FrameLocator): Promise<string> => textOfRows(frame.locator(TERMINAL_ROWS));

async function enter(page: Page, frame: FrameLocator, command: string, pattern: RegExp): Promise<void> {
  await frame.getByRole('textbox', { name: /^Terminal/ }).focus();
  await page.keyboard.press('Control+l');
  await page.keyboard.type(`${command}\n`);
  await untilText(async () => (await terminalText(frame)).split('\n').slice(1).join('\n'), pattern);
}

describe('a page of another site with two sandboxes', () => {
  let host: HostPage;
  beforeAll(async () => {
    host = await HostPage.open(browser, hostSite.url);
    await host.create('one', { layout: 'terminal', theme: 'dark', files: { 'app.py': 'print("one")', 'data/raw.bin': new Uint8Array([0, 255]) } });
    await host.create('two', { layout: 'editor-terminal' });
    await host.create('nowhere', { url: `${hostSite.url}nothing/` });
  });
  afterAll(() => host?.page.close());

  test('both come up, and tell on the way', async () => {
    for (const name of ['one', 'two']) {
      expect(await host.with(name, async sandbox => (await sandbox.ready).kind)).toBe('restored');
      expect((await host.told(name, 'progress')).at(0)).toMatchObject({ stage: expect.any(String), message: expect.any(String) });
      expect(await host.told(name, 'error')).toEqual([]);
    }
  });

  test('each has the files to begin with, its own or the usual', async () => {
    expect((await host.with('one', sandbox => sandbox.run('find . -type f | sort; cat app.py'))).stdout).toBe(
      './app.py\n./data/raw.bin\nprint("one")',
    );
    expect((await host.with('two', sandbox => sandbox.run('ls'))).stdout).toBe('Dockerfile\nhello-world.py\n');
  });

  test('a command’s answer: output, errors, exit code, input, folder', async () => {
    const result = await host.with('one', sandbox => sandbox.run('cat; pwd >&2; exit 3', { stdin: 'given', directory: '/tmp' }));
    expect(result).toEqual({ exitCode: 3, stdout: 'given', stderr: '/tmp\n' });
    expect((await host.with('one', sandbox => sandbox.run('docker version --format {{.Server.Version}}'))).stdout).toMatch(/^\d+\./);
  });

  test('a command that takes longer than it may', async () => {
    await expect(host.with('one', sandbox => sandbox.run('sleep 60', { timeoutMilliseconds: 500 }))).rejects.toMatchObject({ code: 'timed-out' });
  });

  test('what a command writes can be read at once; what is written is there for the next command', async () => {
    const read = await host.with('one', async sandbox => {
      await sandbox.run('mkdir -p made; printf "ä\\n" > made/by-guest.txt; printf "\\001\\000" > made/bytes');
      return [
        await sandbox.readFile('made/by-guest.txt'),
        [...((await sandbox.readFile('made/bytes', 'bytes')) ?? [])],
        await sandbox.readFile('none'),
      ];
    });
    expect(read).toEqual(['ä\n', [1, 0], undefined]);
    const { stdout } = await host.with('one', async sandbox => {
      await sandbox.writeFiles({ 'app.py': 'print("by the host")', 'made/bytes': new Uint8Array([7]), 'made/by-guest.txt': null });
      return sandbox.run('cat app.py; ls made; od -An -tu1 made/bytes');
    });
    expect(stdout).toMatch(/^print\("by the host"\)bytes\n\s+7\n$/);
  });

  test('what cannot be is told in words', async () => {
    await expect(host.with('one', sandbox => sandbox.readFile('../x'))).rejects.toMatchObject({ code: 'workspace-refused' });
    await expect(host.with('one', sandbox => sandbox.run(' '))).rejects.toMatchObject({
      code: 'call-refused',
      message: '"command" must be a command line.',
    });
    await expect(host.with('one', sandbox => sandbox.check())).rejects.toMatchObject({
      code: 'call-refused',
      message: expect.stringContaining('no lesson'),
    });
  });

  test('the learner and the host work on the same files', async () => {
    const frame = host.frame('two');
    await enter(host.page, frame, 'echo typed > by-learner.txt; echo do""ne', /^done$/m);
    expect(await host.with('two', sandbox => sandbox.readFile('by-learner.txt'))).toBe('typed\n');
    await host.with('two', sandbox => sandbox.writeFiles({ 'by-host.txt': 'x' }));
    await frame.getByRole('treeitem', { name: 'by-host.txt' }).waitFor();
  });

  test('the same port published in both: each frame shows its own', async () => {
    for (const name of ['one', 'two']) {
      await host.with(name, sandbox => sandbox.run('mkdir -p site'));
      await host.page.evaluate(
        ([as]) =>
          (window as unknown as HostWindow).sandboxes[as]!.writeFiles({
            'site/index.html': `<h1>Served by ${as}</h1><a href="/next.html">Next</a>`,
            'site/next.html': `<h1>Next of ${as}</h1>`,
          }),
        [name] as const,
      );
      const { stderr, exitCode } = await host.with(name, sandbox =>
        sandbox.run(
          'docker run -d -p 8888:80 -v /workspace/site:/www busybox httpd -f -h /www && until wget -qO /dev/null http://127.0.0.1:8888/; do sleep 1; done',
        ),
      );
      expect(exitCode, stderr).toBe(0);
    }
    for (const name of ['one', 'two']) {
      const frame = host.frame(name);
      await frame
        .getByRole('button', { name: 'Show it' })
        .or(frame.getByRole('button', { name: 'Browser' }))
        .first()
        .click();
      const shown = frame.frameLocator('iframe.browser-frame');
      await frame.getByRole('textbox', { name: 'Address' }).fill('localhost:8888');
      await frame.getByRole('textbox', { name: 'Address' }).press('Enter');
      await shown.getByRole('heading', { name: `Served by ${name}` }).waitFor({ timeout: 60_000 });
      await shown.getByRole('link', { name: 'Next' }).click();
      await shown.getByRole('heading', { name: `Next of ${name}` }).waitFor({ timeout: 60_000 });
      expect(await frame.getByRole('button', { name: 'Open in new tab' }).count()).toBe(0);
    }
  });

  test('a frame that is loaded anew is connected anew; what waited is told', async () => {
    const waiting = host.with('two', sandbox => sandbox.run('sleep 300', { timeoutMilliseconds: 600_000 }));
    const outcome = waiting.then(
      () => 'ended',
      (error: { code: string }) => error.code,
    );
    await host.page
      .frames()
      .find(frame => frame.url().includes('editor-terminal'))
      ?.evaluate(() => location.reload());
    expect(await outcome).toBe('machine-stopped');
    expect((await host.with('two', sandbox => sandbox.run('cat by-learner.txt'))).stdout).toBe('typed\n');
  });

  test('an address where no Drydock is has been given up meanwhile', async () => {
    await expect(host.with('nowhere', sandbox => sandbox.run('ls'))).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining(`${hostSite.url}nothing/`),
    });
    expect(await host.told('nowhere', 'error')).toMatchObject([{ code: 'timed-out' }]);
  });

  test('dispose takes it off the page and ends its machine; the other goes on', async () => {
    const workers = (): number => host.page.workers().length;
    const before = workers();
    const waiting = host.with('two', sandbox => sandbox.run('sleep 300')).catch((error: { code: string }) => error.code);
    await host.with('two', async sandbox => sandbox.dispose());
    expect(await waiting).toBe('cancelled');
    await expect(host.with('two', sandbox => sandbox.readFile('x'))).rejects.toMatchObject({ code: 'cancelled' });
    expect(await host.page.locator('#two iframe').count()).toBe(0);
    await expect.poll(workers).toBeLessThan(before);
    expect((await host.with('one', sandbox => sandbox.run('echo still here'))).stdout).toBe('still here\n');
  });
});

describe('a lesson in a frame', () => {
  test('its text and a terminal; the host is told what the learner does, and can look', async () => {
    const host = await HostPage.open(browser, hostSite.url);
    await host.create('lesson', { lesson: 'embed-try', layout: 'lesson-terminal' });
    const frame = host.frame('lesson');
    const report = await host.with('lesson', sandbox => sandbox.ready);
    expect(report.lesson).toEqual({
      id: 'embed-try',
      title: 'A short lesson',
      steps: [
        { id: 'write', title: 'Write', isPassed: false },
        { id: 'start', title: 'Start', isPassed: false },
      ],
    });
    await frame.getByRole('heading', { name: 'Write' }).waitFor();
    const before = await host.with('lesson', sandbox => sandbox.check());
    expect(before).toMatchObject({ step: { id: 'write' }, isPassed: false, checks: [{ outcome: 'failed', hint: 'Use echo.' }] });
    await enter(host.page, frame, 'echo hello > hello.txt; echo do""ne', /^done$/m);
    await expect
      .poll(() => host.told('lesson', 'step-passed'))
      .toMatchObject([{ lesson: 'embed-try', step: 'write', number: 1, stepCount: 2, passedCount: 1 }]);
    await frame.getByRole('button', { name: /^Next/ }).click();
    await enter(host.page, frame, 'docker run -d --name web busybox sleep 600; echo sta""rted', /^started$/m);
    await expect.poll(() => host.told('lesson', 'lesson-completed')).toEqual([{ lesson: 'embed-try', title: 'A short lesson', stepCount: 2 }]);
    expect(await host.with('lesson', sandbox => sandbox.check())).toMatchObject({ step: { id: 'start' }, isPassed: true });
    await host.page.close();
  });

  test('one that is not there is told to both', async () => {
    const host = await HostPage.open(browser, hostSite.url);
    await host.create('missing', { lesson: 'no-such-lesson', layout: 'terminal' });
    await expect(host.with('missing', sandbox => sandbox.ready)).rejects.toMatchObject({
      code: 'lesson-invalid',
      message: expect.stringContaining('no-such-lesson'),
    });
    await host.frame('missing').getByText('There is no lesson at').waitFor();
    await host.page.close();
  });
});

describe('where the browser lets frames of other sites store nothing', () => {
  test('all works, in memory, and says so', async () => {
    const host = await HostPage.open(browser, hostSite.foreignUrl);
    await host.create('foreign', { layout: 'editor-terminal', files: { 'a.txt': 'text' } });
    const frame = host.frame('foreign');
    await frame.getByText('Your files live only in this tab').waitFor();
    await frame.getByRole('button', { name: 'Dismiss' }).click();
    expect((await host.with('foreign', sandbox => sandbox.run('cat a.txt; echo more > b.txt'))).stdout).toBe('text');
    expect(await host.with('foreign', sandbox => sandbox.readFile('b.txt'))).toBe('more\n');
    await frame.getByRole('treeitem', { name: 'b.txt' }).waitFor();
    const { exitCode } = await host.with('foreign', sandbox => sandbox.run('docker run -d -p 8888:80 busybox httpd -f'));
    expect(exitCode).toBe(0);
    await frame.getByRole('button', { name: 'Show it' }).click();
    await frame.getByText(/Pages of containers cannot be shown here/).waitFor();
    await host.page.close();
  });
});

describe('who gets a port', () => {
  afterEach(async () => {
    config = undefined;
    for (const context of browser.contexts()) await context.close();
  });

  /** Sends a ping to the frame of a page by hand and gives what comes back within the time that a right answer needs many times over. */
  const askByHand = (page: Page, messages: readonly unknown[]): Promise<readonly unknown[]> =>
    page.evaluate(
      async ([given, site]) => {
        const answers: unknown[] = [];
        addEventListener('message', event => {
          if (event.origin === new URL(site).origin) answers.push({ data: event.data as unknown, ports: event.ports.length });
        });
        for (const message of given) document.querySelector('iframe')?.contentWindow?.postMessage(message, site);
        await new Promise(resolve => setTimeout(resolve, 1500));
        return answers;
      },
      [messages, server.url] as const,
    );
  const openPlain = async (search: string): Promise<Page> => {
    hostSite.write(
      'plain.html',
      `<!doctype html><title>Plain</title><iframe src="${server.url}?${search}" style="width:800px;height:500px"></iframe>`,
    );
    const page = await browser.newPage();
    await page.goto(`${hostSite.url}plain.html`);
    await page
      .frameLocator('iframe')
      .getByText(/Docker|Machine/)
      .first()
      .waitFor();
    return page;
  };
  const ping = { kind: 'drydock-embed-ping', version: EMBED_VERSION, nonce: '0123456789abcdef' };

  test('the page around, once', async () => {
    const page = await openPlain('embed&layout=terminal');
    expect(await askByHand(page, [ping, { ...ping, nonce: 'another-nonce-0123' }])).toEqual([
      { data: { kind: 'drydock-embed-port', version: EMBED_VERSION, nonce: ping.nonce }, ports: 1 },
    ]);
    expect(await askByHand(page, [ping])).toEqual([]);
  });

  test('another version is told, and gets no port', async () => {
    const page = await openPlain('embed&layout=terminal');
    expect(await askByHand(page, [{ ...ping, version: 99 }])).toEqual([
      {
        data: expect.objectContaining({ kind: 'drydock-embed-refused', code: 'embed-mismatch', message: expect.stringContaining('version 99') }),
        ports: 0,
      },
    ]);
  });

  test('what is no ping gets no answer, nor does a Drydock that is in a frame but no embed', async () => {
    const nonsense = [null, 'ping', 5, {}, { ...ping, nonce: '' }, { kind: 'call', id: 1, name: 'run', parameters: { command: 'id' } }];
    expect(await askByHand(await openPlain('embed&layout=terminal'), nonsense)).toEqual([]);
    expect(await askByHand(await openPlain('layout=terminal'), [ping])).toEqual([]);
  });

  test('a frame beside it gets none, and cannot answer in its place', async () => {
    // From the page's own origin, but another window: it asks Drydock's frame, and answers the host with every nonce it can think of.
    hostSite.write(
      'hostile.html',
      `<!doctype html><script>
        const heard = [];
        addEventListener('message', ({ data, ports }) => heard.push([data, ports.length]));
        setInterval(() => {
          const frame = parent.document.querySelector('#good iframe');
          frame?.contentWindow.postMessage(${JSON.stringify(ping)}, '*');
          const { port1, port2 } = new MessageChannel();
          parent.postMessage({ kind: 'drydock-embed-port', version: ${EMBED_VERSION}, nonce: '${ping.nonce}' }, '*', [port2]);
          parent.postMessage({ kind: 'drydock-embed-refused', version: ${EMBED_VERSION}, nonce: '${ping.nonce}', code: 'embed-refused', message: 'no' }, '*');
        }, 20);
        window.heard = heard;
      </script>`,
    );
    const host = await HostPage.open(browser, hostSite.url);
    await host.page.evaluate(url => {
      const frame = document.createElement('iframe');
      frame.src = url;
      frame.id = 'hostile';
      document.body.append(frame);
    }, `${hostSite.url}hostile.html`);
    await host.create('good', { layout: 'terminal', files: { 'a.txt': 'mine' } });
    expect(await host.with('good', sandbox => sandbox.readFile('a.txt'))).toBe('mine');
    const hostile = host.page.frames().find(frame => frame.url().includes('hostile'));
    expect(await hostile?.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([]);
  });

  test('a site may say who: others are told so, in the frame and in the program', async () => {
    config = { embedOrigins: ['https://lms.example'] };
    const host = await HostPage.open(browser, hostSite.url);
    await host.create('refused', {});
    await expect(host.with('refused', sandbox => sandbox.ready)).rejects.toMatchObject({
      code: 'embed-refused',
      message: expect.stringContaining(hostSite.origin),
    });
    expect(await host.told('refused', 'error')).toEqual([{ code: 'embed-refused', message: expect.stringContaining('embedOrigins') }]);
    await host.frame('refused').getByText(`may not be shown inside pages of ${hostSite.origin}`).waitFor();
    expect(host.page.workers()).toEqual([]);
  });

  test('settings that cannot be understood let nobody in', async () => {
    config = { embedOrigins: 'everyone' };
    const host = await HostPage.open(browser, hostSite.url);
    await host.create('refused', {});
    await expect(host.with('refused', sandbox => sandbox.ready)).rejects.toMatchObject({ code: 'embed-refused' });
    await host
      .frame('refused')
      .getByText(/"embedOrigins" in the config.json/)
      .waitFor();
  });
});

describe('embed.js', () => {
  test('as a module, from the host’s own site, with the address of Drydock given', async () => {
    hostSite.copy(join(siteFolderServed(), 'embed.js'), 'embed.js');
    hostSite.write(
      'module.html',
      `<!doctype html><div id="here" style="height:400px"></div><script type="module">
        import { createSandbox, SandboxError } from './embed.js';
        window.sandbox = createSandbox(document.getElementById('here'), { url: '${server.url}', layout: 'terminal', files: { 'a.txt': 'text' } });
        window.isError = await window.sandbox.readFile('/x').catch(error => error instanceof SandboxError);
      </script>`,
    );
    const page = await browser.newPage();
    await page.goto(`${hostSite.url}module.html`);
    expect(await page.evaluate(() => (window as unknown as { sandbox: { readFile(path: string): Promise<string> } }).sandbox.readFile('a.txt'))).toBe(
      'text',
    );
    await page.waitForFunction(() => (window as unknown as { isError?: boolean }).isError === true);
    const frame = page.locator('#here iframe');
    expect(
      await frame.evaluate(
        ({ title, clientWidth, clientHeight }: HTMLIFrameElement) => ({ title, clientHeight, isWide: clientWidth > 400 }) as object,
      ),
    ).toEqual({
      title: 'Drydock: a computer with Docker',
      clientHeight: 400,
      isWide: true,
    });
    await page.close();
  });

  test('a wrong option is refused with what is wrong', async () => {
    const host = await HostPage.open(browser, hostSite.url);
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ layout: 'windows' }, /"layout" must be one of full, terminal/],
      [{ theme: 'pink' }, /"theme" must be one of/],
      [{ leson: 'x' }, /no option "leson": there are lesson, /],
      [{ lesson: 5 }, /"lesson" must be a text/],
      [{ lesson: 'x', files: {} }, /"lesson" or "files"/],
      [{ files: { 'a.txt': 5 } }, /"a.txt" in "files"/],
      [{ url: 'ftp://x.example' }, /"url" must be a web address/],
      [{ workspace: 'x'.repeat(101) }, /"workspace" must be a name of 100 characters/],
    ];
    for (const [options, message] of wrong) await expect(host.create('wrong', options)).rejects.toThrow(message);
    expect(await host.page.locator('iframe').count()).toBe(0);
    await host.page.close();
  });

  test('has nothing to load besides itself, and is small', () => {
    for (const name of ['embed.js', 'embed.global.js']) {
      const text = readFileSync(join(siteFolderServed(), name), 'utf8');
      expect(text).not.toMatch(/\bimport\s*(\(|["'{*])/);
      expect(text.length).toBeLessThan(20_000);
    }
  });
});

describe('a frame by its address alone', () => {
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  const openFrames = async (...searches: readonly string[]): Promise<Page> => {
    const frames = searches.map(
      search =>
        `<iframe title="Drydock" src="${server.url}?${search}" style="width:800px;height:500px" allow="clipboard-read; clipboard-write"></iframe>`,
    );
    hostSite.write('frames.html', `<!doctype html><title>Frames</title>${frames.join('')}`);
    const page = await (await browser.newContext({ viewport: { width: 820, height: 1040 } })).newPage();
    await page.goto(`${hostSite.url}frames.html`);
    return page;
  };

  test.each([
    ['full', ['Files', 'Editor', 'Terminals', 'Side panes']],
    ['terminal', ['Terminals']],
    ['editor-terminal', ['Files', 'Editor', 'Terminals']],
    ['lesson-terminal', ['Terminals']],
  ])('%s shows what it says, axe finds nothing', async (layout, panes) => {
    const page = await openFrames(`embed&layout=${layout}&theme=dark`);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('region', { name: 'Terminals' }).waitFor();
    const all = ['Lesson', 'Files', 'Editor', 'Terminals', 'Side column', 'Side panes'];
    const isShown = (name: string): Promise<boolean> =>
      frame
        .getByRole('region', { name, exact: true })
        .or(frame.getByRole('navigation', { name, exact: true }))
        .isVisible();
    const shown = await Promise.all(all.map(isShown));
    expect(all.filter((_, index) => shown[index])).toEqual(panes);
    expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
    const { violations } = await new AxeBuilder({ page }).include('iframe').analyze();
    expect(violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }))).toEqual([]);
  });

  test('a wrong word in the address is told, the rest holds', async () => {
    const page = await openFrames('embed&layout=windows&theme=light');
    await page.frameLocator('iframe').getByText('There is no layout "windows"').waitFor();
    expect(await page.frameLocator('iframe').locator('html').getAttribute('data-theme')).toBe('light');
  });

  test('in a layout without an editor a link to a file brings one, and it goes with the file', async () => {
    const page = await openFrames('embed&layout=lesson-terminal&lesson=embed-try');
    const frame = page.frameLocator('iframe');
    const editor = frame.getByRole('region', { name: 'Editor' });
    await frame.getByRole('button', { name: 'the notes' }).waitFor();
    expect(await editor.isVisible()).toBe(false);
    await frame.getByRole('button', { name: 'the notes' }).click();
    await editor.waitFor();
    await frame.getByText('Some notes.').waitFor({ timeout: 60_000 });
    expect(await frame.getByRole('region', { name: 'Terminals' }).isVisible()).toBe(true);
    await frame.getByRole('button', { name: 'Close notes.txt' }).click();
    await editor.waitFor({ state: 'hidden' });
  });

  test('in a frame too small for three columns a side pane takes the terminals’ place until it is closed', async () => {
    const page = await openFrames('embed&layout=lesson-terminal&lesson=embed-try');
    const frame = page.frameLocator('iframe');
    const terminals = frame.getByRole('region', { name: 'Terminals' });
    await terminals.waitFor();
    await frame.getByRole('button', { name: 'the library' }).click();
    await frame.getByRole('tab', { name: 'Library', selected: true }).waitFor();
    await terminals.waitFor({ state: 'hidden' });
    await frame.getByRole('button', { name: 'Close side column' }).click();
    await terminals.waitFor();
    // It stays within reach.
    await frame.getByRole('navigation', { name: 'Side panes' }).getByRole('button', { name: 'Browser' }).waitFor();
  });

  test('the same address twice: the second says that its files are not kept, and neither is pushed aside', async () => {
    const page = await openFrames('embed&layout=editor-terminal', 'embed&layout=editor-terminal');
    const frames = [page.frameLocator('iframe >> nth=0'), page.frameLocator('iframe >> nth=1')];
    const notice = (frame: FrameLocator): Promise<number> => frame.getByText('also open in another frame or tab').count();
    for (const frame of frames) await frame.getByRole('treeitem', { name: 'Dockerfile' }).waitFor();
    await expect.poll(async () => (await Promise.all(frames.map(notice))).sort()).toEqual([0, 1]);
    for (const frame of frames) expect(await frame.getByRole('alertdialog').count()).toBe(0);
  });

  test('two lessons, or two names of a workspace, keep apart, also from Drydock’s own page', async () => {
    const page = await openFrames('embed&layout=editor-terminal&workspace=a', 'embed&layout=editor-terminal&workspace=b');
    const own = await page.context().newPage();
    await own.goto(server.url);
    await own.getByRole('treeitem', { name: 'Dockerfile' }).waitFor();
    for (const frame of [page.frameLocator('iframe >> nth=0'), page.frameLocator('iframe >> nth=1')]) {
      await frame.getByRole('treeitem', { name: 'Dockerfile' }).waitFor();
      expect(await frame.getByText('also open').count()).toBe(0);
    }
    expect(await own.getByRole('alertdialog').count()).toBe(0);
  });
});
