import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { archiveKind, packArchive, unpackArchive } from '../../../src/core/share/archive.ts';
import { bytes, everything, readAll, run, sorted, temporaryFolder, writeAll } from './files.ts';
import { writeAnyZip, type AnyEntry } from './any-zip.ts';

const day = Date.UTC(2024, 1, 29, 12);
const hostile = (...entries: AnyEntry[]): { toThrow(pattern: RegExp): Promise<void> } => expect(unpackArchive('zip', writeAnyZip(entries))).rejects;
const DEFLATED_BOMB_BYTES = 200 * 1024 * 1024;

describe('a zip archive', () => {
  test('comes back as it went, with the lesson', async () => {
    const packed = await packArchive('zip', { files: everything, lesson: '02-first-image' }, day);
    const { files, leftOut, lesson } = await unpackArchive('zip', packed);
    expect(sorted(files)).toEqual(sorted(everything));
    expect(leftOut).toEqual([]);
    expect(lesson).toBe('02-first-image');
    expect(archiveKind('x.zip', packed)).toBe('zip');
    // A wheel is a zip to its programs, and a file to who drops it.
    expect(archiveKind('x.whl', packed)).toBeUndefined();
    expect(archiveKind('x.zip', bytes('no archive'))).toBeUndefined();
  });

  test('an empty one', async () => {
    const packed = await packArchive('zip', { files: new Map(), lesson: undefined }, day);
    expect(archiveKind('x.zip', packed)).toBe('zip');
    expect((await unpackArchive('zip', packed)).files.size).toBe(0);
  });

  test('of ours is what unzip unpacks, with what can be run and the date', async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'ours.zip'), await packArchive('zip', { files: everything, lesson: undefined }, day));
    expect(run(directory, 'unzip', '-tq', 'ours.zip')).toMatch(/No errors detected/);
    mkdirSync(join(directory, 'out'));
    run(directory, 'unzip', '-q', 'ours.zip', '-d', 'out');
    expect(sorted(readAll(join(directory, 'out')))).toEqual(sorted(everything));
    expect(run(directory, 'env', 'TZ=UTC', 'unzip', '-ZT', 'ours.zip', 'run.sh')).toMatch(/^-rwxr-xr-x.*20240229\.120000 run\.sh/m);
  });

  test.each([['-r'], ['-r0'], ['-rD'], ['-rX']])('of zip %s is read', async option => {
    const directory = temporaryFolder();
    const files = option === '-rD' ? new Map([...everything].filter(([path]) => path !== 'empty folder')) : everything;
    writeAll(join(directory, 'in'), files);
    run(join(directory, 'in'), 'zip', option, '../theirs.zip', '.');
    const { files: found, leftOut } = await unpackArchive('zip', new Uint8Array(readFileSync(join(directory, 'theirs.zip'))));
    expect(sorted(found)).toEqual(sorted(files));
    expect(leftOut).toEqual([]);
  });

  test('written to a pipe, sizes behind the content, it is read', async () => {
    const directory = temporaryFolder();
    writeAll(join(directory, 'in'), everything);
    run(join(directory, 'in'), 'sh', '-c', 'zip -r - . | cat > ../theirs.zip');
    expect(sorted((await unpackArchive('zip', new Uint8Array(readFileSync(join(directory, 'theirs.zip'))))).files)).toEqual(sorted(everything));
  });

  test('what the workspace cannot have is left out and told', async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'a'), 'x');
    symlinkSync('/etc/passwd', join(directory, 'link'));
    mkdirSync(join(directory, '__MACOSX'));
    writeFileSync(join(directory, '__MACOSX/._a'), 'x');
    run(directory, 'zip', '-ry', 'all.zip', 'a', 'link', '__MACOSX');
    const { files, leftOut } = await unpackArchive('zip', new Uint8Array(readFileSync(join(directory, 'all.zip'))));
    expect([...files.keys()]).toEqual(['a']);
    expect(leftOut.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'link: a symbolic link',
      '__MACOSX/: what macOS notes about another file',
      '__MACOSX/._a: what macOS notes about another file',
    ]);
  });

  test('names in UTF-8 that do not say so, as macOS writes them', async () => {
    const { files } = await unpackArchive('zip', writeAnyZip([{ path: 'Grüße.txt', body: 'x', isMarkedUtf8: false }]));
    expect([...files.keys()]).toEqual(['Grüße.txt']);
  });

  test('with a password it says what to do', async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'a'), 'x');
    run(directory, 'zip', '-P', 'secret', 'locked.zip', 'a');
    await expect(unpackArchive('zip', new Uint8Array(readFileSync(join(directory, 'locked.zip'))))).rejects.toThrow(/"a" is protected by a password/);
  });
});

describe('a zip archive that is not whole', () => {
  test('cut anywhere it is refused', async () => {
    const packed = await packArchive('zip', { files: everything, lesson: undefined }, day);
    for (let length = 0; length < packed.length; length += 97) {
      await expect(unpackArchive('zip', packed.slice(0, length)), `${length}`).rejects.toThrow(/damaged or incomplete/);
    }
  });

  test('with changed content it is refused by its checksum', async () => {
    for (const isStored of [true, false]) {
      const archive = writeAnyZip([{ path: 'a', body: 'hello hello hello', isStored }]);
      archive[31 + 4] = (archive[31 + 4] ?? 0) ^ 1;
      await expect(unpackArchive('zip', archive)).rejects.toThrow(/damaged or incomplete/);
    }
  });
});

describe('a hostile zip archive', () => {
  test.each(['../x', '/etc/passwd', 'a/../../x', 'C:\\x'])('the path %s', path => hostile({ path, body: 'x' }).toThrow(/leads out of the workspace/));
  test('a folder outside', () => hostile({ path: '../out/', body: '' }).toThrow(/leads out/));
  test('the same path twice', () => hostile({ path: 'a', body: '1' }, { path: 'a', body: '2' }).toThrow(/twice/));
  test('a file that is a folder too', () => hostile({ path: 'a', body: '1' }, { path: 'a/b', body: '2' }).toThrow(/both a file and a folder/));
  test('a name with NUL', () => hostile({ path: 'a\0b', body: '1' }).toThrow(/cannot be used/));
  test('a bomb that tells its size is not even unpacked', () =>
    hostile({ path: 'a', body: Buffer.alloc(64 * 1024 * 1024) }).toThrow(/larger than 32 MB, the most one file/));
  test('a bomb that lies about its size ends at the limit', () =>
    hostile({ path: 'a', body: Buffer.alloc(DEFLATED_BOMB_BYTES), toldBytes: 10 }).toThrow(/larger than 32 MB|damaged/));
  test('many that share one content end at the limit', async () => {
    const body = Buffer.alloc(30 * 1024 * 1024);
    const entries = Array.from({ length: 6 }, (_, index) => ({ path: `f${index}`, body, isSharing: index > 0 }));
    await hostile(...entries).toThrow(/more than 128 MB|damaged/);
  });
  test('too many entries end at the limit', () =>
    hostile(...Array.from({ length: 10_001 }, (_, index) => ({ path: `f${index}`, body: '', isStored: true }))).toThrow(/more than 10,000/));
  test('a comment that is not ours is none', async () => {
    for (const comment of ['hello', '{"drydock-share":2,"lesson":"x"}', '{"lesson":"x"}', '{"drydock-share":1,"lesson":5}', 'null']) {
      expect((await unpackArchive('zip', writeAnyZip([{ path: 'a', body: 'x' }], comment))).lesson).toBeUndefined();
    }
    expect((await unpackArchive('zip', writeAnyZip([{ path: 'a', body: 'x' }], '{"drydock-share":1,"lesson":"x"}'))).lesson).toBe('x');
  });
  test('nothing of a refused archive is given', async () => {
    const archive = writeAnyZip([
      { path: 'good', body: 'x' },
      { path: '../bad', body: 'x' },
    ]);
    expect(await unpackArchive('zip', archive).catch((error: { code?: string }) => error.code)).toBe('share-invalid');
  });
});
