import { joined } from '../base/bytes.ts';

const encoder = new TextEncoder();
const chunkEnd = encoder.encode('\r\n');

/** What ends a body that is sent in chunks (RFC 9112, section 7.1). */
export const lastChunk = encoder.encode('0\r\n\r\n');

/** Bytes of a body as one chunk. They must not be empty: that would be the last chunk. */
export function chunkOf(bytes: Uint8Array): Uint8Array {
  return joined(encoder.encode(`${bytes.length.toString(16)}\r\n`), bytes, chunkEnd);
}
