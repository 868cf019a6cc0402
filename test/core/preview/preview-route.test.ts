import { describe, expect, test } from 'vitest';
import {
  inSandbox,
  isHostPage,
  mapLocation,
  parseLoopbackUrl,
  parsePreviewUrl,
  parseTyped,
  previewUrl,
  routeRequest,
  shownAddress,
} from '../../../src/core/preview/preview-route.ts';

const site = 'https://school.example/drydock/';
const page = `${site}preview/8888/shop/list?x=1`;

test('an address of a port is read as it was written', () => {
  for (const route of [
    { port: 8888, path: '/' },
    { port: 80, path: '/a/b%20c?d=e&f=/preview/9/' },
    { port: 65_535, path: '/preview/80/' },
    { port: 8888, path: '/a?b', sandbox: 'k3x9' },
  ]) {
    expect(parsePreviewUrl(site, previewUrl(site, route))).toEqual(route);
  }
  expect(shownAddress({ port: 8888, path: '/x?y' })).toBe('localhost:8888/x?y');
});

test.each([
  site,
  `${site}preview/`,
  `${site}preview/x/`,
  `${site}preview/0/`,
  `${site}preview/65536/`,
  `${site}preview/123456/`,
  `${site}preview/80x/`,
  `${site}preview/80-/`,
  `${site}preview/80-K/`,
  `${site}preview/80-a.b/`,
  `${site}previews/80/`,
  'https://school.example/preview/80/',
  'https://other.example/drydock/preview/80/',
  'about:blank',
  '',
])('%s is no address of a port', url => expect(parsePreviewUrl(site, url)).toBeUndefined());

describe('a request is for', () => {
  test.each([
    // [what, url, client, referrer, port and path, whether its address is one of a port]
    ['its own port by its address', `${site}preview/8888/a`, '', '', 8888, '/a', true],
    ['its port, but has no path yet', `${site}preview/8888`, '', '', 8888, '/', false],
    ['the port of its page, where the link is absolute', 'https://school.example/style.css?v=2', page, '', 8888, '/style.css?v=2', false],
    ['the port it was sent from, where it is a navigation', 'https://school.example/about', '', page, 8888, '/about', false],
    [
      'the port of its page, where a style sheet asks',
      'https://school.example/b.png',
      page,
      'https://school.example/style.css',
      8888,
      '/b.png',
      false,
    ],
    ['another port that its page names', 'http://localhost:5000/api?q', page, '', 5000, '/api?q', false],
    ['port 80', 'http://127.0.0.1/api', page, '', 80, '/api', false],
    ['another port by its address', `${site}preview/5000/`, page, '', 5000, '/', true],
  ])('%s', (_, url, clientUrl, referrer, port, path, isOwn) => {
    expect(routeRequest(site, { url, clientUrl, referrer })).toMatchObject({ route: { port, path }, isOwn });
  });

  test.each([
    ['of Drydock itself', `${site}machine/machine.json`, site, site],
    ['of a page that is not of a port', 'http://localhost:5000/', site, ''],
    ['to another site', 'https://other.example/x.js', page, page],
    ['of an unknown page', 'https://school.example/style.css', '', ''],
    ['over https to localhost, which nothing here serves', 'https://localhost:8443/', page, ''],
    ['that is no address', 'not one', page, ''],
  ])('nothing, when it is one %s', (_, url, clientUrl, referrer) => {
    expect(routeRequest(site, { url, clientUrl, referrer })).toBeUndefined();
  });

  test('whoever asks is named', () => {
    expect(routeRequest(site, { url: 'http://localhost:5000/', clientUrl: page })?.from).toBe(8888);
    expect(routeRequest(site, { url: `${site}preview/1/` })?.from).toBeUndefined();
  });
});

test.each([
  ['/login', `${site}preview/8888/login`],
  ['next?a=1#top', `${site}preview/8888/shop/next?a=1#top`],
  ['http://localhost:8888/x', `${site}preview/8888/x`],
  ['http://127.0.0.1:5000/', `${site}preview/5000/`],
  ['//localhost:9/', `${site}preview/9/`],
  ['http://0.0.0.0/', `${site}preview/80/`],
  ['https://docs.example/y', 'https://docs.example/y'],
  ['http://[nonsense', 'http://[nonsense'],
])('a redirect to %s leads to %s', (location, target) => {
  expect(mapLocation(site, { port: 8888, path: '/shop/list?x=1' }, location)).toBe(target);
});

test.each([
  ['localhost:8888', 8888, '/'],
  ['localhost:8888/x y', 8888, '/x%20y'],
  [' :8888/a?b=c ', 8888, '/a?b=c'],
  ['8888', 8888, '/'],
  ['127.0.0.1:5000', 5000, '/'],
  ['http://0.0.0.0:5000/a', 5000, '/a'],
  ['http://[::1]:5000', 5000, '/'],
  ['localhost', 80, '/'],
])('typing "%s" means port %d', (text, port, path) => expect(parseTyped(text)).toEqual({ port, path }));

test.each(['', ':', ':0', ':99999', 'example.com', 'https://localhost:1', 'javascript:alert(1)', 'http://localhost.evil:80', 'ftp://localhost'])(
  'typing "%s" means no port',
  text => expect(parseTyped(text)).toBeUndefined(),
);

test('what a terminal prints as a link to the own computer is a port', () => {
  expect(parseLoopbackUrl('http://0.0.0.0:5000')).toEqual({ port: 5000, path: '/' });
  expect(parseLoopbackUrl('http://172.17.0.2:5000')).toBeUndefined();
});

test('only Drydock’s own pages can have the sandbox', () => {
  for (const name of ['', 'index.html', '?screenReader', 'preview.html', '#x']) expect(isHostPage(site, site + name)).toBe(true);
  for (const url of [page, `${site}config.json`, 'https://school.example/', 'about:blank']) expect(isHostPage(site, url)).toBe(false);
});

describe('the machine of an embed', () => {
  const own = `${site}preview/8888-k3x9/shop`;

  test.each([
    ['its own address', own, '', '', { port: 8888, path: '/shop', sandbox: 'k3x9' }, true],
    ['one without a path', `${site}preview/8888-k3x9`, '', '', { port: 8888, path: '/', sandbox: 'k3x9' }, false],
    ['an absolute link of its page', 'https://school.example/style.css', own, '', { port: 8888, path: '/style.css', sandbox: 'k3x9' }, false],
    ['another port that its page names', 'http://localhost:5000/api', own, '', { port: 5000, path: '/api', sandbox: 'k3x9' }, false],
    ['a navigation from its page', 'https://school.example/about', '', own, { port: 8888, path: '/about', sandbox: 'k3x9' }, false],
  ] as const)('%s stays in it', (_, url, clientUrl, referrer, route, isOwn) => {
    expect(routeRequest(site, { url, clientUrl, referrer })).toMatchObject({ route, isOwn });
  });

  test('a redirect stays in it, and no other port joins one', () => {
    const from = { port: 8888, path: '/', sandbox: 'k3x9' };
    expect(mapLocation(site, from, '/next')).toBe(`${site}preview/8888-k3x9/next`);
    expect(mapLocation(site, from, 'http://localhost:5000/x')).toBe(`${site}preview/5000-k3x9/x`);
    expect(mapLocation(site, { port: 8888, path: '/' }, '/next')).toBe(`${site}preview/8888/next`);
    expect(inSandbox({ port: 1, path: '/', sandbox: 'old' }, undefined)).toEqual({ port: 1, path: '/' });
  });
});
