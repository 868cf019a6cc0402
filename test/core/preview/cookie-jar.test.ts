import { expect, test } from 'vitest';
import { CookieJar } from '../../../src/core/preview/cookie-jar.ts';

/** A jar whose clock the test turns. */
function jar(): { cookies: CookieJar; at: (milliseconds: number) => void } {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return { cookies: new CookieJar(() => now), at: milliseconds => (now += milliseconds) };
}

test('what a port set is sent back to it, and to no other', () => {
  const { cookies } = jar();
  cookies.take(8888, '/', 'session=a.b=c; HttpOnly; SameSite=Lax');
  cookies.take(8888, '/', 'theme="dark"; Secure');
  expect(cookies.header(8888, '/deep/down?x')).toBe('session=a.b=c; theme="dark"');
  expect(cookies.header(5000, '/')).toBeUndefined();
});

test('a name is set anew, and removed by an age of nothing or a time that is over', () => {
  const { cookies } = jar();
  cookies.take(1, '/', 'a=1');
  cookies.take(1, '/', 'a=2');
  cookies.take(1, '/', 'b=3');
  expect(cookies.header(1, '/')).toBe('a=2; b=3');
  cookies.take(1, '/', 'a=; Max-Age=0');
  cookies.take(1, '/', 'b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
  expect(cookies.header(1, '/')).toBeUndefined();
});

test('an age ends, and counts before a date', () => {
  const { cookies, at } = jar();
  cookies.take(1, '/', 'short=1; Max-Age=60; Expires=Fri, 01 Jan 2100 00:00:00 GMT');
  cookies.take(1, '/', 'dated=1; Expires=Fri, 02 Jan 2026 00:00:00 GMT');
  at(59_000);
  expect(cookies.header(1, '/')).toBe('short=1; dated=1');
  at(2000);
  expect(cookies.header(1, '/')).toBe('dated=1');
  at(24 * 60 * 60 * 1000);
  expect(cookies.header(1, '/')).toBeUndefined();
});

test('paths: the one given, else the folder of what was asked; longer ones first', () => {
  const { cookies } = jar();
  cookies.take(1, '/shop/cart/add?x=/y/z', 'folder=1');
  cookies.take(1, '/shop/cart/add', 'root=1; Path=/');
  cookies.take(1, '/shop/cart/add', 'odd=1; Path=relative');
  expect(cookies.header(1, '/shop/cart/view')).toBe('folder=1; odd=1; root=1');
  expect(cookies.header(1, '/shop/cartoon')).toBe('root=1');
  expect(cookies.header(1, '/shop/cart')).toBe('folder=1; odd=1; root=1');
});

test('what a browser refuses is left out: another domain, too long, nothing', () => {
  const { cookies } = jar();
  for (const text of ['a=1; Domain=example.com', `a=${'x'.repeat(5000)}`, '', '; Path=/', '=']) cookies.take(1, '/', text);
  expect(cookies.header(1, '/')).toBeUndefined();
  cookies.take(1, '/', 'a=1; Domain=.localhost');
  cookies.take(1, '/', 'bare');
  expect(cookies.header(1, '/')).toBe('a=1; bare');
});

test('a port cannot fill the memory', () => {
  const { cookies } = jar();
  for (let index = 0; index < 500; index++) cookies.take(1, '/', `n${index}=1`);
  const kept = cookies.header(1, '/')?.split('; ') ?? [];
  expect([kept.length, kept.at(-1)]).toEqual([180, 'n499=1']);
});

test('scripts see and set all but what servers keep from them', () => {
  const cookies = new CookieJar();
  const changed: number[] = [];
  cookies.onChange(port => changed.push(port));
  cookies.take(8888, '/', 'session=1; HttpOnly');
  cookies.take(8888, '/', 'theme=dark');
  expect(cookies.scriptText(8888, '/')).toBe('theme=dark');
  cookies.takeFromScript(8888, '/shop/cart', 'seen=yes; path=/');
  cookies.takeFromScript(8888, '/', 'session=2');
  cookies.takeFromScript(8888, '/', 'more=3; HttpOnly');
  expect(cookies.header(8888, '/')).toBe('session=1; theme=dark; seen=yes');
  cookies.takeFromScript(8888, '/', 'theme=; max-age=0');
  expect(cookies.scriptText(8888, '/')).toBe('seen=yes');
  expect(changed).toEqual([8888, 8888, 8888, 8888]);
});
