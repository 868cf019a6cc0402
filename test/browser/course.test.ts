/** The lesson with the lab, from beginning to end; others are done in offline.test.ts, keyboard-course.test.ts and test/guest/lessons.test.ts. */
import { afterEach, expect, test } from 'vitest';
import { CourseLearner } from './course-learner.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

let drydock: OpenDrydock | undefined;
afterEach(() => drydock?.close());

test('lesson 10 can be done from beginning to end', async () => {
  const id = '10-containers-and-virtual-machines';
  drydock = await openDrydock({ viewport: { width: 1600, height: 1000 } }, `?lesson=${id}`);
  const course = await CourseLearner.of(drydock.learner, id);
  await course.doSteps();
  expect(await course.foot()).toContain('done');
});
