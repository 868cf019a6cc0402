import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CheckRunner, type Loudness } from '../../../src/app/session/lesson/check-runner.ts';
import type { CheckResult } from '../../../src/core/lesson/check/check-probe.ts';
import type { CheckTrigger } from '../../../src/core/lesson/check/evaluate-check.ts';
import type { Check } from '../../../src/core/lesson/lesson.ts';

const place = { file: 'lesson.md', line: 1, column: 1 };
const file: Check = { id: 'f', kind: 'file', source: { file: 'a' }, place };
const image: Check = { id: 'i', kind: 'image', source: { image: 'a' }, place };
const command: Check = { id: 'c', kind: 'command', source: { command: 'true' }, place };
const triggers: Record<string, readonly CheckTrigger[]> = { f: ['files'], i: ['engine'], c: ['command', 'files', 'engine'] };
const passed: CheckResult = { outcome: 'passed' };
const failed: CheckResult = { outcome: 'failed', expected: 'x', found: 'y' };

let asked: string[];
let told: [string, string, Loudness][];
let answers: Record<string, CheckResult>;
let obstacle: string | undefined;
let gate: Promise<void>;
let runner: CheckRunner;
beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  told = [];
  answers = { f: failed, i: failed, c: failed };
  obstacle = undefined;
  gate = Promise.resolve();
  runner = new CheckRunner({
    evaluate: async ({ id }) => {
      asked.push(id);
      await gate;
      return answers[id]!;
    },
    triggersOf: ({ id }) => new Set(triggers[id]),
    obstacleOf: () => obstacle,
    onResult: ({ id }, { outcome }, _before, loudness) => told.push([id, outcome, loudness]),
  });
});
afterEach(() => {
  runner.end();
  vi.useRealTimers();
});

const settle = (milliseconds = 2000): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const resultOf = (id: string): CheckResult | undefined => runner.states.value.get(id)?.result;

describe('the checks of a step', () => {
  test('nothing is asked until something happens, and then only what it matters to', async () => {
    runner.begin([file, image, command], new Set());
    await settle(600_000);
    expect(asked).toEqual([]);
    runner.hear('engine');
    await settle();
    expect(asked).toEqual(['i', 'c']);
    runner.hear('ports');
    await settle();
    expect(asked).toEqual(['i', 'c']);
  });

  test('a first look keeps to itself what does not hold yet, and takes what does', async () => {
    answers['f'] = passed;
    runner.begin([file, image], new Set());
    runner.look();
    await settle();
    expect(asked).toEqual(['f', 'i']);
    expect(resultOf('f')).toEqual(passed);
    expect(resultOf('i')).toBeUndefined();
    expect(told).toEqual([['f', 'passed', 'quiet']]);
  });

  test('what has passed is not asked again, also when it passed on an earlier visit', async () => {
    answers['i'] = passed;
    runner.begin([file, image], new Set(['f']));
    expect(resultOf('f')).toEqual(passed);
    runner.hear('engine');
    await settle();
    runner.hear('engine');
    runner.hear('files');
    await settle();
    expect(asked).toEqual(['i']);
  });

  test('many happenings are one question, even when they do not cease', async () => {
    runner.begin([file], new Set());
    for (let index = 0; index < 100; index++) {
      runner.hear('files');
      await settle(100);
    }
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.length).toBeLessThan(9);
  });

  test('typing shows what is missing without telling it, a command tells', async () => {
    runner.begin([command], new Set());
    runner.hear('files');
    await settle();
    runner.hear('command');
    await settle();
    expect(told).toEqual([
      ['c', 'failed', 'shown'],
      ['c', 'failed', 'told'],
    ]);
  });

  test('one at a time; what happens meanwhile makes it be asked again', async () => {
    let open: () => void = () => undefined;
    gate = new Promise(resolve => (open = resolve));
    runner.begin([image, command], new Set());
    runner.hear('engine');
    await settle();
    expect(asked).toEqual(['i']);
    expect(runner.states.value.get('i')?.isChecking).toBe(true);
    runner.hear('engine');
    await settle();
    open();
    await settle();
    expect(asked.filter(id => id === 'i')).toHaveLength(2);
    expect(runner.states.value.get('i')?.isChecking).toBe(false);
  });

  test('what passes while it is wanted again stays passed: what it looked at may be forgotten by then', async () => {
    let open: () => void = () => undefined;
    gate = new Promise(resolve => (open = resolve));
    answers['c'] = passed;
    runner.begin([command], new Set());
    runner.hear('command');
    await settle();
    runner.hear('command');
    await settle();
    open();
    await settle(0);
    answers['c'] = failed;
    await settle();
    expect(asked).toEqual(['c']);
    expect(resultOf('c')).toEqual(passed);
  });

  test('what a check’s own command brings about does not make it run again', async () => {
    let open: () => void = () => undefined;
    gate = new Promise(resolve => (open = resolve));
    runner.begin([command, image], new Set());
    runner.hear('command');
    await settle();
    runner.hear('engine', true);
    open();
    await settle(0);
    // A moment later the engine still tells of it.
    runner.hear('engine', true);
    await settle();
    expect(asked).toEqual(['c', 'i']);
    runner.hear('engine', true);
    await settle();
    expect(asked).toEqual(['c', 'i', 'c', 'i']);
  });

  test('asked for by the learner, all that is open is answered at once', async () => {
    runner.begin([file, image], new Set());
    const answered = runner.checkNow();
    await settle(0);
    await answered;
    expect(asked).toEqual(['f', 'i']);
    expect(resultOf('i')).toEqual(failed);
    expect(told.map(([, , loudness]) => loudness)).toEqual(['told', 'told']);
  });

  test('what cannot be asked waits by itself, and says why when the learner asks', async () => {
    obstacle = 'The machine is off.';
    runner.begin([image], new Set());
    runner.hear('engine');
    await settle();
    expect(asked).toEqual([]);
    expect(resultOf('i')).toBeUndefined();
    await runner.checkNow();
    expect(resultOf('i')).toEqual({ outcome: 'broken', reason: 'The machine is off.' });
    expect(asked).toEqual([]);
  });

  test('an answer to a step that is over is not believed', async () => {
    let open: () => void = () => undefined;
    gate = new Promise(resolve => (open = resolve));
    answers['i'] = passed;
    runner.begin([image], new Set());
    void runner.checkNow();
    await settle(0);
    runner.begin([file], new Set());
    open();
    await settle();
    expect(told).toEqual([]);
    expect([...runner.states.value.keys()]).toEqual(['f']);
  });
});
