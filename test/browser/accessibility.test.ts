import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LearnerPage } from './learner-page.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

describe('without a mouse, without sight, on a small screen', () => {
  let drydock: OpenDrydock;
  let learner: LearnerPage;
  beforeAll(async () => {
    drydock = await openDrydock();
    learner = drydock.learner;
    await learner.page.locator('.monaco-editor').first().waitFor({ timeout: 60_000 });
  });
  afterAll(() => drydock?.close());

  const violations = async (): Promise<string[]> => {
    const { violations: found } = await new AxeBuilder({ page: learner.page }).analyze();
    return found.flatMap(({ id, nodes }) => nodes.map(({ failureSummary = '', html }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
  };

  test('axe finds nothing, in light and in dark', async () => {
    expect(await violations()).toEqual([]);
    await learner.page.getByRole('button', { name: 'Use dark colours' }).click();
    expect(await violations()).toEqual([]);
    await learner.page.getByRole('button', { name: 'Use light colours' }).click();
  });

  test('axe finds nothing in the browser pane either', async () => {
    const { page } = learner;
    await page.getByRole('button', { name: 'Browser' }).click();
    await page.getByRole('textbox', { name: 'Address' }).fill('example.com');
    await page.keyboard.press('Enter');
    await page.getByText('There is no internet in here').waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Use dark colours' }).click();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Use light colours' }).click();
    await page.getByRole('button', { name: 'Close side column' }).click();
  });

  test('axe finds nothing where the editor marks words: the one at the cursor, the selected, the found', async () => {
    const { page } = learner;
    await learner.file('Dockerfile').press('Enter');
    const marked = async (): Promise<void> => {
      await page.locator('.monaco-editor .view-line').first().click();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      await page.locator('.view-overlays :is(.wordHighlightText, .wordHighlight)').first().waitFor({ state: 'attached' });
      expect(await violations()).toEqual([]);
      await page.keyboard.press('Control+Shift+ArrowRight');
      await page.locator('.view-overlays .selected-text').first().waitFor({ state: 'attached' });
      expect(await violations()).toEqual([]);
      await page.keyboard.press('Control+f');
      await page.locator('.view-overlays :is(.findMatch, .currentFindMatch)').first().waitFor({ state: 'attached' });
      expect(await violations()).toEqual([]);
      await page.keyboard.press('Escape');
    };
    await marked();
    await page.getByRole('button', { name: 'Use dark colours' }).click();
    await marked();
    await page.getByRole('button', { name: 'Use light colours' }).click();
  });

  test('Tab goes round the whole page and is nowhere caught once Ctrl+M was pressed', async () => {
    const { page } = learner;
    await learner.focusTerminal();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Terminal 1');
    await page.keyboard.press('Control+m');
    const seen = new Set<string>();
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab');
      seen.add((await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)) ?? '');
    }
    for (const name of ['New file', 'File actions', 'Files', 'Editor', 'Terminal 1', 'Paste', 'Use dark colours', 'Machine']) {
      expect([...seen], name).toContain(name);
    }
    expect([...seen].some(name => name.startsWith('Dockerfile, editor'))).toBe(true);
    await page.keyboard.press('Control+m');
  });

  test('F6 goes through the parts of the page, also out of editor and terminal, and back to where one was', async () => {
    const { page } = learner;
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
    // F6 goes to where one was last.
    await learner.file('Dockerfile').focus();
    await learner.focusTerminal();
    const seen: string[] = [];
    do {
      await page.keyboard.press('F6');
      seen.push(await focused());
    } while (seen.at(-1) !== 'Terminal 1' && seen.length < 12);
    expect(seen.filter(name => name !== 'See the lessons')).toEqual([
      'Browser',
      'Lessons',
      'Dockerfile',
      expect.stringMatching(/^Dockerfile, editor/),
      'Terminal 1',
    ]);
    await page.keyboard.press('Shift+F6');
    expect(await focused()).toMatch(/^Dockerfile, editor/);
    await page.keyboard.press('Shift+F6');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('F6');
    await page.keyboard.press('Shift+F6');
    expect(await focused()).toBe('hello-world.py');
  });

  test('what the keys do can be read, and the keyboard comes back from there', async () => {
    const { page } = learner;
    await page.getByRole('button', { name: 'Machine', exact: true }).press('Enter');
    await page.getByRole('menuitem', { name: 'Keys…' }).press('Enter');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Machine');
  });

  test('a splitter moves, collapses and comes back by keys', async () => {
    const splitter = learner.page.getByRole('separator', { name: 'Files' });
    const width = (): Promise<number> => learner.page.getByRole('region', { name: 'Files' }).evaluate(pane => pane.clientWidth);
    const before = await width();
    await splitter.press('ArrowRight');
    expect(await width()).toBe(before + 20);
    await splitter.press('Enter');
    expect(await learner.page.getByRole('tree').isVisible()).toBe(false);
    await splitter.press('Enter');
    expect(await learner.page.getByRole('tree').isVisible()).toBe(true);
  });

  test('the tree by keys: rename, delete, undo', async () => {
    const { page } = learner;
    await learner.file('hello-world.py').press('F2');
    await page.getByRole('textbox', { name: 'New name' }).fill('hi.py');
    await page.keyboard.press('Enter');
    await learner.file('hi.py').press('Delete');
    await learner.file('hi.py').waitFor({ state: 'detached' });
    // The tree hands the focus to the next row; whoever presses before that presses there.
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'treeitem');
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await learner.file('hi.py').waitFor();
  });

  test('on a phone the panes are tabs', async () => {
    const { page } = learner;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('tab', { name: 'Files' }).click();
    await learner.file('Dockerfile').click();
    await page.locator('.monaco-editor').first().waitFor();
    expect(await learner.page.getByRole('tree').isVisible()).toBe(false);
    expect(await violations()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
