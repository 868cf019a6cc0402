import { expect, test } from 'vitest';
import { slowestFiles } from '../../src/node/slowest-files.ts';

test('the slowest files are named, slowest first, and no more than asked for', () => {
  const file = (name: string, seconds: number, tests: number) => ({
    name: `/project/test/${name}`,
    startTime: 1000,
    endTime: 1000 + seconds * 1000,
    assertionResults: Array(tests).fill({}),
  });
  expect(slowestFiles([file('a.test.ts', 3, 1), file('b.test.ts', 125.4, 12), file('c.test.ts', 60, 2)], 2, '/project')).toEqual([
    '    125 s  test/b.test.ts (12 tests)',
    '     60 s  test/c.test.ts (2 tests)',
  ]);
});
