import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { readLock } from '../../src/node/builder/debian-lock.ts';
import { fetchPackage } from '../../src/node/builder/debian-packages.ts';
import type { OutsideServer } from './outside-server.ts';

/** A package of a made mirror: its fields as a control file has them, and its file. */
export interface MirroredPackage {
  readonly control: string;
  readonly deb: Uint8Array;
}

/** A suite of a made mirror. */
export interface MirroredSuite {
  readonly codename: string;
  readonly packages: readonly MirroredPackage[];
  /** Whether lists are there under their digests too, as Debian's own mirrors have them. */
  readonly byHash?: boolean;
  /** What its release says the list is, where that is not so. */
  readonly claimedSha256?: string;
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Where a mirror has a package. */
export function poolPath(control: string): string {
  const [name, version, architecture] = ['Package', 'Version', 'Architecture'].map(field => new RegExp(`^${field}: (.*)$`, 'm').exec(control)![1]!);
  return `pool/main/${name![0]}/${name}/${name}_${version!.replace(/^\d+:/, '')}_${architecture}.deb`;
}

/** Puts a suite on a server, laid out as a mirror of Debian is. Gives the paths of its list. */
export function serveSuite(server: OutsideServer, { byHash = false, claimedSha256, codename, packages }: MirroredSuite): readonly string[] {
  const paragraphs = packages.map(({ control, deb }) => {
    server.answers.set(`/debian/${poolPath(control)}`, { body: deb });
    const description = 'Description-md5: 0123456789abcdef0123456789abcdef\nTag: role::program,\n use::testing';
    return `${control.trimEnd()}\nMaintainer: Somebody <somebody@example.org>\n${description}\nFilename: ${poolPath(control)}\nSize: ${deb.length}\nMD5sum: 0\nSHA256: ${sha256(deb)}\n`;
  });
  const list = gzipSync(paragraphs.join('\n'));
  const folder = `/debian/dists/${codename}/main/binary-i386`;
  const paths = [`${folder}/Packages.gz`, ...(byHash ? [`${folder}/by-hash/SHA256/${sha256(list)}`] : [])];
  for (const path of paths) server.answers.set(path, { body: list });
  const release = [
    'Origin: Debian',
    `Codename: ${codename}`,
    `Acquire-By-Hash: ${byHash ? 'yes' : 'no'}`,
    'MD5Sum:',
    ` 0123456789abcdef0123456789abcdef ${list.length} main/binary-i386/Packages.gz`,
    'SHA256:',
    ` ${sha256('contrib')} 7 contrib/binary-i386/Packages.gz`,
    ` ${claimedSha256 ?? sha256(list)} ${String(list.length).padStart(8)} main/binary-i386/Packages.gz`,
  ];
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${release.join('\n')}\n-----BEGIN PGP SIGNATURE-----\n\nof Debian\n-----END PGP SIGNATURE-----\n`;
  server.answers.set(`/debian/dists/${codename}/InRelease`, { body: signed });
  return paths;
}

/** A real package of Debian's, as a set of the lock has it. */
export async function lockedMirrorPackage(set: string, name: string): Promise<MirroredPackage> {
  const file = await fetchPackage(await readLock(), set, name);
  const description = /^Description: .*\n(?: .*\n)*/m;
  const control = execFileSync('dpkg-deb', ['--field', file], { encoding: 'utf8' }).replace(description, text => `${text.split('\n')[0]}\n`);
  return { control, deb: await readFile(file) };
}
