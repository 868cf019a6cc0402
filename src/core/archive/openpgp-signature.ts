/** As much of OpenPGP (RFC 4880, RFC 9580 for version 4) as a page needs to sign an archive's release: a cleartext signature by an Ed25519 key. */
import { base64Of, joined } from '../base/bytes.ts';
import { signatureOf } from '../base/ed25519.ts';
import { digestOf } from '../base/file-digest.ts';

/** A key that signs. */
export interface OpenpgpKey {
  /** The private key, 32 bytes. */
  readonly secret: Uint8Array;
  readonly fingerprint: Uint8Array;
}

const VERSION = 4;
const EDDSA = 22;
const SHA512 = 10;
/** The curve's object identifier: its length, then 1.3.6.1.4.1.11591.15.1. */
const CURVE = [0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];
/** Before a point: it is in its native form. */
const NATIVE_POINT = 0x40;
const TEXT_SIGNATURE = 0x01;
const SIGNATURE_PACKET = 0xc2;
const LONG_LENGTH = 0xff;
const SUBPACKET = { created: 2, issuer: 16, issuerFingerprint: 33 } as const;

/** The fingerprint of an Ed25519 key that was made at `seconds` since 1970. */
export function fingerprintOf(publicKey: Uint8Array, seconds: number): Uint8Array {
  const point = integer(joined(Uint8Array.of(NATIVE_POINT), publicKey));
  const body = joined(Uint8Array.of(VERSION), uint32(seconds), Uint8Array.of(EDDSA, ...CURVE), point);
  return digestOf('sha1', joined(Uint8Array.of(0x99), uint16(body.length), body));
}

/** A text with its signature around it, as InRelease has it, made at `seconds` since 1970. Throws for a line that such a signature would change. */
export function clearSigned(key: OpenpgpKey, text: string, seconds: number): string {
  if (!text.endsWith('\n') || /^-|[ \t\r]$/m.test(text)) throw new Error('a signed text has no lines that begin with a hyphen or end with a space');
  const signed = new TextEncoder().encode(text.slice(0, -1).replaceAll('\n', '\r\n'));
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}${armored(signaturePacket(key, signed, seconds))}`;
}

/** The text inside such a signature; undefined if there is none. */
export function signedText(signed: string): string | undefined {
  return /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash: .*\n)*\n([^]*\n)-----BEGIN PGP SIGNATURE-----\n/.exec(signed)?.[1];
}

function signaturePacket({ secret, fingerprint }: OpenpgpKey, content: Uint8Array, seconds: number): Uint8Array {
  const hashed = joined(
    subpacket(SUBPACKET.created, uint32(seconds)),
    subpacket(SUBPACKET.issuerFingerprint, joined(Uint8Array.of(VERSION), fingerprint)),
  );
  const head = joined(Uint8Array.of(VERSION, TEXT_SIGNATURE, EDDSA, SHA512), uint16(hashed.length), hashed);
  const trailer = joined(Uint8Array.of(VERSION, 0xff), uint32(head.length));
  const digest = digestOf('sha512', joined(content, head, trailer));
  const signature = signatureOf(secret, digest);
  const unhashed = subpacket(SUBPACKET.issuer, fingerprint.subarray(-8));
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const body = joined(head, uint16(unhashed.length), unhashed, digest.subarray(0, 2), integer(r), integer(s));
  return joined(Uint8Array.of(SIGNATURE_PACKET, LONG_LENGTH), uint32(body.length), body);
}

function subpacket(type: number, body: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(body.length + 1, type), body);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** A multiprecision integer: its length in bits, then its bytes without zeros before. */
function integer(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex(byte => byte !== 0);
  const value = start < 0 ? new Uint8Array() : bytes.subarray(start);
  const bits = value.length === 0 ? 0 : value.length * 8 - Math.clz32(value[0]!) + 24;
  return joined(uint16(bits), value);
}

const ARMOR_COLUMNS = 64;
const CRC24_START = 0xb704ce;
const CRC24_POLYNOMIAL = 0x1864cfb;

function armored(bytes: Uint8Array): string {
  const lines = base64Of(bytes).match(new RegExp(`.{1,${ARMOR_COLUMNS}}`, 'g')) ?? [];
  return `-----BEGIN PGP SIGNATURE-----\n\n${lines.join('\n')}\n=${base64Of(crc24(bytes))}\n-----END PGP SIGNATURE-----\n`;
}

function crc24(bytes: Uint8Array): Uint8Array {
  let crc = CRC24_START;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : CRC24_POLYNOMIAL);
    crc &= 0xffffff;
  }
  return uint32(crc).subarray(1);
}
