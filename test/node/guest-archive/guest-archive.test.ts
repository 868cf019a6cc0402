/** A guest's built steps as an archive: written, and taken from a file, a folder and real servers, whole and damaged. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type * as StepRunner from '../../../src/node/builder/step.ts';
import { openGuest } from '../../../src/node/guest-archive/open-guest.ts';
import { writeGuestArchive, type NamedStep } from '../../../src/node/guest-archive/write-guest-archive.ts';
import { serveArchive, type ArchiveServer, type ServerHabits } from './archive-server.ts';

const SILENCE = 300;
const BLOB = 'blobs/aa.zst';
const VERSION = '0.1.0';
let folder: string;
let archive: string;
let steps: readonly NamedStep[];
let server: ArchiveServer | undefined;
const said: string[] = [];
const say = (message: string): void => void said.push(message);

/** Compresses to almost nothing, and has holes. */
const disk = Buffer.concat([Buffer.alloc(3 << 20), Buffer.from('the end of a disk')]);
const blob = randomBytes(200_000);

async function makeStep(name: string, key: string, files: Readonly<Record<string, string | Buffer>>): Promise<NamedStep> {
  const place = join(folder, 'cache', `${name}-${key}`);
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), bytes);
  }
  await writeFile(join(place, '.done'), new Date().toISOString());
  return { name, key, folder: place };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drydock-archive-'));
  steps = [
    await makeStep('kernel', '0000000000000001', { bzImage: 'a kernel' }),
    await makeStep('root', '0000000000000002', { 'disk.img': disk }),
    await makeStep('hub', '0000000000000003', { 'hub.json': '{}', [BLOB]: blob, 'base/etc/shadow': 'root:*:' }),
    await makeStep('layer', '0000000000000004', { [BLOB]: blob, 'blobs/empty': '' }),
  ];
  await chmod(join(steps[2]!.folder, 'base/etc/shadow'), 0o640);
  archive = join(folder, `drydock-guest-${VERSION}.tar`);
  await writeGuestArchive(steps, VERSION, archive, () => undefined);
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  said.length = 0;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function serve(habits: ServerHabits, file = archive): Promise<string> {
  server = await serveArchive(file, habits);
  return server.address;
}

/** Takes all steps from a place; gives their folders, with what only builds need. */
async function takeAll(place: string): Promise<string> {
  const target = await mkdtemp(join(folder, 'taken-'));
  const opened = await openGuest(place, say, SILENCE);
  try {
    for (const { name, key } of steps) {
      const own = join(target, `${name}-${key}`);
      await mkdir(own);
      const leftOut = await opened.restore(name, key, own);
      opened.moved(name, key, own);
      await opened.complete(name, key, own, leftOut);
    }
  } finally {
    await opened.close();
  }
  return target;
}

async function expectAllIn(target: string): Promise<void> {
  for (const { name, key, folder: original } of steps) {
    const files = (await readdir(original, { recursive: true, withFileTypes: true })).filter(one => one.isFile() && !one.name.startsWith('.'));
    for (const file of files) {
      const path = join(file.parentPath, file.name).slice(original.length + 1);
      const taken = join(target, `${name}-${key}`, path);
      expect((await readFile(taken)).equals(await readFile(join(original, path))), path).toBe(true);
      expect((await stat(taken)).mode & 0o777, path).toBe((await stat(join(original, path))).mode & 0o777);
    }
  }
}

describe('writing', () => {
  test('the same steps give the same bytes, whatever their times and their order', async () => {
    for (const step of steps) await utimes(join(step.folder, '.done'), 1, 1);
    await utimes(join(steps[0]!.folder, 'bzImage'), 12_345, 12_345);
    const again = join(folder, 'again.tar');
    await writeGuestArchive([...steps].reverse(), VERSION, again, () => undefined);
    expect((await readFile(again)).equals(await readFile(archive))).toBe(true);
  });

  test('it is a tar that tar reads; what stands in two steps is in it once, a disk is packed, and what only builds need comes last', () => {
    const names = execFileSync('tar', ['tf', archive], { encoding: 'utf8' }).trim().split('\n');
    expect(names[0]).toBe('guest.json');
    // Of eight files one is there twice.
    expect(names.slice(1)).toHaveLength(6);
    expect(names.at(-1)).toMatch(/^files\/[0-9a-f]{64}\.zst$/);
    expect(names.filter(name => name.endsWith('.zst'))).toHaveLength(1);
  });

  test('half an archive never has the name of a whole one', async () => {
    const lost: NamedStep = { name: 'lost', key: '00000000000000ff', folder: join(folder, 'nowhere') };
    const target = join(folder, 'half.tar');
    await expect(writeGuestArchive([...steps, lost], VERSION, target, () => undefined)).rejects.toThrow(/ENOENT/);
    expect((await readdir(folder)).filter(name => name.startsWith('half'))).toEqual([]);
    expect((await readdir(folder)).filter(name => name.startsWith('.packing'))).toEqual([]);
  });
});

describe('reading', () => {
  test('from a file: all steps as they were, with their rights; a disk keeps its holes', async () => {
    const target = await takeAll(archive);
    await expectAllIn(target);
    expect((await stat(join(target, 'root-0000000000000002/disk.img'))).blocks * 512).toBeLessThan(1 << 20);
    // The same blob of two steps is one file.
    expect((await stat(join(target, `hub-0000000000000003/${BLOB}`))).ino).toBe((await stat(join(target, `layer-0000000000000004/${BLOB}`))).ino);
  });

  test('what only builds need is left out at first', async () => {
    const opened = await openGuest(archive, say);
    const own = await mkdtemp(join(folder, 'root-'));
    expect(await opened.restore('root', '0000000000000002', own)).toEqual(['disk.img']);
    expect(await readdir(own)).toEqual([]);
    expect(opened.has('root', '0000000000000009')).toBe(false);
    expect(opened.hasOther('root')).toBe(true);
  });

  test('from the folder that has it; a folder with only another version’s has that', async () => {
    await expectAllIn(await takeAll(folder));
    const other = await mkdtemp(join(tmpdir(), 'drydock-other-'));
    await writeGuestArchive(steps, '9.9.9', join(other, 'drydock-guest-9.9.9.tar'), () => undefined);
    expect((await openGuest(other, say)).version).toBe('9.9.9');
    await rm(other, { recursive: true });
  });

  test('from a server that gives parts: only what is wanted is fetched', async () => {
    const address = await serve({ hasRanges: true });
    await expectAllIn(await takeAll(`${address}/some/drydock-guest-${VERSION}.tar`));
    expect(server!.requests.every(line => line.includes(' bytes='))).toBe(true);
    // The size, the first block, the list; then each step at once. Of the layers only what the hub does not have, of the disk what was left out.
    expect(server!.requests.length).toBeLessThanOrEqual(3 + steps.length);
  });

  test('an address of a folder is completed with this version’s name', async () => {
    await takeAll(`${await serve({ hasRanges: true })}/downloads/`);
    expect(server!.requests[0]).toBe(`GET /downloads/drydock-guest-${VERSION}.tar bytes=0-0`);
  });

  test('from a server that gives only whole files', async () => {
    await expectAllIn(await takeAll(await serve({})));
    expect(server!.requests).toHaveLength(1);
  });

  test.each([true, false])('a connection that breaks is taken up again (ranges: %s)', async hasRanges => {
    await expectAllIn(await takeAll(await serve({ hasRanges, breaks: { answers: 2, afterBytes: 50_000 } })));
    expect(said.join('\n')).toMatch(/trying again/);
  });
});

describe('what is no good is told, with what to do', () => {
  /** The archive, changed. */
  async function changed(name: string, change: (file: string) => Promise<void>): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, await readFile(archive));
    await change(file);
    return file;
  }

  test('no such file, an empty folder, no address', async () => {
    await expect(openGuest(join(folder, 'nothing'), say)).rejects.toThrow(
      /^There is no file or folder ".*nothing" .* or unset DRYDOCK_GUEST to build/,
    );
    await expect(openGuest(join(folder, 'cache'), say)).rejects.toThrow(
      /^The folder ".*cache" has no drydock-guest-0\.1\.0\.tar in it\. .*unset DRYDOCK_GUEST/,
    );
    await expect(openGuest('http://', say)).rejects.toThrow(/no address of a guest archive\. .*unset DRYDOCK_GUEST/);
  });

  test('another file', async () => {
    await expect(openGuest(join(steps[2]!.folder, BLOB), say)).rejects.toThrow(/is no guest archive of Drydock\. Name the file/);
    const tar = join(folder, 'other.tar');
    execFileSync('tar', ['cf', tar, '-C', steps[0]!.folder, 'bzImage']);
    await expect(openGuest(tar, say)).rejects.toThrow(/is no guest archive of Drydock\. Name the file/);
  });

  test('another format, and a list that names files outside the step', async () => {
    const replaceInList = (from: string, to: string) => (file: string) =>
      readFile(file, 'latin1').then(text => writeFile(file, text.replace(from, to), 'latin1'));
    const newer = await changed('newer.tar', replaceInList('"format":1', '"format":7'));
    await expect(openGuest(newer, say)).rejects.toThrow(
      /has format 7, and this checkout reads format 1\. Name the file .* of the release that you have checked out/,
    );
    const outside = await changed('outside.tar', replaceInList('"path":"base/etc/shadow"', '"path":"../../etc/shadow"'));
    await expect(openGuest(outside, say)).rejects.toThrow(/is no guest archive/);
  });

  test('an archive that is cut off, on the disk and on a server', async () => {
    const file = await changed('short.tar', one => truncate(one, 120_000));
    await expect(openGuest(file, say)).rejects.toThrow(/short\.tar is cut off: it has 0\.1 of 0\.2 MB\. Get it again and compare it with SHA256SUMS/);
    await expect(openGuest(await serve({ hasRanges: true }, file), say)).rejects.toThrow(/is cut off: it has 0\.1 of 0\.2 MB/);
    const list = await changed('list.tar', one => truncate(one, 700));
    await expect(openGuest(list, say)).rejects.toThrow(/is cut off/);
  });

  test('one changed byte, in what is stored as it is and in what is packed', async () => {
    const flip = (find: Buffer) => async (file: string) => {
      const bytes = await readFile(file);
      bytes[bytes.indexOf(find) + 20]! ^= 1;
      await writeFile(file, bytes);
    };
    const inBlob = await changed('blob.tar', flip(blob.subarray(0, 100)));
    await expect(takeAll(inBlob)).rejects.toThrow(
      /blob\.tar is damaged: a file in it has the SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}\. Get it again/,
    );
    const inDisk = await changed('disk.tar', flip(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])));
    await expect(takeAll(inDisk)).rejects.toThrow(/disk\.tar is damaged/);
  });

  test('a server that refuses, that is not there, and that falls silent', async () => {
    await expect(openGuest(await serve({ status: 404 }), say, SILENCE)).rejects.toThrow(
      /answers with HTTP 404 Not Found: .*Try again, name another address/,
    );
    await server!.close();
    await expect(openGuest(server!.address, say, SILENCE)).rejects.toThrow(/does not answer \(ECONNREFUSED\), tried 3 times\. Try again/);
    await expect(takeAll(await serve({ hasRanges: true, fallsSilentAfterBytes: 100_000 }))).resolves.toBeDefined();
    expect(said.join('\n')).toMatch(/stopped sending after 0 MB \(no answer for 0\.3 s\); trying again/);
    await server!.close();
    await expect(takeAll(await serve({ hasRanges: true, fallsSilentAfterBytes: 0 }))).rejects.toThrow(
      /does not answer \(no answer for 0\.3 s\), tried 3 times/,
    );
  });
});

describe('steps', () => {
  /** The step runner as a process has it that was started with this. */
  async function runner(environment: Readonly<Record<string, string>>): Promise<typeof StepRunner> {
    vi.resetModules();
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    vi.spyOn(console, 'log').mockImplementation(say);
    return import('../../../src/node/builder/step.ts');
  }
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  const build = (text: string) => (place: string) => writeFile(join(place, 'disk.img'), text);

  /** An archive with the steps `root` and `store`, as a process makes them; gives the file. */
  async function releaseOf(cache: string): Promise<string> {
    const { runStep, builtSteps } = await runner({ XDG_CACHE_HOME: cache, DRYDOCK_GUEST: '' });
    const root = await runStep({ name: 'root', values: ['1'], build: build('a root') });
    await runStep({ name: 'store', values: [root.key], build: build('a store') });
    await runStep({ name: 'hub', values: ['1'], build: place => writeFile(join(place, 'hub.json'), '{}') });
    const file = join(cache, 'drydock-guest-0.1.0.tar');
    await writeGuestArchive(builtSteps(), VERSION, file, () => undefined);
    return file;
  }

  const never = (): Promise<void> => Promise.reject(new Error('this step was to come from the archive'));

  test('come from the archive; what it lacks is built, from the whole steps before it', async () => {
    const archiveFile = await releaseOf(await mkdtemp(join(folder, 'first-')));
    const cache = await mkdtemp(join(folder, 'second-'));
    const { runStep, countOfFoundSteps, closeGuestArchive } = await runner({ XDG_CACHE_HOME: cache, DRYDOCK_GUEST: archiveFile });
    const root = await runStep({ name: 'root', values: ['1'], build: never });
    await runStep({ name: 'hub', values: ['1'], build: never });
    expect(await readdir(root.folder)).toEqual(['.done', '.left-out.json']);
    const store = await runStep({
      name: 'store',
      values: [root.key, 'changed'],
      build: async place => writeFile(join(place, 'disk.img'), `${await readFile(join(root.folder, 'disk.img'), 'utf8')} with a store`),
    });
    expect(await readFile(join(store.folder, 'disk.img'), 'utf8')).toBe('a root with a store');
    expect(await readdir(root.folder)).toEqual(['.done', 'disk.img']);
    expect(countOfFoundSteps()).toBe('0 steps from the cache, 2 from the guest archive');
    expect(said.join('\n')).toMatch(/store +[\d.]+ s +building: the guest archive has it, but made from something else/);
    await closeGuestArchive();
  });

  test('are built where a later build needs what was left out, and the archive is gone', async () => {
    const archiveFile = await releaseOf(await mkdtemp(join(folder, 'first-')));
    const cache = await mkdtemp(join(folder, 'second-'));
    const first = await runner({ XDG_CACHE_HOME: cache, DRYDOCK_GUEST: archiveFile });
    await first.runStep({ name: 'root', values: ['1'], build: never });
    const { runStep } = await runner({ XDG_CACHE_HOME: cache, DRYDOCK_GUEST: '' });
    const root = await runStep({ name: 'root', values: ['1'], build: build('a root, again') });
    await runStep({ name: 'store', values: [root.key], build: build('a store') });
    expect(await readFile(join(root.folder, 'disk.img'), 'utf8')).toBe('a root, again');
  });

  test('an archive that was asked for and is damaged ends the build, and leaves nothing behind', async () => {
    const archiveFile = await releaseOf(await mkdtemp(join(folder, 'first-')));
    const bytes = await readFile(archiveFile);
    bytes[bytes.indexOf('{}')]! ^= 1;
    await writeFile(archiveFile, bytes);
    const cache = await mkdtemp(join(folder, 'second-'));
    const { runStep } = await runner({ XDG_CACHE_HOME: cache, DRYDOCK_GUEST: archiveFile });
    await expect(runStep({ name: 'hub', values: ['1'], build: never })).rejects.toThrow(/is damaged.*unset DRYDOCK_GUEST/);
    expect(await readdir(join(cache, 'drydock'))).toEqual([]);
  });
});
