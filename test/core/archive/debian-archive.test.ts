import { describe, expect, test } from 'vitest';
import { ARCHIVE_CATALOG_FORMAT, checkArchiveCatalog, type ArchiveCatalog } from '../../../src/core/archive/archive-catalog.ts';
import { DebianArchive, type ArchiveTrouble } from '../../../src/core/archive/debian-archive.ts';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { MadeSite, sha256, someBytes } from '../hub/made-pieces.ts';
import { get as getWith, type FakeClient } from '../network/fake-client.ts';

const modified = 'Sun, 01 Nov 2026 00:00:00 GMT';
const deb = someBytes(5000);
const index = Buffer.from('Package: curl\n');
const debPath = 'debian/pool/trixie/curl_8.14_i386.deb';

function madeArchive(): { archive: DebianArchive; site: MadeSite; troubles: ArchiveTrouble[] } {
  const site = new MadeSite();
  const pool = [{ path: debPath, sha256: sha256(deb), content: site.store(deb, 2048) }];
  const catalog: ArchiveCatalog = {
    format: ARCHIVE_CATALOG_FORMAT,
    modified,
    suites: [
      {
        codename: 'trixie',
        version: '13',
        packages: 1,
        releases: { 'debian/dists/trixie/InRelease': 'signed', 'debian-security/dists/trixie-security/InRelease': 'signed, empty' },
        index: { path: 'debian/dists/trixie/main/binary-i386/Packages', sha256: sha256(index), content: site.store(index, 2048) },
        pool: site.store(Buffer.from(JSON.stringify(pool)), 2048),
      },
    ],
  };
  const loader = new BlobLoader(site);
  const archive = new DebianArchive(
    () => Promise.resolve(catalog),
    (name, bytes) => loader.load(name, bytes),
  );
  const troubles: ArchiveTrouble[] = [];
  archive.onTrouble(trouble => troubles.push(trouble));
  return { archive, site, troubles };
}

const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const textOf = (client: FakeClient) => Buffer.from(client.body).toString();

describe('the Debian archive', () => {
  const { archive } = madeArchive();
  const get = (path: string, headers: string[] = [], method?: string) => getWith(archive.handle, path, headers, method);

  test('gives the signed release, the index and a package, whole and from an offset', async () => {
    expect(textOf(await get('/debian/dists/trixie/InRelease'))).toBe('signed');
    expect(textOf(await get('/debian-security/dists/trixie-security/InRelease'))).toBe('signed, empty');
    expect(textOf(await get('/debian/dists/trixie/main/binary-i386/Packages'))).toBe('Package: curl\n');
    expect(Buffer.from((await get(`/${debPath}`)).body)).toEqual(Buffer.from(deb));
    const rest = await get(`/${debPath}`, ['Range: bytes=4990-']);
    expect(statusOf(rest)).toBe(206);
    expect(Buffer.from(rest.body)).toEqual(Buffer.from(deb.subarray(4990)));
  });

  test('says that nothing is new to who has it already', async () => {
    for (const path of ['/debian/dists/trixie/InRelease', '/debian/dists/trixie/main/binary-i386/Packages']) {
      const answer = await get(path, [`If-Modified-Since: ${modified}`]);
      expect(statusOf(answer)).toBe(304);
      expect(answer.body).toHaveLength(0);
    }
    expect(statusOf(await get('/debian/dists/trixie/InRelease', ['If-Modified-Since: Sun, 01 Nov 2020 00:00:00 GMT']))).toBe(200);
  });

  test('an address with a slash too many is the same one', async () => {
    expect(textOf(await get('/debian//dists/trixie/InRelease'))).toBe('signed');
  });

  test('other components are there and empty', async () => {
    const answer = await get('/debian/dists/trixie/contrib/binary-i386/Packages');
    expect([statusOf(answer), answer.body.length]).toEqual([200, 0]);
  });

  test('what is not there is answered in words, also in the line that apt prints', async () => {
    const suite = await get('/debian/dists/buster/InRelease');
    expect(suite.received).toMatch(
      /^HTTP\/1\.1 404 The Debian archive of this sandbox has no suite buster\. It has some packages of Debian 13 \(trixie\)/,
    );
    expect((await get('/debian/pool/trixie/nothing_1_i386.deb')).received).toMatch(
      /^HTTP\/1\.1 404 .*no file debian\/pool\/trixie\/nothing_1_i386\.deb/,
    );
    expect((await get('/debian/pool/sid/x.deb')).received).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('can only be read', async () => {
    expect(statusOf(await get('/debian/dists/trixie/InRelease', ['Content-Length: 0'], 'POST'))).toBe(405);
  });

  test('knows which suite has a package', async () => {
    expect(await archive.suitesWith('curl')).toEqual(['Debian 13 (trixie)']);
    expect(await archive.suitesWith('cur')).toEqual([]);
  });

  test('describes itself', async () => {
    expect(await archive.describe()).toBe('1 packages of Debian 13 (trixie)');
  });
});

test('a package that does not come is told, and comes when it is asked for again', async () => {
  const { archive, site, troubles } = madeArchive();
  await getWith(archive.handle, '/debian/dists/trixie/InRelease');
  const [first] = [...site.blobs.keys()];
  site.faults.set(first!, Array<Error>(4).fill(new Error('the network is gone')));
  await getWith(archive.handle, `/${debPath}`).catch(() => undefined);
  expect(troubles.map(({ name }) => name)).toEqual(['curl_8.14_i386.deb']);
  expect(troubles[0]!.message).toContain('Go online and run apt again');
  expect(Buffer.from((await getWith(archive.handle, `/${debPath}`)).body)).toEqual(Buffer.from(deb));
});

test('a list that cannot be read is a 503 with the reason, and is asked for again', async () => {
  let attempts = 0;
  const archive = new DebianArchive(
    () => {
      attempts += 1;
      return Promise.reject(new SandboxError('download-failed', 'The list does not come.'));
    },
    () => Promise.reject(new Error('unused')),
  );
  for (let round = 1; round <= 2; round++) {
    const answer = await getWith(archive.handle, '/debian/dists/trixie/InRelease');
    expect(answer.received).toMatch(/^HTTP\/1\.1 503 InRelease could not be delivered: The list does not come\./);
    expect(attempts).toBe(round);
  }
});

test("Debian's names are its own, others are not", () => {
  for (const host of ['deb.debian.org', 'security.debian.org', 'ftp.de.debian.org', 'debian.org']) expect(DebianArchive.serves(host)).toBe(true);
  for (const host of ['debian.org.example', 'notdebian.org', 'archive.ubuntu.com', '']) expect(DebianArchive.serves(host)).toBe(false);
});

test('a catalog of another format is refused', () => {
  expect(() => checkArchiveCatalog({ format: 0, suites: [] })).toThrow(/The Debian packages on this site are/);
});
