import { joined } from '../core/base/bytes.ts';

/** Where a script may stand so that it is the first of a page: everything before it is no script and no text that a browser shows. */
const BEFORE = /^\uFEFF?(?:\s|<!--[^]*?-->|<!(?!--)[^>]*>|<\?[^>]*>|<html(?:\s[^>]*)?>|<head(?:\s[^>]*)?>)*/i;
/** Longer heads than this are let be: the script then stands where it was last sure to be right. */
const MOST_BYTES = 16 * 1024;

/** Puts a script into a page of HTML before all others, as it passes through. A page in UTF-16 passes as it is. */
export function withFirstScript(script: string): TransformStream<Uint8Array, Uint8Array> {
  const tag = new TextEncoder().encode(`<script>${script}</script>`);
  let held: Uint8Array | undefined = new Uint8Array(0);
  const insert = (controller: TransformStreamDefaultController<Uint8Array>, bytes: Uint8Array): void => {
    held = undefined;
    const at = placeIn(bytes);
    if (at === undefined) return controller.enqueue(bytes);
    controller.enqueue(bytes.subarray(0, at));
    controller.enqueue(tag);
    controller.enqueue(bytes.subarray(at));
  };
  return new TransformStream({
    transform(chunk, controller) {
      if (held === undefined) return controller.enqueue(chunk);
      held = joined(held, chunk);
      if (isWhole(held)) insert(controller, held);
    },
    flush(controller) {
      if (held !== undefined && held.length > 0) insert(controller, held);
    },
  });
}

/** Is the beginning all here? What follows it may be the first half of a tag that belongs to it. */
function isWhole(bytes: Uint8Array): boolean {
  const place = placeIn(bytes);
  if (place === undefined || bytes.length > MOST_BYTES) return true;
  const rest = new TextDecoder('latin1').decode(bytes.subarray(place));
  return rest !== '' && !/^<(?:!--[^]*|[^>]*)$/.test(rest);
}

/** The offset of the place for the script; undefined where the bytes are no text of which each character that matters is one byte. */
function placeIn(bytes: Uint8Array): number | undefined {
  const isWide = (bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0xff && bytes[1] === 0xfe);
  if (isWide) return undefined;
  // One character a byte, so that places in the text are places among the bytes; a byte order mark is three characters then.
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, MOST_BYTES));
  const mark = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  return mark + BEFORE.exec(text.slice(mark))![0].length;
}
