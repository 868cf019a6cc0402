import { expect, test } from 'vitest';
import { HUB_CATALOG_FORMAT, type HubCatalog } from '../../../src/core/hub/hub-catalog.ts';
import { coverageOf, coverageText, readMentions } from '../../../src/node/tutorials/coverage.ts';

function catalog(...images: readonly (readonly [string, ...string[]])[]): HubCatalog {
  return {
    format: HUB_CATALOG_FORMAT,
    images: images.map(([repository, ...tags]) => ({ repository, tags, description: '', config: '{}', layers: [] })),
  };
}

const mentions = {
  source: 'a test',
  mentions: { nginx: 10, 'nginx:alpine': 4, 'redis:7': 3, alpine: 5, 'traefik/whoami:latest': 1, scratch: 2 },
  repositories: 10,
  names: { nginx: 6, alpine: 3, 'traefik/whoami': 1 },
};

test('mentions are answered by name and tag; the others have a nearest image or none', () => {
  const hub = catalog(['library/nginx', 'latest', '1.26'], ['library/redis', '8'], ['library/redis', '7'], ['traefik/whoami', 'latest']);
  const coverage = coverageOf(mentions, hub);
  expect(coverage).toEqual({
    answered: 16,
    total: 25,
    others: [
      { image: 'alpine', count: 5, kind: 'none', advice: expect.stringMatching(/\.$/) },
      { image: 'nginx:alpine', count: 4, kind: 'other-tag', advice: expect.stringMatching(/^use nginx:/) },
    ],
    namesAnswered: 7,
    namesTotal: 10,
  });
  const text = coverageText(coverage).split('\n');
  expect(text[0]).toMatch(/^ {2}alpine {10}5 {2}none: /);
  expect(text[1]).toMatch(/^ {2}nginx:alpine {4}4 {2}other-tag: use nginx:/);
  expect(text.slice(2)).toEqual([
    '16 of 25 mentions (64.0 %) are answered by name and tag.',
    '4 of the other 9 are told the nearest image.',
    '7 of 10 mentions by repository (70.0 %) have a name that the hub has.',
  ]);
});

test('the count of this project can be read', async () => {
  const { mentions: counted, names } = await readMentions();
  expect(counted['nginx']).toBe(26);
  expect(names['postgres']).toBe(24);
});
