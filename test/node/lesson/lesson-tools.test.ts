import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unpackLesson } from '../../../src/core/lesson/format/packed-lesson.ts';
import { projectFolder } from '../../../src/node/builder/folders.ts';
import { readLessonFolder } from '../../../src/node/lesson/lesson-folder.ts';
import { lessonTable } from '../../../src/node/lesson/lesson-table.ts';
import { lessonReference, referenceFile } from '../../../src/node/lesson/reference.ts';
import { scaffold } from '../../../src/node/lesson/scaffold.ts';
import { lessonFolders, writeSiteLessons } from '../../../src/node/lesson/site-lessons.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'drydock-lessons-'))));
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

async function writeScaffold(name: string, title = 'A try'): Promise<void> {
  for (const [path, content] of scaffold(title)) await write(`${name}/${path}`, content);
}

describe('a folder', () => {
  test('is read with its folders inside, without what systems leave there', async () => {
    await writeScaffold('12-try');
    for (const path of ['.DS_Store', '.git/config', 'files/.DS_Store', 'files/.dockerignore']) await write(`12-try/${path}`, 'x');
    const { id, lesson, files, problems } = await readLessonFolder(join(folder, '12-try'));
    expect(problems).toEqual([]);
    expect(id).toBe('12-try');
    expect([...files.keys()]).toEqual(['files/.dockerignore', 'files/greeting.txt', 'lesson.md', 'solution/write/Dockerfile']);
    expect(lesson?.steps.map(step => step.id)).toEqual(['write', 'run']);
  });

  test('that is not there, or is no lesson by far, is said to be so', async () => {
    await expect(readLessonFolder(join(folder, 'gone'))).rejects.toThrow('There is no folder');
    await write('file', 'x');
    await expect(readLessonFolder(join(folder, 'file'))).rejects.toThrow('There is no folder');
    await writeScaffold('12-try');
    await expect(readLessonFolder(join(folder, '12-try/lesson.md'))).rejects.toThrow(/Did you mean \S*12-try\?/);
    for (const name of ['02-first-image', '02-first-imgae'])
      await expect(readLessonFolder(name)).rejects.toThrow(`There is no folder ${name}. Did you mean lessons/02-first-image?`);
    await expect(readLessonFolder('quite-another')).rejects.toThrow('Lessons of this site are lessons/01-why-containers, ');
    for (let index = 0; index <= 400; index++) await write(`many/files/${index}`, '');
    await expect(readLessonFolder(join(folder, 'many'))).rejects.toThrow('holds far more than a lesson may');
  });
});

test.each(['A try', 'Say: "it\'s"', '{braces}'])('what `new` begins is a valid lesson, whatever its title (%s)', async title => {
  await writeScaffold('x', title);
  const { lesson, problems } = await readLessonFolder(join(folder, 'x'));
  expect(problems).toEqual([]);
  expect(lesson?.frontMatter.title).toBe(title);
});

describe('the lessons of a site', () => {
  test('are an index in the order of their names and a packed file each', async () => {
    await writeScaffold('source/02-b', 'B');
    await writeScaffold('source/01-a', 'A');
    await writeSiteLessons(join(folder, 'site'), join(folder, 'source'));
    const index: unknown = JSON.parse(await readFile(join(folder, 'site/lessons/index.json'), 'utf8'));
    const steps = [
      { id: 'write', title: 'Write the Dockerfile' },
      { id: 'run', title: 'Build and run it' },
    ];
    expect(index).toMatchObject([
      { id: '01-a', title: 'A', minutes: 10, steps, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { id: '02-b', title: 'B' },
    ]);
    const { id, files } = unpackLesson(await readFile(join(folder, 'site/lessons/01-a.lesson.json'), 'utf8'));
    expect(id).toBe('01-a');
    expect([...files.keys()]).toEqual(['files/greeting.txt', 'lesson.md', 'solution/write/Dockerfile']);
  });

  test('a lesson with problems stops the build, with all of them', async () => {
    await writeScaffold('source/01-a');
    await write('source/02-b/lesson.md', '---\ntitel: x\n---\n');
    await expect(writeSiteLessons(join(folder, 'site'), join(folder, 'source'))).rejects.toThrow(
      /02-b\/lesson\.md:1:1: The lesson has no steps[\s\S]*02-b\/lesson\.md:2:1: Unknown field `titel`/,
    );
  });

  test('a site without lessons has an empty index', async () => {
    await writeSiteLessons(join(folder, 'site'), join(folder, 'gone'));
    expect(await readFile(join(folder, 'site/lessons/index.json'), 'utf8')).toBe('[]\n');
  });
});

test.each(await lessonFolders())('the lesson %s is valid', async one => expect((await readLessonFolder(one)).problems).toEqual([]));

test("the author's reference is what the schemas say", async () => {
  const written = await readFile(join(projectFolder, referenceFile), 'utf8');
  expect(written, 'run "npm run lesson -- reference" and commit what it writes').toBe(lessonReference());
});

test('a report is a table', () => {
  const checks = [{ sentence: 'There is a file `a`', before: 'failed', after: 'passed' }] as const;
  expect(lessonTable({ steps: [{ title: 'One', seconds: 1.4, checks, quizCount: 1 }], problems: [] }).split('\n')).toEqual([
    'Step and checks          before   after    time',
    '1 One                                      1 s',
    '    There is a file `a`  failed   passed',
    '    1 quiz tried',
  ]);
});
