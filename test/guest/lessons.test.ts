/** The lessons of the course that are not done whole in the page by test/browser, one after the other in one machine, as a learner does them. */
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { lessonFolders } from '../../src/node/lesson/site-lessons.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { expectLessonWorks } from '../support/lesson.ts';

/** A lesson with builds and many containers takes minutes on a slow machine. */
const LESSON_MILLISECONDS = 1_800_000;

/** See keyboard-course.test.ts: no step of it may count as done before its solution, either. */
const DONE_IN_PAGE = new Set(['02-first-image']);

const folders = (await lessonFolders()).filter(folder => !DONE_IN_PAGE.has(basename(folder)));

let sandbox: LocalSandbox;
beforeAll(async () => void (sandbox = await startGuestSandbox()));
afterAll(() => sandbox?.dispose());

test('there are lessons', () => expect(folders.length).toBeGreaterThan(0));

test.each(folders.map(folder => [basename(folder), folder] as const))(
  'the lesson %s: each check fails before its step is done and passes after it',
  (_, folder) => expectLessonWorks(folder, sandbox),
  LESSON_MILLISECONDS,
);
