import { describe, expect, test } from 'vitest';
import { isComposeFile } from '../../../src/app/editor/compose/compose-file.ts';
import { composeImageFindings } from '../../../src/app/editor/compose/compose-images.ts';
import type { LintOptions } from '../../../src/app/editor/dockerfile/finding.ts';
import { fixed, lines, marked } from '../dockerfile/apply-fix.ts';

const options: LintOptions = { imageReferences: ['web:latest', 'python:3.13-slim'], hubReferences: ['redis:8', 'mariadb:11.8', 'debian:13-slim'] };

function oneService(...inner: string[]): string {
  return lines('services:', '  db:', ...inner.map(line => `    ${line}`));
}

describe('an image of a compose file that is not there', () => {
  const found: readonly (readonly [image: string, message: RegExp, fixedTo: string | undefined])[] = [
    ['redis:alpine', /"redis:alpine": use redis:8\.$/, 'redis:8'],
    ['"redis:alpine"', /use redis:8\./, '"redis:8"'],
    ["'mysql:5.7' # the old one", /use mariadb:11\.8: it is another server/, "'mariadb:11.8' # the old one"],
    ['mongo', /Debian has no MongoDB/, undefined],
    ['redis:${REDIS_TAG:-alpine}', /"redis:alpine": use redis:8/, undefined],
    ['web:v2', /"web:v2": use web:latest/, 'web:latest'],
  ];
  test.each(found)('%s', (image, message, fixedTo) => {
    const text = oneService(`image: ${image}`, 'restart: always');
    const [finding, ...others] = composeImageFindings(text, options);
    expect([others, finding?.severity, finding?.id]).toEqual([[], 'warning', 'unknown-image']);
    expect(finding?.message).toMatch(message);
    expect(text).toContain(marked(text, finding));
    expect(fixed(text, finding)).toBe(fixedTo === undefined ? undefined : oneService(`image: ${fixedTo}`, 'restart: always'));
  });

  test('each service is looked at, also in other ways of writing', () => {
    const text = lines('x-a: &a', '  image: redis:7', 'services: {one: {image: redis:6}, two: {<<: *a}}');
    expect(composeImageFindings(text, options).map(finding => marked(text, finding))).toEqual(['redis:6']);
    const windows = 'services:\r\n  a:\r\n    image: redis:7\r\n  b:\r\n    image: ubuntu\r\n';
    expect(composeImageFindings(windows, options).map(finding => marked(windows, finding))).toEqual(['redis:7', 'ubuntu']);
  });

  test('is said without a warning where the nearest answers', () => {
    expect(composeImageFindings(oneService('image: redis:alpine'), { ...options, givesNearest: true })).toMatchObject([{ severity: 'info' }]);
  });
});

test.each([
  ['an image that is there', oneService('image: redis:8')],
  ['one of the engine', oneService('image: docker.io/library/web')],
  ['the name of what is built', oneService('image: me/web:v1', 'build: .')],
  ['a registry of one’s own', oneService('image: localhost:5000/redis:7')],
  ['a variable', oneService('image: ${IMAGE}')],
  ['a digest', oneService(`image: redis@sha256:${'0'.repeat(64)}`)],
  ['nothing yet', oneService('image:')],
  ['a list', oneService('image: [redis]')],
  ['no services', 'image: redis:7'],
  ['half a file', lines('services:', '  a: [', '    image: redis:7')],
  ['an empty file', ''],
])('nothing is said about %s', (_, text) => {
  expect(composeImageFindings(text, options)).toEqual([]);
});

test('nothing is said before it is known what there is', () => {
  for (const lacking of [{ imageReferences: [] }, { hubReferences: [] }])
    expect(composeImageFindings(oneService('image: redis:7'), { ...options, ...lacking })).toEqual([]);
});

test('compose files are known by their names', () => {
  for (const path of [
    'compose.yaml',
    '/workspace/a/docker-compose.yml',
    'compose.override.yaml',
    'docker-compose.dev.yml',
    'docker-compose-prod.yml',
    'docker-stack.yml',
  ])
    expect(isComposeFile(path), path).toBe(true);
  for (const path of ['config.yaml', 'composer.yaml', 'compose.json', 'docker-compose.yaml.md']) expect(isComposeFile(path), path).toBe(false);
});
