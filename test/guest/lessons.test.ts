import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { lessonFolders } from '../../src/node/lesson/site-lessons.ts';
import { expectLessonWorks } from '../support/lesson.ts';

/** A lesson with builds and many containers takes minutes on a slow machine. */
const LESSON_MILLISECONDS = 1_800_000;

const folders = await lessonFolders();

test('there are lessons', () => expect(folders.length).toBeGreaterThan(0));

test.each(folders.map(folder => [basename(folder), folder] as const))(
  'the lesson %s: each check fails before its step is done and passes after it',
  (_, folder) => expectLessonWorks(folder),
  LESSON_MILLISECONDS,
);
