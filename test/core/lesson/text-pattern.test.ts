import { describe, expect, test } from 'vitest';
import { parsePattern, patternProblem } from '../../../src/core/lesson/text-pattern.ts';
import { nearest } from '../../../src/core/lesson/suggest.ts';

describe('patterns', () => {
  test.each([
    ['Hello', 'say Hello', true],
    ['Hello', 'say hello', false],
    ['a.c', 'abc', false],
    ['/a.c/', 'abc', true],
    ['/HELLO/i', 'say hello', true],
    ['/^b$/', 'a\nb\n', true],
    ['/a.b/s', 'a\nb', true],
    ['/a.b/', 'a\nb', false],
    ['/etc/hosts', 'cat /etc/hosts', true],
    ['/usr/share/nginx', '/usr/share/nginx', true],
    ['/', 'a/b', true],
  ])('%s in %j: %s', (source, text, expected) => {
    const pattern = parsePattern(source);
    expect(pattern.matches(text)).toBe(expected);
    expect(pattern.matches(text), 'the same answer when asked again').toBe(expected);
  });

  test.each([
    ['FROM', ' from ', true],
    ['FROM', 'FROM x', false],
    ['/v?1/', 'v1', true],
    ['/v?1/', 'v12', false],
    ['/a|b/', 'ab', false],
  ])('%s is the whole of %j: %s', (source, text, expected) => expect(parsePattern(source).isWhole(text)).toBe(expected));

  test.each([
    ['/(/', 'is no valid regular expression: '],
    ['/a b/g', 'has unknown flags `g`'],
    ['/(a)/y', 'has unknown flags `y`'],
    [`/${'x'.repeat(500)}/`, 'is longer than 500 characters.'],
  ])('%.20s', (source, problem) => expect(patternProblem(source)).toContain(problem));
});

test.each([
  ['contain', 'contains'],
  ['imgae', 'image'],
  ['Title', 'title'],
  ['xyz', undefined],
  ['', undefined],
])('%s is meant as %s', (word, meant) => expect(nearest(word, ['contains', 'image', 'title', 'file'])).toBe(meant));
