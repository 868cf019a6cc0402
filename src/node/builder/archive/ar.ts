/** The ar format of .debs (deb(5)): a magic line, then members with a head of 60 bytes, padded to even lengths. */

/** A member of an ar archive. */
export interface ArMember {
  readonly name: string;
  readonly bytes: Buffer;
}

const MAGIC = '!<arch>\n';
const HEAD_BYTES = 60;
const HEAD_END = '`\n';

/** Reads an ar archive with short names. Throws where it is none or ends too early. */
export function readAr(archive: Buffer): ArMember[] {
  if (archive.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('this is no .deb: the ar archive has no head');
  const members: ArMember[] = [];
  for (let at = MAGIC.length; at < archive.length;) {
    const head = archive.toString('latin1', at, at + HEAD_BYTES);
    const size = Number(head.slice(48, 58).trim());
    const end = at + HEAD_BYTES + size;
    if (!head.endsWith(HEAD_END) || !Number.isInteger(size) || end > archive.length)
      throw new Error('this .deb is damaged: an ar member is not whole');
    members.push({ name: head.slice(0, 16).trim().replace(/\/$/, ''), bytes: archive.subarray(at + HEAD_BYTES, end) });
    at = end + (size % 2);
  }
  return members;
}

/** Writes an ar archive whose members all were made at `time` (seconds since 1970). */
export function writeAr(members: readonly ArMember[], time: number): Buffer {
  const parts = members.flatMap(({ name, bytes }) => {
    const head = `${name.padEnd(16)}${String(time).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}${HEAD_END}`;
    return [Buffer.from(head, 'latin1'), bytes, Buffer.alloc(bytes.length % 2, '\n')];
  });
  return Buffer.concat([Buffer.from(MAGIC, 'latin1'), ...parts]);
}
