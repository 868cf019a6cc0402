import { expect, test } from 'vitest';
import { shareLayers, type ImageNode } from '../../../src/app/containers/layer-sharing.ts';
import type { ImageMaking } from '../../../src/app/session/machine/engine.ts';

const image = (id: string, createdMilliseconds = 0) => ({ id, tags: [id], sizeBytes: 0, createdMilliseconds });
const making = (...layers: readonly (readonly [string, number])[]): ImageMaking => ({
  layers: layers.map(([digest]) => digest),
  steps: layers.map(([layer, sizeBytes]) => ({ instruction: `ADD ${layer}`, sizeBytes, createdMilliseconds: 0, layer })),
});
const tree = (nodes: readonly ImageNode[]): unknown => Object.fromEntries(nodes.map(node => [node.image.id, tree(node.children)]));

const debian = making(['d', 70]);
const python = making(['d', 70], ['p', 40]);
const app = making(['d', 70], ['p', 40], ['a', 1]);

test('an image stands below the one it is built on, and shared layers count once', () => {
  const images = [image('app'), image('debian'), image('busybox'), image('python')];
  const known = { app, debian, python, busybox: making(['b', 2]) };
  const sharing = shareLayers(images, new Map(Object.entries(known)));
  expect(tree(sharing.roots)).toEqual({ debian: { python: { app: {} } }, busybox: {} });
  expect(sharing.roots[0]!.children[0]!.base).toEqual({ image: images[1], layerCount: 1 });
  expect(sharing.storedBytes).toBe(113);
  expect(sharing.unsharedBytes).toBe(70 + 110 + 111 + 2);
  const [shared] = sharing.roots[0]!.layers;
  expect(sharing.owners.get(shared!.key)!.map(({ id }) => id)).toEqual(['app', 'debian', 'python']);
});

test('the same layer on another base is another layer', () => {
  const sharing = shareLayers(
    [image('one'), image('two')],
    new Map([
      ['one', making(['x', 1], ['a', 5])],
      ['two', making(['y', 1], ['a', 5])],
    ]),
  );
  expect(tree(sharing.roots)).toEqual({ one: {}, two: {} });
  expect(sharing.storedBytes).toBe(12);
  expect(sharing.roots[0]!.layers[1]!.key).not.toBe(sharing.roots[1]!.layers[1]!.key);
});

test('of two images with the same layers the older is the base; none is below itself', () => {
  const sharing = shareLayers(
    [image('renamed', 9), image('debian', 3), image('again', 9)],
    new Map([
      ['renamed', debian],
      ['debian', debian],
      ['again', debian],
    ]),
  );
  expect(tree(sharing.roots)).toEqual({ debian: { again: { renamed: {} } } });
});

test('images whose making is not known yet, or that have no layer, stand alone', () => {
  const sharing = shareLayers(
    [image('new'), image('scratch'), image('debian')],
    new Map([
      ['scratch', making()],
      ['debian', debian],
    ]),
  );
  expect(tree(sharing.roots)).toEqual({ new: {}, scratch: {}, debian: {} });
});
