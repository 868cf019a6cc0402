import { sha256 as portableSha256 } from '@noble/hashes/sha2.js';
import { hexOf } from './bytes.ts';

/** SHA-256 in hexadecimal. Browsers have it built in only in secure contexts (https, localhost): elsewhere a library does it. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const subtle = (globalThis as { crypto?: { subtle?: { digest(name: string, data: Uint8Array): Promise<ArrayBuffer> } } }).crypto?.subtle;
  return hexOf(subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : portableSha256(bytes));
}
