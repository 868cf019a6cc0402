import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packagesFile, releaseFiles } from '../../../../src/node/builder/archive/archive-index.ts';
import { ARCHIVE_TIME, archiveKey, archiveKeyring } from '../../../../src/node/builder/archive/archive-key.ts';
import { clearSigned } from '../../../../src/node/builder/archive/openpgp.ts';
import { sha256Hex } from '../../../../src/node/builder/archive/repack-deb.ts';

let work: string;
beforeEach(async () => (work = await mkdtemp(join(tmpdir(), 'drydock-index-'))));
afterEach(() => rm(work, { recursive: true, force: true }));

const trixie = { codename: 'trixie', version: '13', alias: 'stable' };

async function verify(text: string): Promise<string> {
  await writeFile(join(work, 'keyring.gpg'), archiveKeyring());
  await writeFile(join(work, 'InRelease'), text);
  return execFileSync('gpgv', ['--keyring', join(work, 'keyring.gpg'), '--output', '-', join(work, 'InRelease')], { stdio: 'pipe' }).toString();
}

test('GnuPG accepts every release with the public key, and none that was changed', async () => {
  const files = Object.values(releaseFiles(trixie, 'Package: curl\n'));
  for (const text of new Set(files)) expect(await verify(text)).toMatch(/^Origin: Drydock$/m);
  await expect(verify(files[0]!.replace('Codename: trixie', 'Codename: sid'))).rejects.toThrow();
});

test('a release vouches for its index by size and SHA-256', () => {
  const packages = 'Package: curl\n';
  const text = releaseFiles(trixie, packages)['debian/dists/trixie/InRelease']!;
  expect(text).toContain(`\n ${sha256Hex(Buffer.from(packages))} ${packages.length} main/binary-i386/Packages\n`);
  expect(text).toContain('\nDate: Sun, 01 Nov 2026 00:00:00 UTC\n');
  expect(text).not.toContain('Valid-Until');
});

test('updates and security are there under both names, and empty', () => {
  const files = releaseFiles(trixie, 'Package: curl\n');
  for (const path of [
    'debian/dists/trixie-updates',
    'debian-security/dists/trixie-security',
    'debian/dists/stable-updates',
    'debian-security/dists/stable-security',
  ]) {
    expect(files[`${path}/InRelease`]).toContain(`\n ${sha256Hex(Buffer.alloc(0))} 0 main/binary-i386/Packages\n`);
  }
  expect(files['debian/dists/stable/InRelease']).toBe(files['debian/dists/trixie/InRelease']);
});

test('the same input gives the same bytes', () => {
  expect(releaseFiles(trixie, 'x')).toEqual(releaseFiles(trixie, 'x'));
  expect(archiveKeyring().equals(archiveKeyring())).toBe(true);
});

test('the index has what apt needs, and where each package lies', () => {
  const control = new Map([
    ['Package', 'curl'],
    ['Drydock-Repacked', 'from curl_8_i386.deb; without this and that'],
    ['Maintainer', 'nobody'],
    ['Version', '8'],
    ['Depends', 'libc6 (>= 2),\n zlib1g'],
    ['Description', 'a tool'],
  ]);
  const text = packagesFile([
    { control, filename: 'pool/trixie/curl_8_i386.deb', bytes: 7, sha256: 'ab' },
    { control: new Map([['Package', 'x']]), filename: 'pool/x', bytes: 1, sha256: 'cd' },
  ]);
  expect(text).toBe(
    'Package: curl\nVersion: 8\nDepends: libc6 (>= 2),\n zlib1g\nDescription: a tool\nDrydock-Repacked: yes\nFilename: pool/trixie/curl_8_i386.deb\nSize: 7\nSHA256: ab\n\nPackage: x\nFilename: pool/x\nSize: 1\nSHA256: cd\n',
  );
});

test('a text that its signature would change is not signed', () => {
  for (const text of ['no newline', '- a hyphen\n', 'a space \n']) expect(() => clearSigned(archiveKey(), text, ARCHIVE_TIME)).toThrow(/signed text/);
});
