import { createHash } from 'node:crypto';
import { keyFromSeed, publicKeyring, type SigningKey } from './openpgp.ts';

/**
 * The archive's key is made from this text, which everybody can read: it keeps nobody from signing in its name. It is there because apt wants a
 * signature, so that apt works as anywhere else, without a switch that turns checks off. What comes out of the archive is protected by the
 * hashes of the site's blobs.
 */
const SEED = "Drydock's archive of Debian packages: this key is public and protects nothing";
const USER = "Drydock's archive (packages made from Debian's; the key is public and protects nothing) <archive@drydock.invalid>";

/** When the key and all its signatures say that they were made: the same input gives the same bytes. The images say the same. */
export const ARCHIVE_TIME = Date.UTC(2026, 10, 1) / 1000;

/** Where Drydock's Debian images have the key, for their sources. */
export const KEYRING_PATH = 'usr/share/keyrings/drydock-archive-keyring.gpg';
/** Where apt looks for keys when a source names none, as one does that a tutorial writes. */
export const TRUSTED_PATH = 'etc/apt/trusted.gpg.d/drydock-archive-keyring.gpg';

/** The key that signs the archive. */
export function archiveKey(): SigningKey {
  return keyFromSeed(createHash('sha256').update(SEED).digest(), USER, ARCHIVE_TIME);
}

/** Its public part. */
export function archiveKeyring(): Buffer {
  return publicKeyring(archiveKey());
}
