import * as ed25519 from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

ed25519.hashes.sha512 = message => sha512(message);

/** The public key of a private one: 32 bytes of 32. */
export function publicKeyOf(secret: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(secret);
}

/** The signature of a message, 64 bytes (RFC 8032): always the same for the same message and key. */
export function signatureOf(secret: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, secret);
}
