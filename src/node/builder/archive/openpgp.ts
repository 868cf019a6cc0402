/** As much of OpenPGP (RFC 4880, RFC 9580 for v4 keys) as an archive needs: one Ed25519 key, its certificate, a cleartext signature. Nothing is random. */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** A key that signs. */
export interface SigningKey {
  readonly userId: string;
  /** Seconds since 1970: a version 4 key's fingerprint depends on it. */
  readonly created: number;
  readonly privateKey: KeyObject;
  /** The public key packet's body. */
  readonly publicBody: Buffer;
  readonly fingerprint: Buffer;
}

const VERSION = 4;
const EDDSA = 22;
const SHA512 = 10;
/** RFC 8410's wrapping of a raw Ed25519 private key. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
/** The curve's object identifier as OpenPGP has it: its length, then 1.3.6.1.4.1.11591.15.1. */
const CURVE = Buffer.from('092b06010401da470f01', 'hex');
/** Before the point: it is in its native form. */
const NATIVE_POINT = 0x40;

const PACKET = { signature: 2, publicKey: 6, userId: 13 } as const;
const SIGNATURE = { text: 0x01, positiveCertification: 0x13 } as const;
const SUBPACKET = { created: 2, issuer: 16, keyFlags: 27, issuerFingerprint: 33 } as const;
const CERTIFY_AND_SIGN = 0x03;
const RAW_KEY_BYTES = 32;

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A multiprecision integer: its length in bits, then its bytes without zeros before. */
function mpi(bytes: Buffer): Buffer {
  const start = bytes.findIndex(byte => byte !== 0);
  const value = start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
  const bits = value.length === 0 ? 0 : value.length * 8 - Math.clz32(value[0]!) + 24;
  return Buffer.concat([uint16(bits), value]);
}

/** A packet with a length of four bytes in the new format. */
function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0 | tag, 0xff]), uint32(body.length), body]);
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body]);
}

/** Makes the key that a seed of 32 bytes stands for: the same seed, user and time give the same key. */
export function keyFromSeed(seed: Uint8Array, userId: string, created: number): SigningKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-RAW_KEY_BYTES);
  const point = mpi(Buffer.concat([Buffer.from([NATIVE_POINT]), raw]));
  const publicBody = Buffer.concat([Buffer.from([VERSION]), uint32(created), Buffer.from([EDDSA]), CURVE, point]);
  const fingerprint = createHash('sha1').update(keyPrefix(publicBody)).digest();
  return { userId, created, privateKey, publicBody, fingerprint };
}

/** A key as fingerprints and certifications hash it. */
function keyPrefix(publicBody: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x99]), uint16(publicBody.length), publicBody]);
}

interface SignatureTerms {
  readonly type: number;
  readonly time: number;
  /** More hashed subpackets. */
  readonly more?: readonly Buffer[];
}

function signaturePacket(key: SigningKey, content: Buffer, { type, time, more = [] }: SignatureTerms): Buffer {
  const hashed = Buffer.concat([
    subpacket(SUBPACKET.created, uint32(time)),
    subpacket(SUBPACKET.issuerFingerprint, Buffer.concat([Buffer.from([VERSION]), key.fingerprint])),
    ...more,
  ]);
  const head = Buffer.concat([Buffer.from([VERSION, type, EDDSA, SHA512]), uint16(hashed.length), hashed]);
  const trailer = Buffer.concat([Buffer.from([VERSION, 0xff]), uint32(head.length)]);
  const digest = createHash('sha512').update(content).update(head).update(trailer).digest();
  const signature = sign(undefined, digest, key.privateKey);
  const unhashed = subpacket(SUBPACKET.issuer, key.fingerprint.subarray(-8));
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  return packet(PACKET.signature, Buffer.concat([head, uint16(unhashed.length), unhashed, digest.subarray(0, 2), mpi(r), mpi(s)]));
}

/** The key as others keep it: a keyring with this one key, not armored. */
export function publicKeyring(key: SigningKey): Buffer {
  const user = Buffer.from(key.userId, 'utf8');
  const content = Buffer.concat([keyPrefix(key.publicBody), Buffer.from([0xb4]), uint32(user.length), user]);
  const flags = subpacket(SUBPACKET.keyFlags, Buffer.from([CERTIFY_AND_SIGN]));
  const certification = signaturePacket(key, content, { type: SIGNATURE.positiveCertification, time: key.created, more: [flags] });
  return Buffer.concat([packet(PACKET.publicKey, key.publicBody), packet(PACKET.userId, user), certification]);
}

const ARMOR_COLUMNS = 64;
const CRC24_START = 0xb704ce;
const CRC24_POLYNOMIAL = 0x1864cfb;

function crc24(bytes: Buffer): Buffer {
  let crc = CRC24_START;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : CRC24_POLYNOMIAL);
    crc &= 0xffffff;
  }
  return uint32(crc).subarray(1);
}

function armored(kind: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${ARMOR_COLUMNS}}`, 'g')) ?? [];
  return `-----BEGIN PGP ${kind}-----\n\n${lines.join('\n')}\n=${crc24(bytes).toString('base64')}\n-----END PGP ${kind}-----\n`;
}

/** A text with its signature around it, as InRelease has it. Throws for a line that such a signature would change. */
export function clearSigned(key: SigningKey, text: string, time: number): string {
  if (!text.endsWith('\n') || /^-|[ \t\r]$/m.test(text)) throw new Error('a signed text has no lines that begin with a hyphen or end with a space');
  const lines = text.slice(0, -1).split('\n');
  const signature = signaturePacket(key, Buffer.from(lines.join('\r\n'), 'utf8'), { type: SIGNATURE.text, time });
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}${armored('SIGNATURE', signature)}`;
}
