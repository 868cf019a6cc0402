import { joined } from '../base/bytes.ts';
import type { Connection } from './connection.ts';

/** An alert record: fatal, access denied (RFC 8446, section 6). Clients print it: `tlsv1 alert access denied`. */
const ACCESS_DENIED = Uint8Array.of(21, 3, 3, 0, 2, 2, 49);
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD_BYTES = 5;
const MAX_RECORD_BYTES = 16 * 1024 + RECORD_HEAD_BYTES;

/**
 * Refuses a TLS connection in TLS's own words, as soon as the client has said which server it wants. Call it at once: it must listen before
 * the first bytes come. Resolves with the server's name; with undefined where the client named none, spoke no TLS or said nothing in time.
 */
export async function refuseTls(connection: Connection, timeoutMilliseconds = 10_000): Promise<string | undefined> {
  const hello = await readHello(connection, timeoutMilliseconds);
  try {
    if (hello[0] === HANDSHAKE) await connection.write(ACCESS_DENIED);
    connection.end();
  } catch {
    // The client has gone, and needs no refusal any more.
  }
  connection.close();
  return serverNameOf(hello);
}

/** What the client says first: one whole record where it speaks TLS, as far as it comes. */
function readHello(connection: Connection, timeoutMilliseconds: number): Promise<Uint8Array> {
  return new Promise(resolve => {
    let said = new Uint8Array(0);
    const finish = () => {
      clearTimeout(timer);
      resolve(said);
    };
    const timer = setTimeout(finish, timeoutMilliseconds);
    connection.onData(bytes => {
      connection.acknowledge(bytes.length);
      said = joined(said, bytes);
      if (said.length === 0) return;
      if (said[0] !== HANDSHAKE || said.length >= MAX_RECORD_BYTES || said.length >= recordBytes(said)) finish();
    });
    connection.onClose(finish);
  });
}

function recordBytes(bytes: Uint8Array): number {
  return bytes.length < RECORD_HEAD_BYTES ? Infinity : RECORD_HEAD_BYTES + ((bytes[3]! << 8) | bytes[4]!);
}

/** The name that a ClientHello asks for (RFC 6066, section 3), in lower case. */
function serverNameOf(record: Uint8Array): string | undefined {
  if (record[0] !== HANDSHAKE || record[RECORD_HEAD_BYTES] !== CLIENT_HELLO) return undefined;
  const number = (at: number, bytes: number) => record.subarray(at, at + bytes).reduce((value, byte) => value * 256 + byte, 0);
  // Behind the heads of record and handshake, the version and the random number.
  let at = RECORD_HEAD_BYTES + 4 + 2 + 32;
  at += 1 + number(at, 1);
  at += 2 + number(at, 2);
  at += 1 + number(at, 1);
  at += 2;
  while (at + 4 <= record.length) {
    const [type, bytes] = [number(at, 2), number(at + 2, 2)];
    at += 4;
    if (type === 0) {
      // One list with one name: two lengths and a type before it.
      const name = new TextDecoder().decode(record.subarray(at + 5, at + 5 + number(at + 3, 2))).toLowerCase();
      return /^[a-z0-9._-]{1,253}$/.test(name) ? name : undefined;
    }
    at += bytes;
  }
  return undefined;
}
