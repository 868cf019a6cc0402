import { expect, test } from 'vitest';
import { cacheRule } from '../../../src/core/offline/cache-rules.ts';

const SITE = 'https://a.example/dock/';
const ID = '0123456789abcdef';
const rule = (path: string, mode = 'cors', method = 'GET') => cacheRule(SITE, { url: `${SITE}${path}`, method, mode });

test.each([
  ['', 'navigate', { kind: 'page', path: 'index.html' }],
  ['?lesson=02-first-image', 'navigate', { kind: 'page', path: 'index.html' }],
  ['index.html?embed', 'navigate', { kind: 'page', path: 'index.html' }],
  ['preview.html', 'navigate', { kind: 'page', path: 'preview.html' }],
  ['embed-example.html', 'navigate', { kind: 'other', path: 'embed-example.html' }],
  ['assets/main-x1.js', 'cors', { kind: 'asset', path: 'assets/main-x1.js' }],
  [`machine/machine.json?release=${ID}`, 'cors', { kind: 'release-file', path: 'machine/machine.json', release: ID }],
  [`lessons/02.lesson.json?release=${ID}`, 'cors', { kind: 'release-file', path: 'lessons/02.lesson.json', release: ID }],
  ['machine/machine.json', 'cors', { kind: 'other', path: 'machine/machine.json' }],
  ['machine/machine.json?release=no', 'cors', { kind: 'other', path: 'machine/machine.json' }],
  ['config.json', 'cors', { kind: 'other', path: 'config.json' }],
])('%s (%s)', (path, mode, expected) => {
  expect(rule(path, mode)).toEqual(expected);
});

test.each([
  ['machine/blobs/00ff.zst', 'cors', 'GET'],
  ['preview/8888/', 'navigate', 'GET'],
  ['service-worker.js', 'cors', 'GET'],
  ['config.json', 'cors', 'POST'],
  ['bad%escape', 'cors', 'GET'],
])('%s (%s, %s) is left alone', (path, mode, method) => {
  expect(rule(path, mode, method)).toBeUndefined();
});

test('so is what is not of the site', () => {
  for (const url of ['https://a.example/', 'https://a.example/docks/', 'https://b.example/dock/']) {
    expect(cacheRule(SITE, { url, method: 'GET', mode: 'cors' })).toBeUndefined();
  }
});
