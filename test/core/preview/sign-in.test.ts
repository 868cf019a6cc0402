import { describe, expect, test } from 'vitest';
import { basicRealm, isSignIn, parseSignIn, signInPage, SignIns } from '../../../src/core/preview/sign-in.ts';

describe('a server that wants a password', () => {
  test.each([
    ['Basic realm="Staff only"', 'Staff only'],
    ['basic realm="a \\"b\\"", charset="UTF-8"', 'a "b"'],
    ['Bearer, Basic realm="x"', 'x'],
    ['Basic', ''],
    ['Bearer realm="x"', undefined],
    ['Digest realm="Basic"', undefined],
    [undefined, undefined],
  ])('%s', (challenge, realm) => {
    expect(basicRealm(challenge)).toBe(realm);
  });

  test('is asked for by a page whose form leads to the port’s own root', () => {
    expect(signInPage(80, '/', 'x', false)).toContain('action=".drydock/sign-in"');
    expect(signInPage(80, '/a/b?c=/d/', 'x', false)).toContain('action="../.drydock/sign-in"');
    expect(signInPage(80, '/a/b/', '<b>', true)).toMatch(/action="\.\.\/\.\.\/\.drydock\/sign-in"/);
    expect(signInPage(80, '/"><script>', '<b>', true)).not.toMatch(/<script>|<b>/);
  });
});

test('what the form sends is kept for its port, until it is refused', () => {
  expect([isSignIn('POST', '/.drydock/sign-in'), isSignIn('GET', '/.drydock/sign-in')]).toEqual([true, false]);
  const signIn = parseSignIn('next=%2Fa%3Fb&user=ada&password=p%C3%A4ss')!;
  expect(signIn).toEqual({ next: '/a?b', user: 'ada', password: 'päss' });
  // Nowhere else than to the port: an address of another host is none.
  expect(parseSignIn('next=https%3A%2F%2Fexample.org&user=a')).toBeUndefined();
  expect(parseSignIn('next=%2F%2Fexample.org&user=a')).toBeUndefined();
  expect(parseSignIn('x')).toBeUndefined();
  const signIns = new SignIns();
  signIns.add(8080, signIn);
  expect([signIns.header(8080), signIns.header(80)]).toEqual(['Basic YWRhOnDDpHNz', undefined]);
  expect([signIns.remove(8080), signIns.remove(8080), signIns.header(8080)]).toEqual([true, false, undefined]);
});
