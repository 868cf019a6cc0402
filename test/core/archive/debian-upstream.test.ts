import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ARCHIVE_CATALOG_FORMAT, type ArchiveCatalog } from '../../../src/core/archive/archive-catalog.ts';
import { DebianArchive, type ArchiveTrouble } from '../../../src/core/archive/debian-archive.ts';
import { DebianUpstream } from '../../../src/core/archive/debian-upstream.ts';
import { signedText } from '../../../src/core/archive/openpgp-signature.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { MemoryKeptFiles } from '../../../src/core/upstream/kept-files.ts';
import { UpstreamClient } from '../../../src/core/upstream/upstream-client.ts';
import { createWeb } from '../../../src/core/upstream/web.ts';
import { releaseFiles } from '../../../src/node/builder/archive/archive-index.ts';
import { ARCHIVE_TIME, archiveKey } from '../../../src/node/builder/archive/archive-key.ts';
import { clearSigned } from '../../../src/node/builder/archive/openpgp.ts';
import { poolPath, serveSuite, type MirroredPackage, type MirroredSuite } from '../../support/debian-mirror.ts';
import { OutsideServer } from '../../support/outside-server.ts';
import { MadeSite, sha256, someBytes } from '../hub/made-pieces.ts';
import { get as getWith, type FakeClient } from '../network/fake-client.ts';

const modified = new Date(ARCHIVE_TIME * 1000).toUTCString();
const INRELEASE = '/debian/dists/trixie/InRelease';
const paragraph = (name: string, version: string, more = 'Drydock-Repacked: yes\n') =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: i386\n${more}Filename: pool/trixie/${name}.deb\nSize: 1\nSHA256: ${'0'.repeat(64)}\n`;
const ownIndex = [paragraph('curl', '8.14-2'), paragraph('libown', '1.0')].join('\n');
const packed = (name: string, version: string, more = '', seed = name.length): MirroredPackage => ({
  control: `Package: ${name}\nVersion: ${version}\nArchitecture: i386\nDescription: ${name} in a few words\n${more}`,
  deb: someBytes(3000, seed),
});
const rig = packed(
  'rig',
  '1.11-1.2',
  'Depends: libnew (>= 1), libown, libc6 (>= 2.4) | libc6-other, mail-transport-agent | fake\nRecommends: curl\n',
);
const mirrored: readonly MirroredPackage[] = [
  packed('curl', '8.14-2'),
  packed('ncdu', '1.22-1', 'Depends: libnew\n'),
  packed('libnew', '2.0-1'),
  rig,
  packed('exim', '4.0', 'Provides: mail-transport-agent (= 4)\n'),
  packed('postfix-like', '3.0', 'Provides: mail-transport-agent\n'),
  packed('libc6', '2.41'),
  packed('double', '1.0'),
  packed('double', '1.1'),
  packed('lonely', '1.0'),
];

let server: OutsideServer;
let archive: DebianArchive;
let upstream: DebianUpstream;
let troubles: ArchiveTrouble[];
let closing: AbortController;
const statusOf = (client: FakeClient) => Number(client.received.slice(9, 12));
const textOf = (client: FakeClient) => Buffer.from(client.body).toString();
const get = (path: string, ...headers: string[]) => getWith(archive.handle, path, headers);
const headerOf = (client: FakeClient, name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(client.received)?.[1];
const serve = (suite: Partial<MirroredSuite> = {}) => serveSuite(server, { codename: 'trixie', packages: mirrored, ...suite });

/** What apt does in an update: the release, then the list that it names. Checks the one by the key, the other by its digest. */
async function update(path = INRELEASE, known?: string): Promise<{ release: FakeClient; date: string; index: string; names: string[] }> {
  const release = await get(path, ...(known === undefined ? [] : [`If-Modified-Since: ${known}`]));
  const text = signedText(textOf(release))!;
  const date = headerOf(release, 'Last-Modified')!;
  expect(textOf(release)).toBe(clearSigned(archiveKey(), text, Date.parse(date) / 1000));
  expect(text).toContain(`\nDate: ${date.replace('GMT', 'UTC')}\n`);
  const [, digest, bytes] = /^ ([0-9a-f]{64}) (\d+) main\/binary-i386\/Packages$/m.exec(text)!;
  const folder = path.replace('InRelease', 'main/binary-i386');
  const index = await get(text.includes('Acquire-By-Hash: yes') ? `${folder}/by-hash/SHA256/${digest}` : `${folder}/Packages`);
  expect([sha256(index.body), index.body.length]).toEqual([digest, Number(bytes)]);
  return { release, date, index: textOf(index), names: [...textOf(index).matchAll(/^Package: (.*)$/gm)].map(match => match[1]!) };
}

/** An archive with these own packages. */
function useOwn(text: string): void {
  const site = new MadeSite();
  const bytes = Buffer.from(text);
  const index = { path: 'debian/dists/trixie/main/binary-i386/Packages', sha256: sha256(bytes), content: site.store(bytes, 2048) };
  const names = { codename: 'trixie', version: '13', alias: 'stable' };
  const suite = { ...names, packages: 2, releases: releaseFiles(names, text), index, pool: site.store(Buffer.from('[]'), 2048) };
  const catalog: ArchiveCatalog = { format: ARCHIVE_CATALOG_FORMAT, modified, suites: [suite] };
  const loader = new BlobLoader(site);
  archive = new DebianArchive(
    () => Promise.resolve(catalog),
    (name, count) => loader.load(name, count),
  );
  troubles = [];
  archive.onTrouble(trouble => troubles.push(trouble));
  archive.outside = { upstream };
}

beforeEach(async () => {
  server = await OutsideServer.start();
  closing = new AbortController();
  const client = new UpstreamClient(
    createWeb((address, options) => fetch(address, options)),
    new MemoryKeptFiles(),
    500,
  );
  upstream = new DebianUpstream(client, `${server.address}debian/`, closing.signal);
  useOwn(ownIndex);
});
afterEach(async () => {
  closing.abort();
  await server.stop();
});

describe('the index with a mirror', () => {
  test("has the own packages, Debian's usual ones and what these need, each once", async () => {
    serve();
    const { index, names } = await update();
    expect(names).toEqual(['curl', 'libnew', 'libown', 'ncdu']);
    expect(index).toContain('Drydock-Repacked: yes');
    expect(index).not.toMatch(/Maintainer|MD5|Tag|^ use/m);
    expect(troubles).toEqual([]);
  });

  test('has what files of the workspace have apt install, with what fits first of what that needs', async () => {
    serve();
    archive.wishes = () => ['rig', 'no-such-thing'];
    const { index, names } = await update();
    expect(names).toEqual(['curl', 'exim', 'libc6', 'libnew', 'libown', 'ncdu', 'rig']);
    expect(index).toContain(`Filename: ${poolPath(rig.control)}\nSize: 3000\n`);
    expect(index).not.toContain('Recommends');
  });

  test("has Debian's package where the own one is older, and the newest of several", async () => {
    serve({ packages: [...mirrored, packed('curl', '8.14-2+deb13u1', 'Depends: lonely\n')] });
    archive.want(['double']);
    const { index, names } = await update();
    expect(names).toEqual(['curl', 'double', 'libnew', 'libown', 'lonely', 'ncdu']);
    expect(index).toContain('Version: 8.14-2+deb13u1\n');
    expect(index).toContain('Version: 1.1\n');
  });

  test('has what an instructor has added as it is, beside what the archive has', async () => {
    serve({ packages: [...mirrored, packed('curl', '8.14-2+deb13u1'), packed('course', '2.0', 'Depends: lonely\n')] });
    useOwn([paragraph('curl', '8.14-2'), paragraph('course', '1.0', ''), paragraph('curl', '7.0', ''), paragraph('libown', '1.0')].join('\n'));
    archive.want(['course']);
    const { index, names } = await update();
    expect(names).toEqual(['course', 'curl', 'curl', 'libnew', 'libown', 'ncdu']);
    expect([...index.matchAll(/^Package: (?:course|curl)\nVersion: (.*)$/gm)].map(match => match[1])).toEqual(['1.0', '7.0', '8.14-2+deb13u1']);
  });

  test('keeps the own package where the mirror is behind', async () => {
    serve({ packages: [packed('curl', '8.9-1')] });
    expect((await update()).index).toBe(ownIndex);
  });

  test('is found under the name of the release as well, and the other suites stay as they are', async () => {
    serve();
    expect((await update('/debian/dists/stable/InRelease')).names).toContain('ncdu');
    const security = await get('/debian-security/dists/trixie-security/InRelease');
    expect(headerOf(security, 'Last-Modified')).toBe(modified);
    const empty = `/debian/dists/trixie/contrib/binary-i386/by-hash/SHA256/${sha256('')}`;
    expect([statusOf(await get(empty)), (await get(empty)).body.length]).toEqual([200, 0]);
  });

  test('is fetched under its digest where the mirror has it so, else under its name', async () => {
    const [byName, byHash] = serve({ byHash: true });
    await update();
    expect(server.asked).toEqual(['/debian/dists/trixie/InRelease', byHash]);
    server.answers.delete(byHash!);
    archive.outside = { upstream: new DebianUpstream(fresh(), `${server.address}debian/`, closing.signal) };
    expect((await update()).names).toContain('ncdu');
    expect(server.asked.at(-1)).toBe(byName);
  });

  test('is believed only where it is the one that the release names, and the own one answers otherwise', async () => {
    serve({ claimedSha256: sha256('another') });
    expect((await update()).index).toBe(ownIndex);
    expect(troubles.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /list of packages of trixie from 127\.0\.0\.1:\d+ is not what it should be: its sha256 is different\. apt gets the sandbox's own/,
      ),
    ]);
  });

  test('that cannot be unpacked is told', async () => {
    const [path] = serve();
    const broken = gzipSync(someBytes(5000)).subarray(0, 4000);
    serve({ claimedSha256: sha256(broken) });
    server.answers.set(path!, { body: broken });
    expect((await update()).index).toBe(ownIndex);
    expect(troubles[0]!.message).toContain('could not be unpacked');
  });

  test.each([
    ['silent', /has sent nothing for/],
    ['slow', /has sent nothing for/],
    ['dies', /stopped in the middle of the list of packages of trixie/],
  ] as const)('of a mirror that is %s does not come, the own one answers, and the next update has it', async (fault, message) => {
    const [path] = serve();
    const answer = server.answers.get(path!)!;
    server.answers.set(path!, { ...answer, fault });
    const first = await update();
    expect(first.index).toBe(ownIndex);
    expect(troubles.map(one => one.message)).toEqual([expect.stringMatching(message)]);
    server.answers.set(path!, answer);
    expect((await update(INRELEASE, first.date)).names).toContain('ncdu');
  });

  test.each([
    ['has not the suite', {}, /^127\.0\.0\.1:\d+ has no Debian 13 \(trixie\)\. apt gets the sandbox's own packages alone\.$/],
    ['answers something else', { status: 500 }, /answers 500 to a request for dists\/trixie\/InRelease/],
    ['has it for other machines', { body: 'Origin: Debian\n' }, /without a list of packages for i386/],
    ['does not allow this site', { body: 'x', isOpen: false }, /Debian's list of packages could not be fetched from outside/],
  ] as const)('of a mirror that %s is the own one', async (_, answer, message) => {
    if (Object.keys(answer).length > 0) server.answers.set('/debian/dists/trixie/InRelease', answer);
    expect((await update()).index).toBe(ownIndex);
    expect(troubles.map(one => one.message)).toEqual([expect.stringMatching(message)]);
  });
});

/** A client that remembers nothing yet. */
function fresh(): UpstreamClient {
  return new UpstreamClient(
    createWeb((address, options) => fetch(address, options)),
    new MemoryKeptFiles(),
    500,
  );
}

describe('what apt has already', () => {
  test('is known as long as nothing changes, and never taken for the newer one', async () => {
    serve();
    const own = await getWith(new DebianArchive(...sealedArguments()).handle, INRELEASE, []);
    expect(headerOf(own, 'Last-Modified')).toBe(modified);
    const first = await update(INRELEASE, modified);
    expect(Date.parse(first.date)).toBeGreaterThan(Date.parse(modified));
    expect(statusOf(await get(INRELEASE, `If-Modified-Since: ${first.date}`))).toBe(304);
    archive.want(['rig']);
    const second = await update(INRELEASE, first.date);
    expect(Date.parse(second.date)).toBeGreaterThan(Date.parse(first.date));
    expect(second.names).toContain('rig');
    // Switched off: the own release, later than what apt has.
    archive.outside = { offered: 'mirror.example' };
    const third = await update(INRELEASE, second.date);
    expect(Date.parse(third.date)).toBeGreaterThan(Date.parse(second.date));
    expect(third.index).toBe(ownIndex);
    // And who never had another gets it as it was built.
    expect((await update()).date).toBe(modified);
    expect(statusOf(await get(INRELEASE, `If-Modified-Since: ${modified}`))).toBe(304);
    archive.outside = { upstream };
    expect(Date.parse((await update(INRELEASE, third.date)).date)).toBeGreaterThan(Date.parse(third.date));
  });

  test('may be of a computer whose clock was wrong', async () => {
    serve();
    const future = 'Mon, 01 Jan 2035 00:00:00 GMT';
    expect((await update(INRELEASE, future)).date).toBe('Mon, 01 Jan 2035 00:00:01 GMT');
  });

  test('a list that its release names can be fetched after the next one was made', async () => {
    serve();
    const first = /^ ([0-9a-f]{64}) \d+ main/m.exec(textOf(await get(INRELEASE)))![1]!;
    archive.want(['rig']);
    await update();
    expect(sha256((await get(`/debian/dists/trixie/main/binary-i386/by-hash/SHA256/${first}`)).body)).toBe(first);
    const lost = await get(`/debian/dists/trixie/main/binary-i386/by-hash/SHA256/${sha256('lost')}`);
    expect(lost.received).toMatch(/^HTTP\/1\.1 404 /);
  });
});

/** For an archive without a mirror. */
function sealedArguments(): ConstructorParameters<typeof DebianArchive> {
  const index = { path: 'debian/dists/trixie/main/binary-i386/Packages', sha256: sha256(ownIndex), content: { bytes: 0, pieceBytes: 1, pieces: [] } };
  const names = { codename: 'trixie', version: '13', alias: 'stable' };
  const suite = { ...names, packages: 2, releases: releaseFiles(names, ownIndex), index, pool: { bytes: 0, pieceBytes: 1, pieces: [] } };
  return [() => Promise.resolve({ format: ARCHIVE_CATALOG_FORMAT, modified, suites: [suite] }), () => expect.unreachable()];
}

describe('a package of the mirror', () => {
  const path = `/debian/${poolPath(rig.control)}`;

  test('is fetched once and checked, also where no list was fetched before', async () => {
    serve();
    for (let round = 0; round < 2; round++) expect(Buffer.from((await get(path)).body)).toEqual(Buffer.from(rig.deb));
    expect(server.asked.filter(one => one === path)).toHaveLength(1);
    const head = await getWith(archive.handle, path, [], 'HEAD');
    expect([statusOf(head), headerOf(head, 'Content-Length'), head.body.length]).toEqual([200, '3000', 0]);
  });

  test('with a wrong digest is refused in the line that apt prints', async () => {
    serve();
    server.answers.set(path, { body: someBytes(3000, 99) });
    expect((await get(path)).received).toMatch(/^HTTP\/1\.1 403 rig_1\.11-1\.2_i386\.deb could not be delivered: .* its sha256 is different/);
    expect(troubles).toHaveLength(1);
  });

  test('that does not come is refused, and comes the next time', async () => {
    serve();
    const answer = server.answers.get(path)!;
    server.answers.set(path, { ...answer, fault: 'silent' });
    expect((await get(path)).received).toMatch(/^HTTP\/1\.1 403 .*has sent nothing for/);
    server.answers.set(path, answer);
    expect((await get(path)).body).toHaveLength(3000);
  });

  test('is refused in words where the network is off, and where the mirror has another version by now', async () => {
    serve();
    expect((await get('/debian/pool/main/r/rig/rig_1.10_i386.deb')).received).toMatch(
      /^HTTP\/1\.1 404 .*no longer has rig_1\.10_i386\.deb: run apt-get update/,
    );
    archive.outside = { offered: 'mirror.example' };
    expect((await get(path)).received).toMatch(
      /^HTTP\/1\.1 403 .*no Debian package rig, and its network is off: switch it on .* to look at mirror\.example/,
    );
    expect((await get('/debian/pool/main/c/curl/curl_8.14-3_i386.deb')).received).toMatch(
      /^HTTP\/1\.1 403 .*Run apt-get update: the sandbox has a curl of its own/,
    );
    archive.outside = {};
    expect((await get(path)).received).toMatch(/^HTTP\/1\.1 403 This sandbox has no internet and no Debian package rig\./);
  });
});

describe('a package that apt does not find', () => {
  test('comes into the list, and the learner is told what to do', async () => {
    serve();
    expect(await archive.explainUnknown('rig')).toMatch(
      /^apt does not find rig\. Its list is from before the network was switched on: run apt-get update again/,
    );
    archive.want([]);
    await update();
    expect(await archive.explainUnknown('lonely')).toMatch(
      /^127\.0\.0\.1:\d+ has lonely for Debian 13 \(trixie\)\. .* Now the list has it: run apt-get update and the installation again/,
    );
    expect((await update()).names).toContain('lonely');
    expect(await archive.explainUnknown('lonely')).toMatch(
      /^apt does not find lonely, which this sandbox has for Debian 13 \(trixie\): run apt-get update first/,
    );
    expect(await archive.explainUnknown('curl')).toMatch(/^apt does not find curl, which this sandbox has/);
    expect(await archive.explainUnknown('no-such-thing')).toMatch(
      /^Neither this sandbox nor 127\.0\.0\.1:\d+ has the Debian package no-such-thing\./,
    );
  });

  test('may be a name that several packages provide', async () => {
    serve();
    await update();
    expect(await archive.explainUnknown('mail-transport-agent')).toContain('has mail-transport-agent for Debian 13 (trixie)');
    expect((await update()).names).toEqual(expect.arrayContaining(['exim', 'postfix-like']));
    expect(await archive.explainUnknown('mail-transport-agent')).toMatch(/install one of them, like exim, postfix-like\.$/);
  });

  test('is told to be outside where the network is off', async () => {
    archive.outside = { offered: 'mirror.example' };
    expect(await archive.explainUnknown('rig')).toContain('no Debian package rig, and its network is off: switch it on');
    archive.outside = {};
    expect(await archive.explainUnknown('rig')).toMatch(
      /^This sandbox has no internet and no Debian package rig\. After apt-get update, apt-cache search \. lists/,
    );
    expect(await archive.explainUnknown('curl')).toContain('run apt-get update first');
  });
});

test('a list that takes longer than apt waits does not keep it waiting, and is there for the next update', async () => {
  const [path] = serve();
  const answer = server.answers.get(path!)!;
  server.answers.set(path!, { ...answer, fault: 'silent' });
  const patient = new UpstreamClient(
    createWeb((address, options) => fetch(address, options)),
    new MemoryKeptFiles(),
  );
  archive.outside = { upstream: new DebianUpstream(patient, `${server.address}debian/`, closing.signal) };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const first = update();
    await vi.waitFor(() => expect(server.asked).toContain(path), { interval: 5 });
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await first).index).toBe(ownIndex);
    expect(troubles[0]!.message).toContain('is still sending it: run apt-get update again in a while');
  } finally {
    vi.useRealTimers();
  }
});
