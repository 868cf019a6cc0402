import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LessonRun } from '../../../src/app/session/lesson/lesson-run.ts';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { bytes, FakeBrowser, FakePage, packed, recorded } from './fake-page.ts';

const head = (more = ''): string => `---\ntitle: Try\nsummary: To try.\nminutes: 1\n${more}---\n\nHello.\n`;
const checks = (yaml: string): string => `\n\`\`\`check\n${yaml}\n\`\`\`\n`;
const greeting = `${head("variables:\n  user: { label: Name, default: student, pattern: '[a-z]{3,9}' }\n")}
## Write {#write}
${checks('- file: a.txt\n  contains: hello {{user}}\n  hint: Write it.')}
## Build {#build}
${checks("- image: 'student/hi:v1'\n- typed: docker images")}
\`\`\`solution
docker images
\`\`\`

## Read {#read}

Only text.
`;
const files = { 'files/a.txt': 'start {{user}}\n', 'solution/write/a.txt': 'hello {{user}}\n' };

let page: FakePage;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  page = await new FakePage().open();
});
afterEach(() => {
  page.lessons.stop();
  vi.useRealTimers();
});

/** Lets everything happen that is due, and what follows from it over several turns. */
const settle = async (milliseconds = 2000): Promise<void> => {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await vi.advanceTimersByTimeAsync(10);
};
/** Opens a lesson that a page around gives; its commands, if it has any, are agreed to. */
async function open(text: string, others: Record<string, string> = {}): Promise<LessonRun> {
  await page.lessons.open({ kind: 'packed', text: packed(text, others) });
  const run = page.lessons.run.value;
  if (run === undefined) throw new Error(JSON.stringify(page.lessons.state.value));
  if (run.consent.value === 'wanted') run.consentTo(true);
  await settle();
  return run;
}
const outcomes = (run: LessonRun): (string | undefined)[] => [...run.checks.value.values()].map(({ result }) => result?.outcome);

describe('a lesson from beginning to end', () => {
  test('what is typed is checked by itself; a failure says what was expected, what was found and what to try', async () => {
    const run = await open(greeting, files);
    expect(page.text('a.txt')).toBe('start student\n');
    expect(page.openFiles.active.value).toBe('a.txt');
    expect(outcomes(run)).toEqual([undefined]);
    page.type('a.txt', 'good day\n');
    await settle();
    expect([...run.checks.value.values()][0]?.result).toMatchObject({
      outcome: 'failed',
      found: expect.stringContaining('good day'),
      hint: 'Write it.',
    });
    page.type('a.txt', 'hello student\n');
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
    expect([...run.stepsPassed.value]).toEqual(['write']);
    expect(page.told.at(-1)).toMatch(/^Passed: .*a\.txt.* This step is done\.$/);
  });

  test('the engine’s events and finished commands, then a step that only wants to be read', async () => {
    const run = await open(greeting, files);
    const events: string[] = [];
    page.lessons.onStepPassed(({ stepId, index, count }) => events.push(`${stepId} ${index + 1}/${count}`));
    page.lessons.onLessonCompleted(({ lessonId }) => events.push(`${lessonId} completed`));
    page.type('a.txt', 'hello student\n');
    await settle();
    run.next();
    page.engine.set('/images/json', '[]');
    page.event('image', 'tag');
    await settle();
    expect(outcomes(run)).toEqual(['failed', undefined]);
    page.engine.set('/images/json', recorded('images'));
    page.event('image', 'tag');
    page.enter('docker images', 1);
    await settle();
    expect(outcomes(run)).toEqual(['passed', 'failed']);
    page.enter('docker   images');
    await settle();
    expect(outcomes(run)).toEqual(['passed', 'passed']);
    run.next();
    expect(run.step.value.id).toBe('read');
    expect(run.isCompleted.value).toBe(false);
    run.next();
    expect(events).toEqual(['write 1/3', 'build 2/3', 'read 3/3', 'try completed']);
  });

  test('what was entered after a step had passed counts for the next; what was entered before does not', async () => {
    page.engine.set('/images/json', recorded('images'));
    const run = await open(greeting, files);
    page.enter('docker images');
    page.type('a.txt', 'hello student\n');
    await settle();
    run.next();
    await settle();
    expect(outcomes(run)).toEqual(['passed', undefined]);
    run.goTo(0);
    page.enter('docker images');
    run.goTo(1);
    await settle();
    expect(outcomes(run)).toEqual(['passed', 'passed']);
  });

  test('a command by which a step has passed does not count for the next when it ends a moment later', async () => {
    page.engine.set('/images/json', recorded('images'));
    const text = `${head()}\n## Build\n${checks("- image: 'student/hi:v1'")}\n## Again\n${checks('- typed: docker build')}`;
    const run = await open(text);
    expect(outcomes(run)).toEqual(['passed']);
    page.enter('docker build .', 0, 5000);
    run.next();
    await settle();
    expect(outcomes(run)).toEqual([undefined]);
    // A server that was left in front, and is ended in this step.
    await settle(10_000);
    page.enter('docker build .', 0, 60_000);
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
  });

  test('who asks for the checks is told how they stand, also where nothing has changed', async () => {
    const run = await open(greeting, files);
    for (let time = 1; time <= 2; time++) {
      page.told.length = 0;
      const asked = run.check();
      await settle(0);
      await asked;
      expect(page.told.at(-1)).toBe('Checked: 0 of 1 done.');
    }
  });

  test('what has not passed is told once, and says its sentence once', async () => {
    const run = await open(`${head()}\n## One\n${checks('- typed: /^ls/\n  say: You have looked')}`);
    page.enter('pwd');
    await settle();
    page.enter('pwd');
    await settle();
    expect(page.told.filter(text => text.startsWith('Not yet'))).toEqual(['Not yet: You have looked. Found: The last command was pwd.']);
    expect(outcomes(run)).toEqual(['failed']);
  });

  test('what happens in the lab', async () => {
    const run = await open(`${head()}\n## One\n${checks('- lab: vm-answered')}`);
    let tell: (moment: 'vm-answered') => void = () => undefined;
    page.lessons.attachLab({
      onMoment: listener => {
        tell = listener;
        return () => undefined;
      },
      act: () => Promise.resolve(),
    });
    tell('vm-answered');
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
  });

  test('a page of a port: looked at when ports change and when the browser pane shows one', async () => {
    for (const path of ['/containers/json?all=true', '/containers/json?all=false']) page.engine.set(path, '[]');
    const run = await open(`${head()}\n## One\n${checks('- http: 8888/\n  body: Hello')}`);
    page.ports.value = [{ hostPort: 8888, containerPort: 80, protocol: 'tcp', container: 'web', containerId: 'c', image: 'i' }];
    await settle();
    expect(outcomes(run)).toEqual(['failed']);
    page.served.set(8888, '<h1>Hello</h1>');
    page.frame.value = { ...page.frame.value, kind: 'page', address: 'localhost:8888/' };
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
  });

  test('what a container has written: looked at when it writes, and never by the clock', async () => {
    const logs = (tail: number, isFollowed: boolean) => `/containers/c1/logs?stdout=true&stderr=true&tail=${tail}&follow=${isFollowed}`;
    page.engine.set('/containers/json?all=true', JSON.stringify([{ Id: 'c1', Names: ['/web'], Image: 'i', State: 'running' }]));
    page.engine.set(logs(2000, false), 'starting\n');
    const run = await open(`${head()}\n## One\n${checks('- container: web\n  logs: ready')}`);
    page.event('container', 'start');
    await settle();
    expect(outcomes(run)).toEqual(['failed']);
    page.engine.set(logs(2000, false), 'starting\nready\n');
    await settle(60_000);
    expect(outcomes(run)).toEqual(['failed']);
    page.sends(logs(1, true), 'ready\n');
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
  });

  test('`check()` answers at once, for a page around', async () => {
    await open(greeting, files);
    const answered = page.lessons.check();
    await settle(0);
    expect(await answered).toMatchObject([{ say: expect.stringContaining('a.txt'), isPassed: false, result: { outcome: 'failed' } }]);
    await page.lessons.close();
    expect(await page.lessons.check()).toEqual([]);
  });
});

describe('the machine', () => {
  const prepared = `${head('setup: [docker pull busybox, touch /tmp/x]\ncleanup: [docker rm -f web]\n')}\n## One\n${checks('- command: test -e /tmp/x')}`;

  test('is prepared before anything is asked of it, anew in each machine', async () => {
    page.state.value = { kind: 'starting' };
    const run = await open(prepared);
    expect(run.setup.value.kind).toBe('waiting');
    expect(page.ran).toEqual([]);
    page.restartMachine();
    await settle();
    expect(page.ran).toEqual(['docker pull busybox', 'touch /tmp/x', 'test -e /tmp/x']);
    expect(run.setup.value.kind).toBe('done');
    expect(outcomes(run)).toEqual(['passed']);
    page.restartMachine();
    await settle();
    expect(page.ran.slice(3)).toEqual(['docker pull busybox', 'touch /tmp/x']);
  });

  test('that goes on after the visit is not prepared a second time, and knows which steps have passed in it', async () => {
    // A machine that has one folder, for marks.
    const marks = new Map<string, string>();
    page.isKept = true;
    page.runs = command => {
      const [, file = ''] = /(\/run\/drydock-lessons\/[0-9a-f]+)/.exec(command) ?? [];
      const isThere = marks.has(file);
      if (command.startsWith('mkdir')) marks.set(file, '');
      if (command.startsWith('rm')) marks.delete(file);
      const [, id] = /printf '%s\\n' '(.*?)'/.exec(command) ?? [];
      if (id !== undefined && isThere) marks.set(file, `${marks.get(file)}${id}\n`);
      return Promise.resolve({ exitCode: command.startsWith('cat') && !isThere ? 1 : 0, stdout: marks.get(file) ?? '', stderr: '' });
    };
    const commands = (): string[] => page.ran.filter(command => !command.includes('drydock-lessons'));
    const run = await open(prepared);
    // Hashing takes real time.
    await vi.waitFor(() => expect(commands()).toEqual(['docker pull busybox', 'touch /tmp/x', 'test -e /tmp/x']));
    await vi.waitFor(() => expect([...marks.values()]).toEqual(['one\n']));
    page.ran.length = 0;
    page.restartMachine();
    await vi.waitFor(() => expect(run.setup.value.kind).toBe('done'));
    expect(commands()).not.toContain('docker pull busybox');
    run.retrySetup();
    await vi.waitFor(() => expect(commands()).toContain('docker pull busybox'));
    await vi.waitFor(() => expect(run.setup.value.kind).toBe('done'));
    await page.lessons.close();
    expect(marks.size).toBe(0);
  });

  test('a set-up command that fails is told with what it said, and can be tried again', async () => {
    page.runs = command => Promise.resolve({ exitCode: command.startsWith('docker') ? 1 : 0, stdout: '', stderr: 'no route\n' });
    const run = await open(prepared);
    expect(run.setup.value).toEqual({
      kind: 'failed',
      failures: [{ command: 'docker pull busybox', reason: 'It ended with exit code 1: no route' }],
    });
    page.runs = () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
    run.retrySetup();
    await settle();
    expect(run.setup.value.kind).toBe('done');
  });

  test('is tidied up when the lesson is left, also where that fails', async () => {
    await open(prepared);
    page.ran.length = 0;
    page.runs = () => Promise.reject(new SandboxError('machine-stopped', 'gone'));
    await page.lessons.close();
    expect(page.ran).toEqual(['docker rm -f web']);
    expect(page.text('own.txt')).toBe('mine');
  });

  test('a step that passed in a machine that is gone is named with its commands', async () => {
    page.engine.set('/images/json', recorded('images'));
    const run = await open(greeting, files);
    page.type('a.txt', 'hello student\n');
    await settle();
    run.next();
    page.enter('docker images');
    await settle();
    run.next();
    expect(run.lostSteps.value).toEqual([]);
    page.restartMachine();
    // The first step has nothing that a machine could lose.
    expect(run.lostSteps.value.map(({ id }) => id)).toEqual(['build']);
  });
});

describe('a lesson from elsewhere', () => {
  const foreign = `${head('setup: [touch /tmp/x]\n')}\n## One\n${checks('- command: test -e /tmp/x\n- file: a.txt')}
\`\`\`quiz
question: Which kernel?
answerFrom: uname -r
\`\`\`
`;

  test('runs no command before the learner has agreed, and none of those he refused', async () => {
    await page.lessons.open({ kind: 'packed', text: packed(foreign) });
    const run = page.lessons.run.value!;
    await settle();
    page.enter('ls');
    page.type('a.txt', 'x');
    await settle();
    expect(run.consent.value).toBe('wanted');
    expect(run.foreignCommands).toEqual(['touch /tmp/x', 'test -e /tmp/x', 'uname -r']);
    run.consentTo(false);
    page.enter('ls');
    await run.check();
    await run.quizzes.answer(run.step.value.quizzes[0]!, '6.12');
    await settle();
    expect(page.ran).toEqual([]);
    expect([...run.checks.value.values()][0]?.result).toMatchObject({ outcome: 'broken', reason: expect.stringContaining('not agreed') });
    expect(run.quizzes.states.value.get(run.step.value.quizzes[0]!.id)?.problem).toContain('not agreed');
    run.consentTo(true);
    await settle();
    expect(page.ran).toEqual(['touch /tmp/x', 'test -e /tmp/x']);
  });

  test('is asked about once, and again when its commands have changed', async () => {
    await open(foreign);
    await page.lessons.close();
    await page.lessons.open({ kind: 'packed', text: packed(foreign) });
    expect(page.lessons.run.value?.consent.value).toBe('given');
    await page.lessons.open({ kind: 'packed', text: packed(foreign.replace('touch', 'rm -rf')) });
    expect(page.lessons.run.value?.consent.value).toBe('wanted');
  });

  test('one without commands asks nothing', async () => {
    await page.lessons.open({ kind: 'packed', text: packed(greeting) });
    expect(page.lessons.run.value?.consent.value).toBe('not-needed');
  });
});

describe('workspaces', () => {
  test('each lesson has its own, and the learner’s is as he left it', async () => {
    page.type('own.txt', 'my work');
    await open(greeting, files);
    expect(page.text('own.txt')).toBeUndefined();
    page.type('a.txt', 'hello there');
    page.type('folder/b.txt', 'more');
    await page.lessons.close();
    expect(page.text('own.txt')).toBe('my work');
    expect([...page.store.entries.keys()]).toEqual(['own.txt']);
    await open(greeting, files);
    expect(page.text('a.txt')).toBe('hello there');
    expect(page.text('folder/b.txt')).toBe('more');
  });

  test('where the browser stores nothing they are kept while the page is open', async () => {
    const { createRememberingStorage } = await import('../../../src/app/session/workspace/file-storage.ts');
    const refusing = page.browser.storage('refusing');
    refusing.isRefusing = true;
    const storage = createRememberingStorage(refusing);
    await expect(storage.load()).rejects.toThrow('keeps nothing');
    const entry = { kind: 'file', content: bytes('x'), executable: false } as const;
    await expect(storage.save(new Map([['a', entry]]), [])).rejects.toThrow('keeps nothing');
    expect(await storage.load()).toEqual(new Map([['a', entry]]));
    refusing.isRefusing = false;
    await storage.save(new Map(), []);
    expect(refusing.entries).toEqual(new Map([['a', entry]]));
  });

  test('the solution’s files are written, and the learner’s come back', async () => {
    const run = await open(greeting, files);
    page.type('a.txt', 'mine');
    expect(run.files.write(run.step.value.solution.files)).toBe(true);
    expect(page.text('a.txt')).toBe('hello student\n');
    run.files.undo();
    expect(page.text('a.txt')).toBe('mine');
    expect(run.files.replaced.value).toBeUndefined();
  });

  test('variables: files that the learner has not touched take the new values', async () => {
    const run = await open(greeting, { ...files, 'files/b.txt': 'by {{user}}\n' });
    page.type('a.txt', 'touched by student');
    run.setVariables({ user: 'ada' });
    expect(page.text('a.txt')).toBe('touched by student');
    expect(page.text('b.txt')).toBe('by ada\n');
    expect(run.variableProblem('user', 'A!')).toContain('Name');
    expect(run.variableProblem('user', 'bea')).toBeUndefined();
    page.type('a.txt', 'hello ada');
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
  });
});

describe('progress', () => {
  test('a later visit goes on at the same step with what was done, answered and set', async () => {
    const text = `${greeting}
\`\`\`quiz
question: Two?
options:
  - { text: '1' }
  - { text: '2', correct: true, why: It is. }
\`\`\`
`;
    const run = await open(text, files);
    run.setVariables({ user: 'ada' });
    page.type('a.txt', 'hello ada');
    await settle();
    run.goTo(2);
    const [quiz] = run.step.value.quizzes;
    await run.quizzes.answer(quiz!, [0]);
    expect(run.quizzes.states.value.get(quiz!.id)?.judgement?.isRight).toBe(false);
    await run.quizzes.answer(quiz!, [1]);
    page.lessons.stop();
    page = await new FakePage(page.browser).open();
    const later = await open(text, files);
    expect(later.step.value.id).toBe('read');
    expect([...later.stepsPassed.value]).toEqual(['write', 'read']);
    expect(later.variables.value).toEqual({ user: 'ada' });
    expect(later.quizzes.states.value.get(quiz!.id)).toMatchObject({ answer: [1], judgement: { isRight: true } });
  });

  test('what is damaged is said, and the lesson starts anew with the files that are there', async () => {
    const run = await open(greeting, files);
    page.type('a.txt', 'hello student');
    await settle();
    run.next();
    page.lessons.stop();
    const { browser } = page;
    await page.store.flush();
    for (const key of browser.items.keys()) browser.items.set(key, '{"format":');
    page = await new FakePage(browser).open();
    const later = await open(greeting, files);
    expect(page.problems.join()).toContain('the lesson starts again');
    expect(later.stepIndex.value).toBe(0);
    expect(page.text('a.txt')).toBe('hello student');
  });

  test('a step is done again; the lesson starts again with its files and a tidy machine', async () => {
    const run = await open(greeting.replace('minutes: 1\n', 'minutes: 1\nsetup: [echo set up]\ncleanup: [echo tidy]\n'), files);
    page.type('a.txt', 'hello student');
    page.type('other.txt', 'x');
    await settle();
    run.resetStep();
    expect(run.stepsPassed.value.size).toBe(0);
    expect(outcomes(run)).toEqual([undefined]);
    page.type('a.txt', 'hello student!');
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
    run.next();
    page.ran.length = 0;
    await run.restart();
    expect(page.ran).toEqual(['echo tidy', 'echo set up']);
    expect(run.stepIndex.value).toBe(0);
    expect([...page.store.entries.keys()]).toEqual(['a.txt']);
    expect(page.text('a.txt')).toBe('start student\n');
  });
});

describe('what cannot be opened', () => {
  test('an author reads the places of his mistakes', async () => {
    await page.lessons.open({ kind: 'packed', text: packed(`${head()}\n## One\n${checks('- flie: a.txt')}`) });
    expect(page.lessons.state.value).toMatchObject({ kind: 'failed', problems: [{ file: 'lesson.md', line: 12, column: expect.any(Number) }] });
    expect(page.text('own.txt')).toBe('mine');
    page.lessons.dismiss();
    expect(page.lessons.state.value.kind).toBe('closed');
  });

  test('the lesson that was open before stays as it was', async () => {
    const run = await open(greeting, files);
    await page.lessons.open({ kind: 'packed', text: 'no lesson' });
    expect(page.lessons.state.value.kind).toBe('failed');
    page.lessons.dismiss();
    expect(page.lessons.run.value).toBe(run);
    page.type('a.txt', 'hello student');
    await settle();
    expect(outcomes(run)).toEqual(['passed']);
  });

  test('a dropped folder is opened again on a later visit, and says when it is gone', async () => {
    const folder = new Map([
      ['lesson.md', bytes(greeting)],
      ['files/a.txt', bytes('from a folder')],
    ]);
    await page.lessons.openDropped('my-lesson', folder);
    expect(page.text('a.txt')).toBe('from a folder');
    page.lessons.stop();
    page = await new FakePage(page.browser).open();
    await page.lessons.openParameter('dropped:my-lesson');
    expect(page.lessons.run.value?.lesson.value.id).toBe('my-lesson');
    page.lessons.stop();
    page = await new FakePage(new FakeBrowser()).open();
    await page.lessons.openParameter('dropped:my-lesson');
    expect(page.lessons.state.value).toMatchObject({ kind: 'failed', message: expect.stringContaining('drop it on the page again') });
  });

  test('an address that makes no sense', async () => {
    await page.lessons.openParameter('../etc/passwd');
    expect(page.lessons.state.value).toMatchObject({ kind: 'failed', message: expect.stringContaining('begins with https://') });
  });
});
