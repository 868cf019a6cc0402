import { expect, test } from 'vitest';
import { withFirstScript } from '../../src/service-worker/first-script.ts';

async function through(html: string, ...cuts: number[]): Promise<string> {
  const bytes = Buffer.from(html);
  const bounds = [0, ...cuts, bytes.length];
  const pieces = bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end));
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  return new Response(source.pipeThrough(withFirstScript('S') as ReadableWritablePair<Uint8Array, Uint8Array>)).text();
}

const pages: readonly (readonly [before: string, after: string])[] = [
  ['<!DOCTYPE html><html lang="en"><head>', '<meta charset="utf-8"><script>x</script></head>'],
  ['\n<!doctype html>\n<!-- <script>old</script> -->\n<html>\n<head class="a">\n', '<title>ä</title>'],
  ['<!doctype html>', '<title>T</title><h1>H</h1>'],
  ['', '<h1>no head</h1>'],
  ['', 'only text'],
  ['<html>', '<header>is no head</header>'],
  ['<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd"><html><head>', '<base href="/">'],
];

test.each(pages)('it stands first, and not before the doctype: %j %j', async (before, after) => {
  const expected = `${before}<script>S</script>${after}`;
  expect(await through(before + after)).toBe(expected);
  for (let cut = 0; cut <= Buffer.byteLength(before + after); cut++) expect(await through(before + after, cut)).toBe(expected);
});

test('an empty page stays empty, and bytes that are no text stay as they are', async () => {
  expect(await through('')).toBe('');
  const wide = Buffer.from('\ufeff<p>', 'utf16le').toString('latin1');
  expect(await through(wide)).toContain(wide.slice(2, 3));
});

test('what has begun is not held back: a page may come slowly', async () => {
  const { readable, writable } = withFirstScript('S');
  const writer = writable.getWriter();
  void writer.write(Buffer.from('<!doctype html><p>first'));
  const { value } = await readable.getReader().read();
  expect(Buffer.from(value!).toString()).toBe('<!doctype html>');
});
