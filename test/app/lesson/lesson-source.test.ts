import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Course, parseCourse } from '../../../src/app/session/lesson/course.ts';
import {
  fetchLessonText,
  idOfAddress,
  isForeign,
  lessonKey,
  lessonParameter,
  parseLessonParameter,
} from '../../../src/app/session/lesson/lesson-source.ts';
import { serveFolder, type StaticServer } from '../../../src/node/serve/static-server.ts';

const entry = { id: '01-why', title: 'Why', summary: 'Because.', minutes: 5, steps: [{ id: 'a', title: 'A' }] };

let folder: string;
let server: StaticServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drydock-lessons-'));
  await mkdir(join(folder, 'lessons'));
  await writeFile(join(folder, 'lessons/index.json'), JSON.stringify([entry, { ...entry, id: '02-next' }]));
  await writeFile(join(folder, 'lessons/big.lesson.json'), 'x'.repeat(2 * 1024 * 1024 + 1));
  server = await serveFolder(folder, 0);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('what ?lesson= asks for', () => {
  test.each([
    [null, undefined],
    ['', undefined],
    ['02-first-image', { kind: 'course', id: '02-first-image' }],
    ['dropped:my lesson', { kind: 'dropped', id: 'my lesson' }],
  ])('%s', (value, source) => expect(parseLessonParameter(value)).toEqual(source));

  test.each(['../x', 'javascript:alert(1)', 'data:text/plain,x', 'file:///etc/passwd', 'Über'])('%s is refused', value =>
    expect(() => parseLessonParameter(value)).toThrow(/neither a lesson of this site nor an address/),
  );

  test('a source is asked for again by its parameter; what is not of this site is foreign', () => {
    for (const source of [
      { kind: 'course', id: '01-why' },
      { kind: 'dropped', id: 'x' },
    ] as const) {
      expect(parseLessonParameter(lessonParameter(source)!)).toEqual(source);
    }
    expect(lessonParameter({ kind: 'packed', text: '' })).toBeUndefined();
    expect(lessonKey({ kind: 'packed', text: '' }, 'try')).toBe('packed:try');
    expect(isForeign({ kind: 'course', id: '01-why' })).toBe(false);
    expect(isForeign({ kind: 'address', url: 'https://x/' })).toBe(true);
    expect(isForeign({ kind: 'dropped', id: 'x' })).toBe(true);
  });

  test.each([
    ['https://x.org/hello/lesson.md', 'hello'],
    ['https://x.org/hello.lesson.json?v=2', 'hello'],
    ['https://x.org/my%20first.md', 'my first'],
    ['https://x.org/', 'lesson'],
  ])('%s is named %s', (url, id) => expect(idOfAddress(url)).toBe(id));
});

describe('fetching', () => {
  test('what is too big is refused before it is whole', async () => {
    await expect(fetchLessonText(`${server.url}lessons/big.lesson.json`, true)).rejects.toThrow(/too big/);
  });

  test('what is not there is said, and so is a site that does not answer', async () => {
    await expect(fetchLessonText(`${server.url}none`, true)).rejects.toThrow(/There is no lesson at/);
    await expect(fetchLessonText('http://127.0.0.1:9/x', true)).rejects.toThrow(/Access-Control-Allow-Origin/);
  });
});

describe('the course', () => {
  test('is read once; it knows what follows', async () => {
    const course = new Course(server.url);
    expect(course.entries.value).toBeUndefined();
    await Promise.all([course.load(), course.load()]);
    expect(course.entries.value).toHaveLength(2);
    expect(course.after('01-why')?.id).toBe('02-next');
    expect(course.after('02-next')).toBeUndefined();
    expect(course.addressOf('01-why')).toBe(`${server.url}lessons/01-why.lesson.json`);
  });

  test('a list that is damaged or missing is a problem that can be tried again', async () => {
    const course = new Course(`${server.url}nowhere/`);
    await course.load();
    expect(course.problem.value).toContain('There is no lesson at');
    for (const text of ['{}', '[', '[{"id":1}]', JSON.stringify([{ ...entry, steps: [1] }])]) {
      expect(() => parseCourse(text)).toThrow('damaged');
    }
  });
});
