import { expect, test } from 'vitest';
import { gzipped, ungzipped } from '../../../src/core/base/gzip.ts';

async function* piecesOf(...texts: string[]): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (const text of texts) yield Promise.resolve(new TextEncoder().encode(text));
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of pieces) text += decoder.decode(piece, { stream: true });
  return text;
}

test('what was packed comes back, and all of the file is told as read at the end', async () => {
  const file = await gzipped(piecesOf('one ', 'two ', 'x'.repeat(300_000)));
  const told: number[] = [];
  expect(await textOf(ungzipped(file, bytes => told.push(bytes)))).toBe(`one two ${'x'.repeat(300_000)}`);
  expect(told.at(-1)).toBe(file.size);
});

test('a file that ends too soon is refused', async () => {
  const file = await gzipped(piecesOf('x'.repeat(1000)));
  await expect(textOf(ungzipped(file.slice(0, file.size - 9)))).rejects.toThrow();
});
