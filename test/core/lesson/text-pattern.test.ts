import { describe, expect, test } from 'vitest';
import { parsePattern, patternProblem, wholeExpression } from '../../../src/core/lesson/check/text-pattern.ts';
import { nearest } from '../../../src/core/lesson/format/suggest.ts';

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
    ['/^b$/', 'a\r\nb\r\n', true],
    ['/b\\r$/', 'a\r\nb\r\n', true],
    ['/caf\\u00e9 \\d{2}/', 'café 12', true],
    ['/[\\w-]+@\\S+\\.(com|org)\\b/', 'to a-b@c.org.', true],
    ['/\\/etc\\/hosts/', 'cat /etc/hosts', true],
    ['/a{b/', 'a{b', true],
    ['/print\\(\\s*["\']Hello/', "print( 'Hello')", true],
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
    ['/(/', 'is not a valid regular expression: '],
    ['/a b/g', 'has unknown flags `g`'],
    ['/(a)/y', 'has unknown flags `y`'],
    [`/${'x'.repeat(500)}/`, 'is longer than 500 characters.'],
  ])('%.20s', (source, problem) => expect(patternProblem(source)).toContain(problem));
});

describe('an expression that would take the browser for ever', () => {
  const evil = `${'a'.repeat(40)}!`;
  test.each([
    ['/^(a+)+$/', evil],
    ['/^(a|a)*$/', evil],
    ['/^(a|aa)+$/', evil],
    ['/^([a-zA-Z]+)*$/', evil],
    ['/^(.*a){20}$/', `${'a'.repeat(40)}b`.repeat(20)],
    ['/^(\\w+\\s?)*$/', `${'word '.repeat(20)}!`],
    ['/^(([a-z])+.)+[A-Z]([a-z])+$/', 'a'.repeat(60)],
    ['/^\\s+|\\s+$x/', `${' '.repeat(60_000)}y`.slice(1)],
    ['/.*.*.*=.*/s', 'x'.repeat(30_000)],
  ])('%s says no within the time of a test', (source, text) => {
    const pattern = parsePattern(source);
    if (source.includes('|\\s+$')) expect(pattern.matches(`y${text}`)).toBe(false);
    else expect(pattern.matches(text)).toBe(false);
    expect(pattern.isWhole(`y${text}`)).toBe(false);
  });

  test('is no value of a variable either', () => {
    expect(wholeExpression('(a+)+')(evil)).toBe(false);
    expect(wholeExpression('[a-z]{3,9}|x')('x')).toBe(true);
    expect(wholeExpression('[a-z]{3,9}|x')('xy!')).toBe(false);
  });

  test.each([
    [
      '/a(?=b)/',
      'looks ahead or behind (`(?=…)`, `(?!…)`), which cannot be used here: write a list of patterns that must all match, or use `lacks`.',
    ],
    ['/a(?!b)/', 'looks ahead or behind'],
    ['/(?<=a)b/', 'looks ahead or behind'],
    ['/(a)\\1/', 'repeats what a group has matched'],
    ['/(a{1,500}){1,500}/', 'cannot be used here: '],
  ])('%s is refused', (source, problem) => expect(patternProblem(source)).toContain(problem));
});

test.each([
  ['contain', 'contains'],
  ['imgae', 'image'],
  ['Title', 'title'],
  ['xyz', undefined],
  ['', undefined],
])('%s is meant as %s', (word, meant) => expect(nearest(word, ['contains', 'image', 'title', 'file'])).toBe(meant));
