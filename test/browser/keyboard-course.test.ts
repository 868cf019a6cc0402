/** Lessons done with the keyboard alone, and with what a screen reader would say: no mouse, no focus that a script has set. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lesson } from '../../src/core/lesson/lesson.ts';
import { variableValues, withVariables } from '../../src/core/lesson/format/variables.ts';
import { projectFolder } from '../../src/node/builder/folders.ts';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { validLesson } from '../support/lesson.ts';
import { launchChromium, serveSite } from './chromium.ts';
import { KeyboardLearner } from './keyboard-learner.ts';

let browser: Browser;
let server: StaticServer;
let learner: KeyboardLearner;
beforeAll(async () => {
  browser = await launchChromium();
  server = await serveSite();
  learner = await KeyboardLearner.open(browser, server.url);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function lessonOf(id: string): Promise<Lesson> {
  const read = await validLesson(join(projectFolder, 'lessons', id));
  return withVariables(read, variableValues(read.frontMatter, {}));
}

/** Chooses a lesson in the list; the keyboard then is in its text. */
async function choose({ frontMatter }: Lesson): Promise<void> {
  await learner.to('footer');
  await learner.press(/^Lessons$/);
  await learner.page.getByRole('dialog').waitFor();
  await learner.press(new RegExp(`^Start: ${frontMatter.title}`));
  await learner.untilHeard(new RegExp(`Lesson: ${frontMatter.title}\\. Step 1 of`), 30_000);
  await learner.page.locator('.lesson-text').waitFor();
  await expect.poll(() => learner.focused()).toMatchObject({ pane: 'lesson-pane', name: 'Text of the lesson' });
}

test('lesson 2, from the list of lessons to its end', async () => {
  const lesson = await lessonOf('02-first-image');
  await learner.learner.untilPrompt();
  await choose(lesson);
  for (const [index, step] of lesson.steps.entries()) {
    await learner.do(step);
    const next = lesson.steps[index + 1];
    if (next !== undefined) await learner.next(next.title);
  }
  await learner.page.getByText('You have done this lesson').waitFor();
});

test('the end of a lesson leads to the next one', async () => {
  await learner.to('lesson-pane');
  await learner.press(/^Next lesson$/);
  await learner.untilHeard(/Lesson: .*\. Step 1 of/, 60_000);
  await expect.poll(() => learner.focused()).toMatchObject({ pane: 'lesson-pane', name: 'Text of the lesson' });
});

test('lesson 5: a block of code is run, its page is shown by a link, and looked at in the Browser pane', async () => {
  const lesson = await lessonOf('05-a-website');
  const [program, dockerfile, build, , publish] = lesson.steps;
  await choose(lesson);
  for (const [step, next] of [
    [program!, dockerfile!],
    [dockerfile!, build!],
  ] as const) {
    await learner.do(step);
    await learner.next(next.title);
  }
  await learner.press(/^Run: docker build/);
  expect(await learner.focused()).toMatchObject({ pane: 'terminal-pane', name: 'Terminal 1' });
  await learner.untilHeard(/Passed: The image student\/site:v1 exists[^]*This step is done/);
  // F6 leads back to the button that was pressed.
  await learner.to('lesson-pane');
  expect((await learner.focused()).name).toMatch(/^Run: docker build/);
  await learner.press(/^Step 5: Publish it/);
  await learner.heard();
  for (const line of publish!.solution.lines) await learner.enter(line, undefined);
  await learner.untilHeard(/Passed: localhost:8888 answers with your page/);
  await learner.to('lesson-pane');
  await learner.press(/^localhost:8888$/);
  await learner.untilHeard(/The Browser pane shows localhost:8888/);
  await learner.learner.shownPage.getByText('Hello world').waitFor();
  await learner.to('side-pane');
  const colour = (): Promise<string> => learner.learner.shownPage.locator('body').evaluate(body => body.style.background);
  const before = await colour();
  await learner.press(/^Reload$/);
  await expect.poll(colour).not.toBe(before);
  await learner.press(/^Close side column$/);
  await expect.poll(async () => (await learner.focused()).name).toBe('Browser');
});
