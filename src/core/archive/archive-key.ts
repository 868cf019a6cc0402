import { fingerprintOf, type OpenpgpKey } from './openpgp-signature.ts';
import { publicKeyOf } from '../base/ed25519.ts';
import { digestOf } from '../base/file-digest.ts';

/**
 * The archive's key, as the builder makes it for the images (src/node/builder/archive/archive-key.ts; a test compares the two): from a text that everybody can
 * read. It is there because apt wants a signature, and protects nothing.
 */
const SEED = "Drydock's archive of Debian packages: this key is public and protects nothing";
/** When it was made, in seconds since 1970. No signature may be older. */
export const KEY_SECONDS = Date.UTC(2026, 10, 1) / 1000;

let made: OpenpgpKey | undefined;

/** The key that signs what the page adds to the archive's index. */
export function archiveKey(): OpenpgpKey {
  return (made ??= makeKey());
}

function makeKey(): OpenpgpKey {
  const secret = digestOf('sha256', new TextEncoder().encode(SEED));
  return { secret, fingerprint: fingerprintOf(publicKeyOf(secret), KEY_SECONDS) };
}
