import { expect, test } from 'vitest';
import { failedTests, slowestFiles, type TestedCase } from '../../src/node/test-report.ts';

test('the slowest files are named, slowest first, and no more than asked for', () => {
  const file = (name: string, seconds: number, tests: number) => ({
    name: `/project/test/${name}`,
    startTime: 1000,
    endTime: 1000 + seconds * 1000,
    status: 'passed',
    assertionResults: Array<TestedCase>(tests).fill({ status: 'passed', fullName: 'one' }),
  });
  expect(slowestFiles([file('a.test.ts', 3, 1), file('b.test.ts', 125.4, 12), file('c.test.ts', 60, 2)], 2, '/project')).toEqual([
    '    125 s  test/b.test.ts (12 tests)',
    '     60 s  test/c.test.ts (2 tests)',
  ]);
});

test('what failed is repeated with its reason, also a file that could not be loaded', () => {
  const times = { startTime: 0, endTime: 1 };
  const long = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n');
  const failed = failedTests(
    [
      {
        ...times,
        name: '/project/test/a.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'good' },
          { status: 'failed', fullName: 'a bad one', failureMessages: [long] },
        ],
      },
      { ...times, name: '/project/test/b.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
      { ...times, name: '/project/test/c.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'good' }] },
    ],
    '/project',
  );
  expect(failed).toHaveLength(2);
  expect(failed[0]).toMatch(/^ {2}test\/a\.test\.ts: a bad one\n {4}line 0\n/);
  expect(failed[0]).not.toContain('line 12');
  expect(failed[1]).toBe('  test/b.test.ts\n    Cannot find module');
});
