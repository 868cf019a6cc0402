import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LessonProblem } from '../../src/core/lesson/lesson.ts';
import { parseLesson } from '../../src/core/lesson/format/parse-lesson.ts';
import { problemLine } from '../../src/core/lesson/format/problems.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { runLesson } from '../../src/node/lesson/run-lesson.ts';
import { scaffold } from '../../src/node/lesson/scaffold.ts';
import { startGuestSandbox } from '../support/guest.ts';

let sandbox: LocalSandbox;
beforeAll(async () => void (sandbox = await startGuestSandbox()));
afterAll(() => sandbox?.dispose());

/** Does a lesson in the guest that all tests here share; gives what was wrong with it. */
async function run(files: ReadonlyMap<string, string>): Promise<readonly LessonProblem[]> {
  const { lesson, problems } = parseLesson('test', new Map([...files].map(([path, text]) => [path, new TextEncoder().encode(text)])));
  expect(problems.map(problemLine)).toEqual([]);
  const report = await runLesson(lesson!, sandbox);
  return report.problems;
}

/** The lesson with this text below its front matter, which ends on line 6. */
function lesson(text: string, files: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  return new Map([['lesson.md', `---\ntitle: T\nsummary: S\nminutes: 5\n---\n${text}`], ...Object.entries(files)]);
}

test('what `npm run lesson -- new` begins passes as it is', async () => {
  expect(await run(scaffold('A try'))).toEqual([]);
});

describe('a solution', () => {
  test('types commands, keys, and into programs that show a prompt, and its checks are made in between', async () => {
    const text = `## Inside {#inside}
\`\`\`check
- typed: docker run --rm -it
- typed: cat
  exitCode: 130
- file: out.txt
  contains: inside
- typed: /^echo a.*b$/
- command: cat /tmp/marker
  output: here
\`\`\`
\`\`\`solution
docker run --rm -it -v /workspace:/w busybox
> echo in"side" > /w/out.txt
> exit
cat
^C
echo here > /tmp/marker
rm /tmp/marker
echo a \\
  b
\`\`\`
`;
    expect(await run(lesson(text))).toEqual([]);
  });

  test('may leave a program in front, which the next step ends', async () => {
    const text = `## Start {#start}
\`\`\`check
- http: 8000/page.txt
  body: a page
\`\`\`
\`\`\`solution
docker run --rm -v /workspace:/w -w /w -p 8000:8000 busybox sh -c 'trap exit INT; httpd -f -p 8000 & wait'
\`\`\`

## Stop {#stop}
\`\`\`check
- typed: httpd
  exitCode: any
\`\`\`
\`\`\`solution
^C
\`\`\`
`;
    expect(await run(lesson(text, { 'files/page.txt': 'a page' }))).toEqual([]);
  });
});

test('what a container was given, and what it writes a while after its command has ended', async () => {
  const head = '---\ntitle: T\nsummary: S\nminutes: 5\ncleanup: [ docker rm -f talker ]\n---\n';
  const text = `## Start {#start}
\`\`\`check
- container: talker
  environment: { COLOUR: /^red$/, PATH: /bin }
- container: talker
  logs: [ready, /^A=\\d$/]
\`\`\`
\`\`\`solution
docker run -d --name talker -e COLOUR=red busybox sh -c 'sleep 2; echo ready; echo A=1 >&2; sleep 600'
\`\`\`
`;
  expect(await run(new Map([['lesson.md', head + text]]))).toEqual([]);
});

test('checks that show nothing, solutions that do not do it, quizzes that are wrong: each at its place', async () => {
  const text = `## One {#one}
\`\`\`check
- file: there.txt
- file: never.txt
- command: 'false'
  exitCode: 1
\`\`\`
\`\`\`quiz
question: How many?
answerFrom: ls /nowhere
\`\`\`
\`\`\`quiz
question: Which?
answer: /.*/
\`\`\`
\`\`\`solution
echo done
\`\`\`
`;
  const found = (await run(lesson(text, { 'files/there.txt': '' }))).map(problemLine);
  expect(found.map(line => line.split('\n')[0])).toEqual([
    'lesson.md:8:3: "There is a file `there.txt`" is true before anything was done in its step: the check shows nothing.',
    'lesson.md:10:3: "`false` ends with exit code 1" is true before anything was done in its step: the check shows nothing.',
    'lesson.md:9:3: "There is a file `never.txt`" is not true after the solution. Expected: There is a file `never.txt` in the workspace. Found: There is no file of that name.',
    expect.stringMatching(/^lesson\.md:14:1: The quiz "How many\?": `ls \/nowhere`: `ls: \/nowhere/),
    'lesson.md:18:1: The quiz "Which?": the wrong answer "zzqx 9174" is judged right.',
  ]);
});

test('a set-up that fails, and a lab that is not there, are told', async () => {
  const head = '---\ntitle: T\nsummary: S\nminutes: 5\nsetup: [ ls /nowhere, "true" ]\n---\n';
  const [setup] = await run(new Map([['lesson.md', `${head}## One\n`]]));
  expect(setup?.message).toMatch(/^Of the set-up, `ls \/nowhere` ended with exit code 1: ls: \/nowhere/);
  const [lab] = await run(lesson('## One\n```check\n- lab: vm-answered\n```\n'));
  expect(lab?.message).toBe('This lesson uses the lab, and this run has none: it was read, and not run.');
});
