/** The lesson with the lab, until both machines run in the page; whole, as the others, it is done in test/guest/lessons.test.ts. */
import { afterEach, expect, test } from 'vitest';
import { CourseLearner } from './course-learner.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

let drydock: OpenDrydock | undefined;
afterEach(() => drydock?.close());

test('lesson 10: a guess, a virtual machine and a container of the lab', async () => {
  const id = '10-containers-and-virtual-machines';
  drydock = await openDrydock({ viewport: { width: 1600, height: 1000 } }, `?lesson=${id}`);
  const course = await CourseLearner.of(drydock.learner, id);
  await course.doSteps('container');
  await expect.poll(() => course.foot(), { timeout: 30_000 }).toMatch(/Step 4 of \d+/);
});
