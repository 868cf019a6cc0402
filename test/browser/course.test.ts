/** Lessons of the course, from beginning to end; others are done in offline.test.ts, keyboard-course.test.ts and test/guest/lessons.test.ts. */
import { afterEach, expect, test } from 'vitest';
import { CourseLearner } from './course-learner.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

let drydock: OpenDrydock | undefined;
afterEach(() => drydock?.close());

test.each(['01-why-containers', '10-containers-and-virtual-machines'])('lesson %s can be done from beginning to end', async id => {
  drydock = await openDrydock({ viewport: { width: 1600, height: 1000 } }, `?lesson=${id}`);
  const course = await CourseLearner.of(drydock.learner, id);
  await course.doSteps();
  expect(await course.foot()).toContain('done');
});
