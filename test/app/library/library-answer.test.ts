import { expect, test } from 'vitest';
import { answerFor } from '../../../src/app/library/library-answer.ts';
import type { HubImageSummary } from '../../../src/core/protocol/sandbox.ts';

function image(name: string, ...tags: string[]): HubImageSummary {
  return { name, tags, description: 'A store of keys and values.', isOfficial: true, bytes: 0, wireBytes: 0, layers: [] };
}
const images = [image('redis', 'latest', '8'), image('debian', '13-slim'), image('python', '3.13-slim', '3.13')];

test('an image that is not here gets what to use', () => {
  expect(answerFor('python:3.12-alpine', images)).toEqual({
    asked: 'python:3.12-alpine',
    advice: 'use python:3.13-slim. There is also python:3.13.',
    reference: 'python:3.13-slim',
    name: 'python',
  });
  expect(answerFor(' docker pull ubuntu:22.04 ', images)).toMatchObject({ asked: 'ubuntu:22.04', reference: 'debian:13-slim', name: 'debian' });
});

test('where nothing is near there is a reason', () => {
  expect(answerFor('mongo', images)).toEqual({
    asked: 'mongo',
    advice: 'Debian has no MongoDB to make it from, and nothing here speaks its protocol.',
    reference: undefined,
    name: undefined,
  });
});

test('what finds something, and what is no name, is left to the list', () => {
  for (const search of ['', 're', 'red', 'redis:8', 'docker.io/library/redis:8', 'keys', 'keys and values', 'no such words', 'xy'])
    expect(answerFor(search, images), search).toBeUndefined();
});
