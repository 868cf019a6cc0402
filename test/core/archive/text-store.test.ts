import { expect, test } from 'vitest';
import { TextStore } from '../../../src/core/archive/text-store.ts';

test('gives each text as it was given, whatever its length and characters, and the last of a name', () => {
  const store = new TextStore();
  const texts = Array.from({ length: 4000 }, (_, index) => `ä€😀 ${index} ${'x'.repeat(index % 900)}\n`);
  texts.push('y'.repeat(3_000_000), '');
  for (const [index, text] of texts.entries()) store.set(`name-${index}`, text);
  store.set('name-5', 'another');
  expect(texts.every((text, index) => index === 5 || store.get(`name-${index}`) === text)).toBe(true);
  expect([store.get('name-5'), store.get('none'), store.has('none'), store.size]).toEqual(['another', undefined, false, texts.length]);
});
