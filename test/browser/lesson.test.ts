/** A learner in a small lesson (test/fixtures/lessons/two-steps): found, done, come back to; and lessons of others. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packLesson } from '../../src/core/lesson/format/packed-lesson.ts';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { launchChromium, serveSite } from './chromium.ts';
import { LearnerPage, untilText } from './learner-page.ts';

const folder = fileURLToPath(new URL('../fixtures/lessons/two-steps', import.meta.url));
const files = new Map(
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => [relative(folder, join(entry.parentPath, entry.name)), new Uint8Array(readFileSync(join(entry.parentPath, entry.name)))]),
);
const packed = packLesson('two-steps', files);
const index = [
  {
    id: 'two-steps',
    title: 'A greeting in an image',
    summary: 'Write a text, put it into an image and look at the image.',
    minutes: 5,
    steps: [
      { id: 'greeting', title: 'Write the text' },
      { id: 'image', title: 'Make the image' },
    ],
  },
];
/** What this site serves besides its own files. */
const served: Record<string, string> = {
  '/lessons/index.json': JSON.stringify(index),
  '/lessons/two-steps.lesson.json': packed,
  '/elsewhere/two-steps.lesson.json': packed,
  '/elsewhere/talker.lesson.json': packLesson(
    'talker',
    new Map([
      [
        'lesson.md',
        new TextEncoder().encode(
          '---\ntitle: Talker\nsummary: It talks.\nminutes: 1\n---\n\n## One\n\n```check\n- container: talker\n  environment: { COLOUR: red }\n  logs: /^ready$/\n```\n',
        ),
      ],
    ]),
  ),
  '/elsewhere/damaged.lesson.json': packLesson(
    'damaged',
    new Map([
      [
        'lesson.md',
        new TextEncoder().encode(
          '---\ntitle: Damaged\nsummary: It is.\nminutes: 1\n---\n\n## One\n\n```check\n- flie: a.txt\n```\n\n<script>alert(1)</script>\n',
        ),
      ],
    ]),
  ),
};

let browser: Browser;
let server: StaticServer;
let learner: LearnerPage;
const requested: string[] = [];
beforeAll(async () => {
  browser = await launchChromium();
  server = await serveSite((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    requested.push(path);
    const text = served[path];
    if (text !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    return text !== undefined;
  });
  learner = await LearnerPage.open(browser, server.url, { viewport: { width: 1440, height: 900 } });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const lesson = (): Locator => learner.page.getByRole('region', { name: 'Lesson', exact: true });
const button = (name: string): Locator => learner.page.getByRole('button', { name, exact: true });
const check = (text: RegExp): Locator => lesson().locator('.check').filter({ hasText: text });
const shows = (locator: Locator, pattern: RegExp): Promise<string> =>
  untilText(async () => (await locator.allInnerTexts()).join('\n'), pattern, 60_000);
const editorShows = (pattern: RegExp): Promise<string> => untilText(() => learner.editorText(), pattern, 60_000);
const violations = async (): Promise<unknown[]> => {
  const { violations: found } = await new AxeBuilder({ page: learner.page }).analyze();
  return found.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
};

describe('the way to a lesson', () => {
  test('the course is offered once; what lessons need is not loaded before one is opened', async () => {
    await button('See the lessons').waitFor();
    expect(requested.filter(path => /lesson-(?:pane|code)/.test(path))).toEqual([]);
    await button('See the lessons').click();
    const list = learner.page.getByRole('dialog');
    await shows(list, /A greeting in an image[^]*about 5 minutes/);
    expect(await violations()).toEqual([]);
    await learner.page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
    expect(await button('See the lessons').count()).toBe(0);
  });

  test('it is always found below, and opens with the lesson’s files', async () => {
    await button('Lessons').press('Enter');
    await button('Start: A greeting in an image').press('Enter');
    await shows(lesson(), /You write a text and put it into an image/);
    expect(learner.page.url()).toBe(`${server.url}?lesson=two-steps`);
    await shows(learner.page.getByRole('treeitem'), /^Dockerfile\ngreeting\.txt$/);
    expect(requested.filter(path => /lesson-(?:pane|code)/.test(path)).length).toBeGreaterThan(0);
  });

  test('the text is as it was written: tables, code, emphasis, links', async () => {
    await shows(lesson().locator('table'), /greeting.txt[^]*what the image says/);
    expect(await lesson().locator('em').innerText()).toBe('student/greeting');
    await lesson().getByRole('button', { name: 'the text', exact: true }).click();
    await learner.untilEditing('greeting.txt');
    await lesson().getByText('Where is the editor?').click();
    await lesson().getByText('Above the terminals.').waitFor();
  });
});

describe('the first step', () => {
  test('what the learner sets is used in texts, code and checks', async () => {
    await lesson().getByLabel('Your name on the hub').fill('A!');
    await button('Use it').click();
    await shows(lesson(), /must be/);
    await lesson().getByLabel('Your name on the hub').fill('ada');
    await button('Use it').click();
    await shows(lesson(), /Hello ada/);
    expect(await lesson().locator('em').innerText()).toBe('ada/greeting');
    await check(/greets ada/).waitFor();
  });

  test('a check that fails says what was expected, what was found and what to try; then it passes by itself', async () => {
    await learner.typeInEditor('Hullo ada');
    const text = await shows(check(/greets ada/), /Try/);
    expect(text).toMatch(/Expected[^]*Hello ada[^]*Found[^]*Try[^]*second line/);
    await learner.replaceText('This is a greeting.\nHello ada\n');
    await shows(check(/greets ada/), /^Passed/);
    expect(await violations()).toEqual([]);
  });

  test('a wrong answer is given its reason, the right one too', async () => {
    await lesson().getByRole('radio', { name: 'A kernel' }).check();
    await button('Answer').click();
    await shows(lesson().locator('.quiz'), /The kernel is the host’s.[^]*Not right yet/);
    await lesson().getByRole('radio', { name: 'Files' }).check();
    await button('Answer').click();
    await shows(lesson().locator('.quiz'), /Files and how to start a program from them.[^]*Right/);
    await shows(lesson().locator('.lesson-foot'), /Step 1 of 2 · done/);
  });

  test('a block of code becomes a file; what was there comes back', async () => {
    await learner.replaceText('mine');
    await button('Save as file: greeting.txt').click();
    await editorShows(/Hello ada/);
    await button('Undo').click();
    await editorShows(/^mine$/);
    await button('Save as file: greeting.txt').click();
  });
});

describe('the second step', () => {
  test('Run types the command and presses Enter; the engine’s events are noticed', async () => {
    await button('Next').click();
    await shows(lesson(), /Make the image/);
    await learner.untilPrompt();
    await button('Run: docker build -t ada/greeting:v1 .').click();
    await untilText(() => learner.terminalText(), /naming to docker\.io\/ada\/greeting:v1/);
    await shows(check(/ada\/greeting:v1/), /^Passed/);
    await shows(check(/The machine was prepared/), /^Passed/);
  });

  test('a command that was typed by hand', async () => {
    await learner.enter('docker image', /docker image COMMAND/);
    await shows(check(/You have entered docker images/), /Found[^]*docker image/);
    await learner.enter('docker images', /ada\/greeting +v1/);
    await shows(check(/You have entered docker images/), /^Passed/);
    await shows(lesson(), /You have done this lesson/);
  });

  test('axe finds nothing, in light and in dark', async () => {
    expect(await violations()).toEqual([]);
    await button('Use dark colours').click();
    expect(await violations()).toEqual([]);
    await button('Use light colours').click();
  });
});

describe('coming back', () => {
  test('after a reload the lesson is where it was, with its files and in its machine', async () => {
    await learner.enter('docker images', /ada\/greeting +v1/);
    await learner.untilSaved();
    await learner.page.reload();
    await shows(lesson(), /Make the image[^]*You have done this lesson/);
    await editorShows(/Hello ada/);
    await shows(check(/ada\/greeting:v1/), /^Passed/);
  });

  test('a step can be done again, and shows its solution to who is stuck', async () => {
    await button('Lesson actions').click();
    await learner.page.getByRole('menuitem', { name: 'Do this step again' }).click();
    await shows(lesson().locator('.checks'), /0 of 3/);
    await button('Show solution').click();
    const solution = lesson().getByRole('region', { name: 'Solution' });
    await learner.untilPrompt();
    await solution.getByRole('button', { name: 'Run: docker images' }).click();
    await shows(check(/You have entered docker images/), /^Passed/);
    // The image is still there, and the machine as the lesson prepared it.
    await shows(lesson().locator('.checks'), /3 of 3/);
  });

  test('the list knows how far it is; closing brings the learner’s own files back', async () => {
    await button('Lessons').click();
    await shows(learner.page.getByRole('dialog'), /about 5 minutes · done · open now/);
    await learner.page.keyboard.press('Escape');
    await button('Lesson actions').click();
    await learner.page.getByRole('menuitem', { name: 'Close the lesson' }).click();
    await shows(learner.page.getByRole('treeitem'), /^Dockerfile\nhello-world\.py$/);
    expect(learner.page.url()).toBe(server.url);
    await learner.enter('ls /workspace; ls /tmp/prepared', /hello-world.py[^]*cannot access|No such file/);
    // The machine goes on with the next page, from where it was saved.
    await learner.untilSaved();
  });
});

describe('lessons of others', () => {
  test('nothing of them runs before the learner has seen and allowed it', async () => {
    const url = `${server.url}elsewhere/two-steps.lesson.json`;
    await learner.page.goto(`${server.url}?lesson=${encodeURIComponent(url)}`);
    const dialog = learner.page.getByRole('dialog');
    const text = await shows(dialog, /Let this lesson run commands/);
    expect(text).toContain(url);
    expect(text).toContain('echo ready > /tmp/prepared');
    expect(text).toContain('test -e /tmp/prepared');
    expect(await violations()).toEqual([]);
    await button('Not now').click();
    await shows(lesson(), /The commands of this lesson do not run/);
    await learner.untilPrompt();
    await learner.enter('ls /tmp/prepared', /No such file/);
    await button('Look at the commands').click();
    await button('Let them run').click();
    await button('Step 2: Make the image').click();
    await shows(check(/The machine was prepared/), /^Passed/);
  });

  test('what a container writes a while after it was started is noticed, without an event of the engine', async () => {
    await learner.page.goto(`${server.url}?lesson=${encodeURIComponent(`${server.url}elsewhere/talker.lesson.json`)}`);
    await shows(lesson(), /To do in this step/);
    await learner.untilPrompt();
    await learner.enter("docker run -d --name talker -e COLOUR=red busybox sh -c 'sleep 8; echo ready; sleep 600'", /[0-9a-f]{64}/);
    await shows(check(/has written/), /Found[^]*It has written nothing/);
    await shows(check(/has written/), /^Passed/);
  });

  test('a damaged one says where, and nothing of it is shown as a page', async () => {
    const url = `${server.url}elsewhere/damaged.lesson.json`;
    await learner.page.goto(`${server.url}?lesson=${encodeURIComponent(url)}`);
    const text = await shows(lesson(), /This lesson cannot be opened/);
    expect(text).toMatch(/lesson\.md:10:\d+[^]*lesson\.md:13:1/);
    await button('Go on without a lesson').click();
    await lesson().waitFor({ state: 'detached' });
  });

  test('a folder dropped on the page is opened as a lesson, or added', async () => {
    await learner.dropPath(folder);
    const dialog = learner.page.getByRole('dialog');
    await shows(dialog, /Open two-steps as a lesson\?/);
    await button('Open the lesson').click();
    await shows(dialog, /Let this lesson run commands[^]*a folder from your computer/);
    await button('Let them run').click();
    await shows(lesson(), /You write a text/);
    expect(learner.page.url()).toContain('lesson=dropped');
  });

  test('on a phone it is a tab', async () => {
    const { page } = learner;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('tab', { name: 'Terminal', exact: true }).click();
    expect(await lesson().isVisible()).toBe(false);
    await page.getByRole('tab', { name: 'Lesson', exact: true }).click();
    expect(await violations()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
