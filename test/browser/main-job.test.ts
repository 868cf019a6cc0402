import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LearnerPage } from './learner-page.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

/** What is between the editor and the terminals; the tutorial itself is done in keyboard-course.test.ts. */
describe('the two files to begin with', () => {
  let drydock: OpenDrydock;
  let learner: LearnerPage;
  beforeAll(async () => {
    drydock = await openDrydock();
    learner = drydock.learner;
  });
  afterAll(() => drydock?.close());

  test('the page opens with the two files', async () => {
    await expect.poll(() => learner.page.getByRole('treeitem').allInnerTexts()).toEqual(['Dockerfile', 'hello-world.py']);
    await expect.poll(() => learner.editorText()).toContain('CMD ["python3", "hello-world.py"]');
  });

  test('what is typed in the editor is what the next command uses', async () => {
    await learner.file('hello-world.py').click();
    await expect.poll(() => learner.editorText()).toContain('print("Hello world")');
    await learner.typeInEditor('print("Typed just now")');
    // No pause in between: the Enter of the command waits for the file.
    await learner.enter('python3 hello-world.py || tail -n1 hello-world.py', /Typed just now/);
  });

  test('a file that a command writes appears in the tree and opens', async () => {
    await learner.enter('echo "by the guest" > made.txt; echo do""ne', /^done$/m);
    await learner.file('made.txt').click();
    await expect.poll(() => learner.editorText()).toContain('by the guest');
  });

  test('files survive a reload and are in the new machine', async () => {
    await learner.page.reload();
    await learner.untilPrompt();
    await learner.enter('cat made.txt hello-world.py', /by the guest[^]*Typed just now/);
  });
});
