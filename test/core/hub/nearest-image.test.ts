import { describe, expect, test } from 'vitest';
import { parseAskedImage } from '../../../src/core/hub/asked-image.ts';
import { KINSHIP } from '../../../src/core/hub/image-kinship.ts';
import { imagesOfReferences, mayStandIn, nearestImage, type NamedImage } from '../../../src/core/hub/nearest-image.ts';

function hubOf(...images: readonly (readonly [name: string, ...tags: string[]])[]): readonly NamedImage[] {
  return images.map(([name, ...tags]) => ({ name, tags }));
}

/** About what the hub will have. */
const hub = hubOf(
  ['hello-world', 'latest'],
  ['busybox', 'latest', '1.37'],
  ['traefik/whoami', 'latest'],
  ['registry', '2', '2.8', '2.8.3', 'latest'],
  ['debian', '13', 'trixie', 'latest', 'stable'],
  ['debian', '13-slim', 'trixie-slim', 'stable-slim'],
  ['debian', '12', 'bookworm'],
  ['debian', '12-slim', 'bookworm-slim'],
  ['debian', '11', 'bullseye'],
  ['python', '3.13', '3.13-trixie', '3', 'latest'],
  ['python', '3.13-slim', '3.13-slim-trixie', '3-slim', 'slim'],
  ['python', '3.11', '3.11-bookworm'],
  ['python', '3.11-slim', '3.11-slim-bookworm'],
  ['python', '3.9', '3.9-bullseye'],
  ['python', '3.9-slim', '3.9-slim-bullseye'],
  ['node', '20', 'latest', 'lts'],
  ['node', '20-slim', 'lts-slim', 'slim'],
  ['node', '18'],
  ['node', '18-slim'],
  ['nginx', 'latest', '1.26', '1', 'stable'],
  ['redis', 'latest', '8.0', '8'],
  ['postgres', '17', 'latest'],
  ['mariadb', '11.8', '11', 'latest'],
  ['httpd', '2.4', '2', 'latest'],
  ['php', '8.4-cli', '8.4', '8', 'latest'],
  ['php', '8.4-apache', 'apache'],
  ['ruby', '3.3', 'latest'],
  ['memcached', '1.6', 'latest'],
  ['adminer', 'latest', '5'],
  ['wordpress', '6.8', '6', 'latest'],
  ['docker', 'cli', '26-cli'],
);

/** The images and tags that tutorials write (the project's own count), with what each gets in that hub. */
const written: readonly (readonly [asked: string, kind: string, reference: string | undefined])[] = [
  ...[
    'nginx',
    'hello-world',
    'busybox',
    'redis',
    'postgres',
    'httpd',
    'debian',
    'node',
    'python',
    'php',
    'ruby',
    'wordpress',
    'mariadb',
    'adminer',
    'registry',
  ].map(name => [name, 'here', name] as const),
  ...['nginx:latest', 'registry:2', 'wordpress:latest', 'node:18', 'python:3', 'python:3.9', 'python:3.9-slim', 'debian:13'].map(
    name => [name, 'here', name] as const,
  ),
  ['nginx:alpine', 'other-tag', 'nginx:1.26'],
  ['redis:alpine', 'other-tag', 'redis:8.0'],
  ['redis:7-alpine', 'other-tag', 'redis:8'],
  ['python:alpine', 'other-tag', 'python:3.13-slim'],
  ['python:3.12-alpine', 'other-tag', 'python:3.13-slim'],
  ['node:18-alpine', 'other-tag', 'node:18-slim'],
  ['postgres:16', 'other-tag', 'postgres:17'],
  ['postgres:15-alpine', 'other-tag', 'postgres:17'],
  ['adminer:4', 'other-tag', 'adminer:5'],
  ['ubuntu', 'same-kind', 'debian:13'],
  ['ubuntu:latest', 'same-kind', 'debian:13'],
  ['ubuntu:18.04', 'same-kind', 'debian:11'],
  ['ubuntu:22.04', 'same-kind', 'debian:12'],
  ['alpine', 'same-kind', 'busybox:1.37'],
  ['alpine:latest', 'same-kind', 'busybox:1.37'],
  ['mysql', 'same-kind', 'mariadb:11.8'],
  ['mysql:5.7', 'same-kind', 'mariadb:11.8'],
  ['mysql:8.0', 'same-kind', 'mariadb:11.8'],
  ['mysql:lts', 'same-kind', 'mariadb:11.8'],
  ['mysql/mysql-server:8.0', 'same-kind', 'mariadb:11.8'],
  ['mariadb:10.6', 'other-tag', 'mariadb:11.8'],
  ['phpmyadmin', 'something-else', 'adminer:5'],
  ['docker', 'other-tag', 'docker:26-cli'],
  ['docker:cli', 'here', 'docker:cli'],
  ['docker:dind', 'something-else', 'docker:26-cli'],
  ['centos', 'something-else', 'debian:13'],
  ['traefik', 'something-else', 'nginx:1.26'],
  ['haproxy', 'something-else', 'nginx:1.26'],
  ['composer', 'something-else', 'php:8.4'],
  ['dpage/pgadmin4', 'something-else', 'adminer:5'],
  ['pgadmin4', 'something-else', 'adminer:5'],
  ['nicolaka/netshoot', 'something-else', 'busybox:1.37'],
  ['netshoot', 'something-else', 'busybox:1.37'],
  ...[
    'scratch',
    'golang',
    'mongo',
    'openjdk',
    'eclipse-temurin',
    'prom/prometheus',
    'prometheus',
    'grafana/grafana',
    'grafana',
    'maven',
    'tomcat',
  ].map(name => [name, 'none', undefined] as const),
  ...['elasticsearch', 'kibana', 'logstash', 'jenkins/jenkins', 'jenkins', 'gcr.io/cadvisor/cadvisor', 'cadvisor', 'dockersamples/visualizer'].map(
    name => [name, 'none', undefined] as const,
  ),
  ...['visualizer', 'consul', 'nextcloud', 'portainer', 'portainer/portainer-ce'].map(name => [name, 'none', undefined] as const),
];

test.each(written)('%s: %s %s', (asked, kind, reference) => {
  const nearest = nearestImage(asked, hub);
  expect([nearest.kind, nearest.reference]).toEqual([kind, reference]);
  if (kind === 'here') return;
  // One line of ASCII that the engine can print, and no wall.
  expect(nearest.advice).toMatch(/^[\x20-\x7e]{10,220}\.$/);
  if (reference !== undefined) expect(nearest.advice).toContain(reference);
});

describe('versions and variants', () => {
  const tags: readonly (readonly [asked: string, best: string])[] = [
    ['python:3.12', 'python:3.13'],
    ['python:3.12.4-slim-bookworm', 'python:3.13-slim'],
    ['python:3.10', 'python:3.11'],
    ['python:3.8-slim-buster', 'python:3.9-slim'],
    ['python:3.6', 'python:3.9'],
    ['python:3-alpine', 'python:3-slim'],
    ['python:3.11-alpine3.19', 'python:3.11-slim'],
    ['python:3.11-slim-bullseye', 'python:3.11-slim'],
    ['node:22-alpine', 'node:20-slim'],
    ['node:lts-alpine', 'node:20-slim'],
    ['node:16', 'node:18'],
    ['node:hydrogen', 'node:18'],
    ['debian:buster', 'debian:bullseye'],
    ['debian:10', 'debian:11'],
    ['debian:12.5', 'debian:12'],
    ['debian:bookworm-20230101-slim', 'debian:bookworm-slim'],
    ['registry:3', 'registry:2'],
    ['php:8.2-apache', 'php:8.4-apache'],
    ['php:7.4-cli-alpine', 'php:8.4'],
    ['wordpress:php8.2-apache', 'wordpress:6.8'],
    ['docker:24-cli', 'docker:26-cli'],
    ['hello-world:linux', 'hello-world:latest'],
    ['docker.io/library/redis:6', 'redis:8'],
  ];
  test.each(tags)('%s becomes %s', (asked, best) => {
    expect(nearestImage(asked, hub)).toMatchObject({ kind: 'other-tag', reference: best });
  });

  test('the right tags are few, and say different things', () => {
    expect(nearestImage('python:3.12-alpine', hub).others).toEqual(['python:3.13', 'python:3.11-slim', 'python:3.11']);
    expect(nearestImage('redis:7', hub).others).toEqual([]);
  });

  test('a variant that does another thing, Python 2 and a digest are only hinted at', () => {
    for (const asked of ['php:8.2-fpm', 'wordpress:6-fpm-alpine', 'docker:24-dind', 'python:2.7', 'python:2', `python@sha256:${'0'.repeat(64)}`])
      expect(nearestImage(asked, hub).kind, asked).toBe('something-else');
  });
});

describe('other addresses', () => {
  const elsewhere: readonly (readonly [asked: string, kind: string, reference: string | undefined])[] = [
    ['docker.io/redis', 'here', 'redis'],
    ['index.docker.io/library/redis:8', 'here', 'redis:8'],
    ['public.ecr.aws/docker/library/python:3.12-slim', 'same-kind', 'python:3.13-slim'],
    ['mirror.gcr.io/library/nginx', 'same-kind', 'nginx:latest'],
    ['i386/debian:12', 'same-kind', 'debian:12'],
    ['arm64v8/ubuntu:22.04', 'same-kind', 'debian:12'],
    ['bitnami/postgresql:15', 'something-else', 'postgres:17'],
    ['ghcr.io/foo/redis:7', 'something-else', 'redis:8'],
    ['quay.io/centos/centos:stream9', 'something-else', 'debian:13'],
    ['docker.elastic.co/elasticsearch/elasticsearch:7.17.0', 'none', undefined],
    ['mcr.microsoft.com/dotnet/sdk:8.0', 'none', undefined],
    ['gcr.io/distroless/python3-debian12', 'something-else', 'python:3.13'],
    ['ghcr.io/foo/bar', 'none', undefined],
    ['localhost:5000/redis:7', 'none', undefined],
    ['registry:5000/redis', 'none', undefined],
  ];
  test.each(elsewhere)('%s: %s %s', (asked, kind, reference) => {
    const nearest = nearestImage(asked, hub);
    expect([nearest.kind, nearest.reference]).toEqual([kind, reference]);
  });
});

test('a slip of the finger is told, and never taken for the name', () => {
  expect(nearestImage('pyhton:3.12', hub)).toMatchObject({ kind: 'something-else', advice: 'did you mean python:3.13?' });
  expect(nearestImage('ngnix', hub).reference).toBe('nginx:1.26');
  expect(nearestImage('myapp', hub)).toMatchObject({ kind: 'none', advice: expect.stringMatching(/docker build -t myapp \.$/) });
});

test('a build that installs packages gets another base for Alpine', () => {
  expect(nearestImage('alpine:3.20', hub).forPackages).toEqual({
    reference: 'debian:13-slim',
    advice: 'use debian:13-slim: there is no Alpine here, so use apt-get install instead of apk add.',
  });
});

test('what is no name of an image is told so', () => {
  for (const text of ['', 'Python:3', 'a b', 'python:', ':3', '-x', '__proto__', 'a//b', 'redis:8:9'])
    expect(nearestImage(text, hub), text).toMatchObject({ kind: 'none', advice: expect.stringContaining('not the name of an image') });
  expect(nearestImage('constructor', hub).kind).toBe('none');
});

test('only what the hub has is ever named, whatever it has', () => {
  for (const few of [[], hubOf(['redis', 'latest']), hubOf(['nginx', '1.26'], ['debian', '13-slim']), hub]) {
    const names = few.flatMap(({ name, tags }) => tags.map(tag => `${name}:${tag}`));
    for (const asked of [...Object.keys(KINSHIP), ...written.map(([one]) => one), 'foo/redis', 'rediss']) {
      const nearest = nearestImage(asked, few);
      if (nearest.kind === 'here') continue;
      for (const reference of [nearest.reference, nearest.forPackages?.reference, ...nearest.others])
        if (reference !== undefined) expect(names, `${asked} in a hub of ${few.length}`).toContain(reference);
      expect(nearest.advice, asked).toMatch(/^[\x20-\x7e]{10,220}$/);
      if (mayStandIn(nearest)) expect(nearest.reference, asked).toBeDefined();
    }
  }
});

test('every reason of the table is a part of one ASCII sentence', () => {
  for (const [name, { why, forPackages }] of Object.entries(KINSHIP))
    for (const text of [why, forPackages?.why ?? '']) expect(text, name).toMatch(/^[\x20-\x7e]{0,140}$(?<!\.)/);
});

test('names are read as the engine reads them', () => {
  expect(parseAskedImage('ghcr.io/me/app:v1@sha256:ab')).toEqual({ registry: 'ghcr.io', name: 'me/app', tag: 'v1', digest: 'sha256:ab' });
  expect(parseAskedImage('localhost/app')).toMatchObject({ registry: 'localhost', name: 'app' });
  expect(parseAskedImage('https://hub.docker.com/_/redis')).toMatchObject({ registry: undefined, name: 'redis' });
  expect(imagesOfReferences(['redis:8', 'localhost:5000/a:1'])).toEqual([
    { name: 'redis', tags: ['8'] },
    { name: 'localhost:5000/a', tags: ['1'] },
  ]);
});
