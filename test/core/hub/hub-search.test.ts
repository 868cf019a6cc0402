import { describe, expect, test } from 'vitest';
import { answerSearch, searchImages } from '../../../src/core/hub/hub-search.ts';
import type { HubImageSummary } from '../../../src/core/hub/hub-summary.ts';
import { HttpHeaders } from '../../../src/core/network/http-headers.ts';
import { targetOf } from '../../../src/core/network/request-target.ts';

const image = (name: string, description: string): HubImageSummary => ({
  name,
  tags: ['latest'],
  description,
  isOfficial: !name.includes('/'),
  bytes: 0,
  wireBytes: 0,
  layers: [],
});
const images = [
  image('someone/my-nginx', 'A web server of someone.'),
  image('nginx', 'A web server.'),
  image('redis', 'A store in memory.'),
  image('httpd', 'Another web server: not nginx.'),
];

async function ask(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const target = targetOf({ target: path, headers: new HttpHeaders([['host', '10.86.0.1']]) })!;
  const { status, body } = await answerSearch(target, () => Promise.resolve(images));
  return { status, body: JSON.parse(String(body)) as Record<string, unknown> };
}

describe('docker search', () => {
  test('finds names first, the shortest before all, then descriptions', () => {
    expect(searchImages(images, 'nginx').map(({ name }) => name)).toEqual(['nginx', 'someone/my-nginx', 'httpd']);
    expect(searchImages(images, 'NGINX').map(({ name }) => name)).toEqual(['nginx', 'someone/my-nginx', 'httpd']);
  });

  test('takes a name as it stands in a Dockerfile, and finds nothing where there is nothing', () => {
    expect(searchImages(images, 'library/redis:7').map(({ name }) => name)).toEqual(['redis']);
    expect(searchImages(images, 'mongo')).toEqual([]);
  });

  test('is answered as the engine expects it', async () => {
    expect(await ask('/v1/_ping')).toEqual({ status: 200, body: { standalone: false } });
    expect(await ask('/v1/search?q=my-nginx&n=25')).toEqual({
      status: 200,
      body: {
        query: 'my-nginx',
        num_results: 1,
        results: [{ name: 'someone/my-nginx', description: 'A web server of someone.', star_count: 0, is_official: false, is_automated: false }],
      },
    });
  });

  test('gives no more than was asked for, and refuses what is no number', async () => {
    expect((await ask('/v1/search?q=web&n=2')).body['num_results']).toBe(2);
    for (const limit of ['0', '101', 'x', '1.5']) expect((await ask(`/v1/search?q=web&n=${limit}`)).status).toBe(400);
  });

  test('is all that is answered of the old protocol', async () => {
    expect((await ask('/v1/users/')).status).toBe(404);
  });
});
