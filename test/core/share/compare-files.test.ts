import { expect, test } from 'vitest';
import { compareFiles } from '../../../src/core/share/compare-files.ts';
import { file, folder } from './files.ts';

const current = new Map([
  ['same', file('x')],
  ['other', file('x')],
  ['run', file('x')],
  ['src', folder],
  ['src/a', file('12345')],
]);

test('says of each path what adding it would do', () => {
  const incoming = new Map([
    ['same', file('x')],
    ['other', file('yy')],
    ['run', file('x', true)],
    ['src', folder],
    ['src/b', file('z')],
    ['new', folder],
  ]);
  const { bytesAfter, counts, fates, problem } = compareFiles(current, incoming);
  expect(Object.fromEntries(fates)).toEqual({ same: 'same', other: 'replaced', run: 'replaced', src: 'same', 'src/b': 'new', new: 'new' });
  expect(counts).toEqual({ new: 1, same: 1, replaced: 2, blocked: 0 });
  expect(bytesAfter).toBe(10);
  expect(problem).toBeUndefined();
});

test('a file where a folder is, and the other way round, cannot be added', () => {
  expect(compareFiles(current, new Map([['src', file('x')]])).problem).toMatch(/the name of a folder/);
  const { counts, fates, problem } = compareFiles(
    current,
    new Map([
      ['same', folder],
      ['same/x', file('y')],
    ]),
  );
  expect(fates.get('same/x')).toBe('blocked');
  expect(counts.blocked).toBe(2);
  expect(problem).toMatch(/the name of a folder/);
});

test('more than the workspace takes cannot be added', () => {
  const large = file(new Uint8Array(30 * 1024 * 1024));
  const incoming = new Map(['a', 'b', 'c', 'd', 'e'].map(name => [name, large]));
  expect(compareFiles(current, incoming).problem).toMatch(/more than 128 MB/);
  expect(compareFiles(new Map([['a', large]]), new Map([...incoming].slice(0, 4))).problem).toBeUndefined();
});
