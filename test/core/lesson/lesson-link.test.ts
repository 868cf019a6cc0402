import { expect, test } from 'vitest';
import { parseLessonLink } from '../../../src/core/lesson/format/lesson-link.ts';

test.each([
  ['file:app.py', { kind: 'file', path: 'app.py' }],
  ['file:site/my%20page.html#L12', { kind: 'file', path: 'site/my page.html', line: 12 }],
  ['terminal:1', { kind: 'terminal', number: 1 }],
  ['terminal:3', { kind: 'terminal', number: 3 }],
  ['port:8888', { kind: 'port', port: 8888, path: '/' }],
  ['port:8888/about?x=1', { kind: 'port', port: 8888, path: '/about?x=1' }],
  ['panel:library', { kind: 'panel', panel: 'library' }],
  ['https://docs.docker.com/x', { kind: 'web', url: 'https://docs.docker.com/x' }],
  ['http://localhost/x', { kind: 'web', url: 'http://localhost/x' }],
])('%s', (href, link) => expect(parseLessonLink(href)).toEqual(link));

test.each([
  'app.py',
  '#top',
  '//evil.example/',
  'file:',
  'file:../x',
  'file:/etc/passwd',
  'file:a//b',
  'file:x#L0',
  'file:x#top',
  'file:%2e%2e/x',
  'file:%zz',
  'terminal:0',
  'terminal:4',
  'terminal:1.5',
  'port:0/',
  'port:70000',
  'port:80:90',
  'panel:settings',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,x',
  'blob:x',
  'https:',
  'http://',
  'constructor:x',
])('%s is no link of a lesson', href => expect(parseLessonLink(href)).toBeUndefined());
