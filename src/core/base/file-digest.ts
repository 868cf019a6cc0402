import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { hexOf } from './bytes.ts';

/** What a file must be. */
export interface FileDigest {
  readonly algorithm: 'sha256' | 'sha512' | 'sha1';
  /** In hexadecimal. */
  readonly hex: string;
}

const algorithms = { sha1, sha256, sha512 };

/** Takes a digest piece by piece. */
export class Digester {
  readonly #hash: ReturnType<typeof sha256.create>;

  constructor(algorithm: FileDigest['algorithm']) {
    this.#hash = algorithms[algorithm].create() as ReturnType<typeof sha256.create>;
  }

  take(piece: Uint8Array): void {
    this.#hash.update(piece);
  }

  /** In hexadecimal. It takes nothing more after that. */
  end(): string {
    return hexOf(this.#hash.digest());
  }
}

/** The digest of bytes that are all there. */
export function digestOf(algorithm: FileDigest['algorithm'], bytes: Uint8Array): Uint8Array {
  return algorithms[algorithm](bytes);
}

/** `sha512-<base64>`, as npm writes it, or `sha1-…`; undefined for anything else. If there are several, the strongest counts. */
export function digestOfIntegrity(integrity: string): FileDigest | undefined {
  for (const algorithm of ['sha512', 'sha256', 'sha1'] as const) {
    const match = new RegExp(`(?:^| )${algorithm}-([A-Za-z0-9+/]+=*)`).exec(integrity);
    if (match !== null) return { algorithm, hex: hexOf(Uint8Array.from(atob(match[1]!), character => character.charCodeAt(0))) };
  }
  return undefined;
}
