import { expect, test } from 'vitest';
import { requestHeaders, responseHeaders, type HeaderList, type RequestFacts } from '../../../src/core/preview/preview-headers.ts';

const site = 'https://school.example/';
const facts: RequestFacts = {
  site,
  route: { port: 8888, path: '/x' },
  method: 'GET',
  referrer: '',
  from: undefined,
  userAgent: 'Browser/1',
  languages: ['de', 'en'],
};
const sent = (given: HeaderList, more: Partial<RequestFacts> = {}) => Object.fromEntries(requestHeaders(given, { ...facts, ...more }));

test('a request looks as a browser’s to localhost: host, agent, languages, no packing', () => {
  expect(
    sent([
      ['accept', 'text/html'],
      ['x-own', '1'],
    ]),
  ).toEqual({
    Host: 'localhost:8888',
    accept: 'text/html',
    'x-own': '1',
    'User-Agent': 'Browser/1',
    'Accept-Language': 'de,en',
    'Accept-Encoding': 'identity',
  });
});

test('what belongs to one connection, or would lie, is not passed on', () => {
  const given = ['Connection', 'keep-alive', 'TE', 'Transfer-Encoding', 'Upgrade', 'Host', 'Accept-Encoding'].map(name => [name, 'x'] as const);
  const headers = requestHeaders(given, facts);
  expect(headers.filter(([, value]) => value === 'x')).toEqual([]);
});

test('the page that asks is named as the server knows it, never by Drydock’s address', () => {
  const from = { referrer: `${site}preview/5000/a?b`, from: 5000 };
  expect(sent([], from)).toMatchObject({ Referer: 'http://localhost:5000/a?b', Origin: 'http://localhost:5000' });
  expect(sent([], { referrer: `${site}preview/8888/`, from: 8888 })).not.toHaveProperty('Origin');
  expect(sent([], { referrer: `${site}preview/8888/`, from: 8888, method: 'POST' })).toHaveProperty('Origin', 'http://localhost:8888');
  expect(sent([], { referrer: site })).not.toHaveProperty('Referer');
});

test('an answer loses what the browser must not have, keeps the rest, several of one name too', () => {
  const headers = responseHeaders([
    ['content-type', 'text/html'],
    ['set-cookie', 'a=1'],
    ['transfer-encoding', 'chunked'],
    ['connection', 'close'],
    ['x-frame-options', 'DENY'],
    ['clear-site-data', '"*"'],
    ['referrer-policy', 'no-referrer'],
    ['x-own', '1'],
    ['x-own', '2'],
  ]);
  expect(headers).toEqual([
    ['content-type', 'text/html'],
    ['x-own', '1'],
    ['x-own', '2'],
    ['referrer-policy', 'same-origin'],
  ]);
});

test.each([
  ["frame-ancestors 'none'", undefined],
  ["default-src 'self'; Frame-Ancestors 'none'; sandbox allow-scripts; img-src *", "default-src 'self'; img-src *"],
  ["frame-ancestors 'none', default-src 'self'", "default-src 'self'"],
])('of the policy "%s" stays "%s"', (policy, kept) => {
  expect(Object.fromEntries(responseHeaders([['content-security-policy', policy]]))['content-security-policy']).toBe(kept);
});
