import { expect, test } from 'vitest';
import { HUB_CATALOG_FORMAT, type HubCatalog, type HubImage } from '../../../src/core/hub/hub-catalog.ts';
import { blobsOfHub, chooseImages } from '../../../src/node/builder/images/choose-images.ts';

function image(repository: string, tags: string[], ...blobs: string[]): HubImage {
  const layers = blobs.map(sha256 => ({ digest: `sha256:${sha256}`, content: { bytes: 1, pieceBytes: 1, pieces: [{ sha256, bytes: 1 }] } }));
  return { repository, tags, description: '', config: '{}', layers };
}

const hub: HubCatalog = {
  format: HUB_CATALOG_FORMAT,
  images: [
    image('library/debian', ['13', 'latest'], 'base'),
    image('library/postgres', ['17', 'latest'], 'base', 'pg17'),
    image('library/postgres', ['15'], 'pg15'),
    image('traefik/whoami', ['latest'], 'who'),
  ],
};

const tagsOf = ({ images }: HubCatalog) => images.map(({ repository, tags }) => `${repository}:${tags[0]}`);

test('images are chosen by name, or by name and any of their tags, in the order of the hub', () => {
  expect(tagsOf(chooseImages(hub, ['traefik/whoami', 'postgres:latest']))).toEqual(['library/postgres:17', 'traefik/whoami:latest']);
  expect(tagsOf(chooseImages(hub, ['postgres']))).toEqual(['library/postgres:17', 'library/postgres:15']);
});

test('of a chosen image all layers are kept, and nothing of the others', () => {
  expect([...blobsOfHub(chooseImages(hub, ['postgres:17']))]).toEqual(['base', 'pg17']);
});

test('an image that is not there is named, with what is', () => {
  expect(() => chooseImages(hub, ['mysql', 'postgres:16', 'debian'])).toThrow(
    'The hub has no image mysql, postgres:16. It has: debian:13, postgres:17, postgres:15, traefik/whoami:latest.',
  );
});
