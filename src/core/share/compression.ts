import { joinedAll } from '../base/bytes.ts';
import { shareInvalid } from './carried-files.ts';

/** `deflate` is the zlib format: it ends with a checksum, as gzip does. */
export type Format = 'deflate' | 'gzip';

type ByteTransform = Pick<CompressionStream, 'readable' | 'writable'>;

/** One piece of input can become a thousand times as much: small ones keep what is unpacked beyond a limit small. */
const PIECE_BYTES = 16 * 1024;

/** Packs bytes with the platform's own compressor. */
export async function compress(bytes: Uint8Array, format: Format): Promise<Uint8Array<ArrayBuffer>> {
  return joinedAll((await throughAll(new CompressionStream(format), bytes, Infinity)) ?? []);
}

/** Unpacks at most `maxBytes`. Rejects with `share-invalid`: `tooLarge` where there would be more, `damaged` where the bytes make no sense. */
export async function decompress(
  bytes: Uint8Array,
  format: Format,
  maxBytes: number,
  messages: { readonly tooLarge: string; readonly damaged: string },
): Promise<Uint8Array<ArrayBuffer>> {
  let pieces: readonly Uint8Array[] | undefined;
  try {
    pieces = await throughAll(new DecompressionStream(format), bytes, maxBytes);
  } catch (error) {
    throw shareInvalid(messages.damaged, error);
  }
  if (pieces === undefined) throw shareInvalid(messages.tooLarge);
  return joinedAll(pieces);
}

/** All that comes out, or undefined as soon as it is more than `maxBytes`. */
async function throughAll(transform: ByteTransform, bytes: Uint8Array, maxBytes: number): Promise<readonly Uint8Array[] | undefined> {
  const reader = transform.readable.getReader();
  // What goes wrong while writing is seen while reading too.
  feed(transform, bytes).catch(() => undefined);
  const pieces: Uint8Array[] = [];
  let count = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    count += piece.value.length;
    if (count > maxBytes) {
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    pieces.push(piece.value);
  }
  return pieces;
}

async function feed({ writable }: ByteTransform, bytes: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) await writer.write(bytes.slice(at, at + PIECE_BYTES));
  await writer.close();
}
