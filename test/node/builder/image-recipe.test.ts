import { expect, test } from 'vitest';
import { familiarName } from '../../../src/core/hub/hub-catalog.ts';
import { layerFile } from '../../../src/node/builder/images/built-images.ts';
import { configOf, labelsOf } from '../../../src/node/builder/images/image-recipe.ts';

const lock = {
  date: '2026-01-01T00:00:00.000Z',
  architecture: 'i386',
  suites: { trixie: { released: '', verification: '', packages: { libc6: { version: '2.41-1', path: '', sizeBytes: 1, sha256: '' } } } },
  sets: { base: { suite: 'trixie', packages: ['libc6'] } },
};

test('a configuration has a digest for each layer, and says in its history what a Dockerfile would', () => {
  const config = JSON.parse(
    configOf(
      {
        layers: [
          { file: 'a.tar', comment: 'ADD a /' },
          { file: 'b.tar', comment: 'ADD b /' },
        ],
        config: { ExposedPorts: { '80/tcp': {} }, Volumes: { '/data': {} }, Entrypoint: ['/run'], Cmd: ['x'], Env: ['A=1'] },
      },
      ['sha256:1', 'sha256:2'],
    ),
  ) as { rootfs: object; config: { Env: string[] }; history: { created_by: string; empty_layer?: boolean }[] };
  expect(config).toMatchObject({ os: 'linux', architecture: '386', rootfs: { type: 'layers', diff_ids: ['sha256:1', 'sha256:2'] } });
  expect(config.config.Env).toEqual([expect.stringMatching(/^PATH=/), 'A=1']);
  expect(config.history.filter(entry => !entry.empty_layer).map(entry => entry.created_by)).toEqual(['ADD a /', 'ADD b /']);
  expect(config.history.filter(entry => entry.empty_layer).map(entry => entry.created_by)).toEqual([
    'EXPOSE 80/tcp',
    'VOLUME /data',
    'ENTRYPOINT ["/run"]',
    'CMD ["x"]',
  ]);
});

test('labels name the Debian packages and say that the image is not the official one', () => {
  const labels = labelsOf(lock, [['base', 'libc6']]);
  expect(labels['dev.drydock.debian-packages']).toBe('libc6=2.41-1');
  expect(labels['org.opencontainers.image.vendor']).toContain('not the official image');
});

test('names and places', () => {
  expect(familiarName({ repository: 'library/python' })).toBe('python');
  expect(familiarName({ repository: 'traefik/whoami' })).toBe('traefik/whoami');
  expect(layerFile('/x', 'sha256:ab')).toBe('/x/ab.tar');
});
