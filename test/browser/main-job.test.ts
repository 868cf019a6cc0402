import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LearnerPage } from './learner-page.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

describe('the tutorial’s hello-world, typed', () => {
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

  test('build, images, run', async () => {
    await learner.enter('docker build -t student/hello-world:v1 .', /naming to docker\.io\/student\/hello-world:v1/);
    await learner.enter('docker images', /student\/hello-world +v1/);
    await learner.enter('docker run student/hello-world:v1', /^Hello world$/m);
  });

  test('what is typed in the editor is what the next command uses', async () => {
    await learner.file('hello-world.py').click();
    await expect.poll(() => learner.editorText()).toContain('print("Hello world")');
    await learner.typeInEditor('print("Typed just now")');
    // No pause in between: the Enter of the command waits for the file.
    await learner.enter('python3 hello-world.py || tail -n1 hello-world.py', /Typed just now/);
  });

  test('a shell in a container', async () => {
    await learner.focusTerminal();
    await learner.enter('docker run -it student/hello-world:v1 bash', /root@[0-9a-f]+:\/app#/);
    await learner.enter('python3 hello-world.py', /^Hello world$/m);
    await learner.enter('exit', /workspace[$#]/);
  });

  test('a container in the background, seen and stopped by the first four of its id', async () => {
    const shown = await learner.enter('docker run -d busybox sleep 600', /^[0-9a-f]{64}$/m);
    const id = /^[0-9a-f]{64}$/m.exec(shown)?.[0].slice(0, 4) ?? '';
    await learner.enter('docker ps', /busybox +"sleep 600"/);
    await learner.enter(`docker stop -t 1 ${id}`, new RegExp(`^${id}$`, 'm'));
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
