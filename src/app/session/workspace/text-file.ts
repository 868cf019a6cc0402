import type { Entry } from './file-storage.ts';

/** Larger than this a file is shown as a size and a download, not as text. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** The text of a file that the editor can show without changing a byte of it, or why it cannot. */
export type TextFile = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'binary' | 'too-big'; readonly byteCount: number };

// A byte order mark is kept as a character, so that it is written back.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function readTextFile(entry: Entry & { kind: 'file' }): TextFile {
  const byteCount = entry.content.length;
  if (byteCount > MAX_TEXT_BYTES) return { kind: 'too-big', byteCount };
  if (entry.content.includes(0)) return { kind: 'binary', byteCount };
  try {
    return { kind: 'text', text: decoder.decode(entry.content) };
  } catch {
    return { kind: 'binary', byteCount };
  }
}
