/** The lock of Debian packages: what has changed in it, whether it is older than the archive, and where a package comes from that the mirrors have dropped. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readLock, type DebianLock, type LockedPackage } from '../../../src/node/builder/debian-lock.ts';
import type * as DebianPackages from '../../../src/node/builder/debian-packages.ts';
import type * as LockAge from '../../../src/node/builder/lock-age.ts';
import { changesBetween, describeChanges } from '../../../src/node/builder/lock-changes.ts';

const deb = Buffer.from('a package of Debian');
const PATH = 'pool/main/b/bash/bash_5.2-1_i386.deb';

function locked(version: string, bytes: Buffer = Buffer.from(version)): LockedPackage {
  return { version, path: PATH, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function lockOf(
  packages: Readonly<Record<string, LockedPackage>>,
  sets: Readonly<Record<string, readonly string[]>> = { guest: Object.keys(packages) },
): DebianLock {
  return {
    date: '2026-12-01T10:41:09.149Z',
    architecture: 'i386',
    suites: { trixie: { released: '2026-11-21T09:15:44.000Z', verification: 'good', packages } },
    sets: Object.fromEntries(Object.entries(sets).map(([name, names]) => [name, { suite: 'trixie', packages: names }])),
  };
}

describe('changes', () => {
  test('nothing, only versions, other packages', () => {
    const before = lockOf({ bash: locked('5.2-1'), curl: locked('8.1') });
    expect(describeChanges(changesBetween(before, { ...before, date: '2027-01-01T00:00:00.000Z' }))).toEqual(['No package has changed.']);
    const newer = changesBetween(before, lockOf({ bash: locked('5.2-2'), curl: locked('8.1', Buffer.from('other bytes')) }));
    expect(newer.isOnlyVersions).toBe(true);
    expect(describeChanges(newer)).toEqual([
      '2 packages have another version; nothing else has changed.',
      '  trixie: bash 5.2-1 -> 5.2-2',
      '  trixie: curl 8.1, built anew',
    ]);
    const other = changesBetween(before, lockOf({ bash: locked('5.2-2'), libcurl4: locked('8.1') }));
    expect(other.isOnlyVersions).toBe(false);
    expect(describeChanges(other)).toEqual([
      '1 package has another version, and sets have other packages:',
      '  trixie: bash 5.2-1 -> 5.2-2',
      '  set guest: + libcurl4 (trixie), - curl (trixie)',
    ]);
  });

  test('the lock of this checkout says of when it is', async () => {
    const { date, suites } = await readLock();
    for (const one of [date, ...Object.values(suites).map(({ released }) => released)]) expect(new Date(one).toISOString()).toBe(one);
  });
});

describe('servers', () => {
  const requests: string[] = [];
  const closing: (() => void)[] = [];
  let cache: string;

  /** A server on loopback with these files and no others. */
  async function serve(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
    const server = createServer((request, response) => {
      requests.push(request.url!);
      const found = files[request.url!];
      response.writeHead(found === undefined ? 404 : 200).end(found);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Has a module as a process has it that was started with these servers. */
  async function startedWith<T>(environment: Readonly<Record<string, string>>, load: () => Promise<T>): Promise<T> {
    vi.resetModules();
    for (const [name, value] of Object.entries({ XDG_CACHE_HOME: cache, ...environment })) vi.stubEnv(name, value);
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    return load();
  }
  const packages = (environment: Readonly<Record<string, string>>): Promise<typeof DebianPackages> =>
    startedWith(environment, () => import('../../../src/node/builder/debian-packages.ts'));
  const age = (environment: Readonly<Record<string, string>>): Promise<typeof LockAge> =>
    startedWith(environment, () => import('../../../src/node/builder/lock-age.ts'));

  beforeEach(async () => {
    cache = await mkdtemp(`${tmpdir()}/drydock-lock-test-`);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    closing.splice(0).forEach(close => close());
    requests.length = 0;
    await rm(cache, { recursive: true });
  });

  test('what no mirror has comes from the server that keeps everything, as of the lock’s date', async () => {
    const environment = {
      DRYDOCK_DEBIAN_MIRRORS: `${await serve({})}/debian`,
      DRYDOCK_DEBIAN_SNAPSHOT: await serve({ [`/archive/debian/20261201T104109Z/${PATH}`]: deb }),
    };
    const file = await (await packages(environment)).fetchPackage(lockOf({ bash: locked('5.2-1', deb) }), 'guest', 'bash');
    expect((await readFile(file)).equals(deb)).toBe(true);
    // The mirror has said that it does not have it: it is not asked again.
    expect(requests).toEqual([`/debian/${PATH}`, `/archive/debian/20261201T104109Z/${PATH}`]);
  });

  test('a mirror that has it is enough', async () => {
    const environment = { DRYDOCK_DEBIAN_MIRRORS: await serve({ [`/${PATH}`]: deb }), DRYDOCK_DEBIAN_SNAPSHOT: await serve({}) };
    await (await packages(environment)).fetchPackage(lockOf({ bash: locked('5.2-1', deb) }), 'guest', 'bash');
    expect(requests).toEqual([`/${PATH}`]);
  });

  test('where nobody has it, or has something else, all servers are named with what to do', async () => {
    const [mirror, snapshot] = [await serve({ [`/${PATH}`]: 'something else' }), await serve({})];
    const { fetchPackage } = await packages({ DRYDOCK_DEBIAN_MIRRORS: mirror, DRYDOCK_DEBIAN_SNAPSHOT: snapshot });
    const failed = fetchPackage(lockOf({ bash: locked('5.2-1', deb) }), 'guest', 'bash');
    await expect(failed).rejects.toThrow(`${mirror}: Error: SHA-256 is`);
    await expect(failed).rejects.toThrow(`${snapshot}/archive/debian/20261201T104109Z: Error: HTTP 404`);
    await expect(failed).rejects.toThrow(/Set DRYDOCK_DEBIAN_MIRRORS .* or run "npm run guest:lock"/);
  });

  test('no such server is asked where none is wanted', async () => {
    const { fetchPackage } = await packages({ DRYDOCK_DEBIAN_MIRRORS: await serve({}), DRYDOCK_DEBIAN_SNAPSHOT: '' });
    await expect(fetchPackage(lockOf({ bash: locked('5.2-1', deb) }), 'guest', 'bash')).rejects.toThrow(/cannot download bash/);
    expect(requests).toHaveLength(1);
  });

  test('a suite that was published since is told', async () => {
    const release = (date: string): string => `-----BEGIN PGP SIGNED MESSAGE-----\n\nOrigin: Debian\nDate: ${date}\nSHA256:\n`;
    const lock = lockOf({});
    const same = await age({ DRYDOCK_DEBIAN_MIRRORS: await serve({ '/dists/trixie/InRelease': release('Sat, 21 Nov 2026 09:15:44 UTC') }) });
    expect(await same.newerSuites(lock)).toEqual([]);
    const newer = await age({ DRYDOCK_DEBIAN_MIRRORS: await serve({ '/dists/trixie/InRelease': release('Sat, 16 Jan 2027 09:00:00 UTC') }) });
    expect(await newer.newerSuites(lock)).toEqual([
      'Debian has published trixie on 2027-01-16, the lock has it of 2026-11-21: "npm run guest:lock" takes the new versions.',
    ]);
    const none = await age({ DRYDOCK_DEBIAN_MIRRORS: await serve({}) });
    expect(await none.lockAge()).toMatch(/^Whether the lock .* is not known: .*cannot download dists\//);
  });
});
