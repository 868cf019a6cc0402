import { describe, expect, test } from 'vitest';
import { chosen } from '../../../src/node/tutorials/choose.ts';
import { exitFailure, stepLine, textFailure } from '../../../src/node/tutorials/expectation.ts';
import { parseTranscripts, readTranscripts } from '../../../src/node/tutorials/read-transcripts.ts';
import type { Outcome } from '../../../src/node/tutorials/run-tutorials.ts';
import { KINDS } from '../../../src/node/tutorials/transcript.ts';
import { countByKind, tutorialReport } from '../../../src/node/tutorials/tutorial-report.ts';

const everything = { words: [], kinds: [], isCi: false, shard: '1/1' };

describe('the transcripts', () => {
  test('can be read, are of every kind, and a tenth of them covers every kind', async () => {
    const all = await readTranscripts();
    const ci = chosen(all, { ...everything, isCi: true });
    expect(new Set(all.map(one => one.kind))).toEqual(new Set(KINDS));
    expect(new Set(ci.map(one => one.kind))).toEqual(new Set(KINDS));
    expect(ci.length).toBeLessThan(all.length / 8);
  });

  test('are shared among processes without a rest', async () => {
    const all = await readTranscripts();
    const parts = ['1/3', '2/3', '3/3'].map(shard => chosen(all, { ...everything, shard }));
    expect(new Set(parts.flat())).toEqual(new Set(all));
    expect(parts.flat()).toHaveLength(all.length);
  });

  test.each([
    [{ kinds: ['bild'] }, /^There is no kind "bild": run, /],
    [{ shard: '3/2' }, /^--shard takes a part and how many there are/],
    [{ words: ['no such name'] }, /^No transcript is chosen/],
  ])('are not chosen by %j', async (choice, message) => {
    const all = await readTranscripts();
    expect(() => chosen(all, { ...everything, ...choice })).toThrow(message);
  });
});

describe('a file of transcripts', () => {
  const problems = (steps: string, more = '') =>
    parseTranscripts('x.yaml', `kind: run\ntranscripts:\n  - name: a\n    idea: Something to try.\n${more}    steps:\n${steps}\n`).problems;

  test.each([
    ['a step that is no step', '      - runs: ls', /^x\.yaml:6: transcripts\.0\.steps\.0: /],
    ['a pattern that is none', '      - { run: ls, shows: "/(/" }', /^x\.yaml:6: /],
    ['nothing that could fail', '      - run: ls', /^x\.yaml:3: a: No step says what must come of it/],
    ['an exit code that is any', '      - { run: ls, exit: any }', /^x\.yaml:3: a: No step says what must come of it/],
    ['no command', '      - { http: 80/, shows: a }', /^x\.yaml:3: a: No step runs a command/],
  ])('with %s is refused', (_, steps, message) => expect(problems(steps)[0]).toMatch(message));

  test('with a path outside of the workspace is refused', () => {
    expect(problems('      - { run: ls, shows: a }', '    files: { ../a: b }\n')[0]).toMatch(/^x\.yaml:3: a: The file "\.\.\/a": /);
  });

  test('that is no YAML is refused', () => expect(parseTranscripts('x.yaml', 'kind: [').problems[0]).toMatch(/^x\.yaml:1: /));
});

describe('what a step expects', () => {
  test('is text or a pattern, there or not there', () => {
    expect(textFailure('one (1)\ntwo', { shows: ['one (1)', '/^two$/m'], hides: ['three', '/^o$/m'] })).toBeUndefined();
    expect(textFailure('one', { shows: ['one', '/two/'] })).toBe('it should show /two/, and shows:\none');
    expect(textFailure('', { shows: ['two'] })).toBe('it should show "two", and shows:\n(nothing)');
    expect(textFailure('one', { hides: ['one'] })).toBe('it should not show "one", and shows:\none');
  });

  test('is an exit code', () => {
    expect([exitFailure(0), exitFailure(3, 'any'), exitFailure(3, 'fail'), exitFailure(127, 127)]).toEqual(Array(4).fill(undefined));
    expect(exitFailure(0, 'fail')).toBe('it should fail, and ended with exit code 0');
    expect(exitFailure(125, 127)).toBe('it should end with exit code 127, and ended with 125');
  });
});

test('the report counts by kind, tells what failed, and ends with how many pass', () => {
  const common = { seconds: 1, instructions: 10 };
  const outcomes: Outcome[] = [
    { ...common, name: 'b', kind: 'build', failure: { step: 2, line: stepLine({ run: 'docker build .\n&& ls' }), why: 'it broke:\nbadly' } },
    { ...common, name: 'a', kind: 'run' },
    { ...common, name: 'c', kind: 'build' },
  ];
  expect(countByKind(outcomes)).toEqual([
    { kind: 'run', passed: 1, total: 1 },
    { kind: 'build', passed: 1, total: 2 },
  ]);
  expect(tutorialReport(outcomes).split('\n')).toEqual([
    'run      1 of   1',
    'build    1 of   2',
    '',
    'build: b',
    '  step 2: docker build . …',
    '  it broke:',
    '    badly',
    '',
    '2 of 3 pass (66 %)',
  ]);
});
