import { mkdirSync, readFileSync, symlinkSync, linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { archiveKind, packArchive, unpackArchive } from '../../../src/core/share/archive.ts';
import { Intake, importLimits } from '../../../src/core/share/carried-files.ts';
import { isTar, readTar, writeTar } from '../../../src/core/share/tar.ts';
import { bytes, everything, file, folder, readAll, run, sorted, temporaryFolder, writeAll } from './files.ts';

const day = Date.UTC(2024, 1, 29, 12);
const read = (archive: Uint8Array): ReturnType<typeof sorted> => {
  const intake = new Intake();
  expect(readTar(archive, intake)).toEqual([]);
  return sorted(intake.files);
};
/** One entry as a stranger could write it; the checksum is right. */
function entry(name: string, { type = '0', size = 0, body = '', link = '', mode = '0000644' } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${mode}\0`, 100);
  header.write(`${(size || Buffer.byteLength(body)).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write('ustar\x0000', 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const content = Buffer.alloc(Math.ceil(Buffer.byteLength(body) / 512) * 512);
  content.write(body);
  return Buffer.concat([header, content]);
}
const archiveOf = (...entries: Buffer[]): Buffer => Buffer.concat([...entries, Buffer.alloc(1024)]);
const taking =
  (...entries: Buffer[]) =>
  () =>
    readTar(archiveOf(...entries), new Intake());

describe('a tar archive', () => {
  test('comes back as it went', () => expect(read(writeTar(everything, day))).toEqual(sorted(everything)));

  test('of ours is what GNU tar unpacks, with what can be run and the date', () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'ours.tar'), writeTar(everything, day));
    mkdirSync(join(directory, 'out'));
    run(directory, 'tar', 'xf', 'ours.tar', '-C', 'out');
    expect(sorted(readAll(join(directory, 'out')))).toEqual(sorted(everything));
    expect(run(directory, 'tar', 'tvf', 'ours.tar', '--utc')).toMatch(/-rwxr-xr-x 0\/0 +\d+ 2024-02-29 12:00 run\.sh/);
  });

  test.each(['gnu', 'pax', 'ustar', 'v7'])('of GNU tar in its form %s is read', format => {
    const directory = temporaryFolder();
    // The two old forms take no path so long.
    const files = format === 'v7' || format === 'ustar' ? new Map([...everything].filter(([path]) => path.length < 100)) : everything;
    writeAll(join(directory, 'in'), files);
    run(directory, 'tar', 'cf', 'theirs.tar', `--format=${format}`, '-C', 'in', '.');
    expect(read(new Uint8Array(readFileSync(join(directory, 'theirs.tar'))))).toEqual(sorted(files));
  });

  test('what the workspace cannot have is left out and told; a hard link is a second file', () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'a'), 'x');
    linkSync(join(directory, 'a'), join(directory, 'b'));
    symlinkSync('/etc/passwd', join(directory, 'c'));
    run(directory, 'mkfifo', 'd');
    run(directory, 'truncate', '-s', '4M', 'e');
    run(directory, 'tar', 'cf', 'all.tar', '--sparse', 'a', 'b', 'c', 'd', 'e');
    run(directory, 'tar', 'cf', 'pax.tar', '--sparse', '--format=pax', 'e');
    const intake = new Intake();
    expect(readTar(new Uint8Array(readFileSync(join(directory, 'all.tar'))), intake)).toEqual([
      { path: 'c', reason: 'a symbolic link' },
      { path: 'd', reason: 'a named pipe' },
      { path: 'e', reason: 'a sparse file of GNU tar' },
    ]);
    expect(sorted(intake.files)).toEqual(
      sorted(
        new Map([
          ['a', file('x')],
          ['b', file('x')],
        ]),
      ),
    );
    expect(readTar(new Uint8Array(readFileSync(join(directory, 'pax.tar'))), new Intake())).toEqual([
      { path: expect.stringContaining('e'), reason: 'a sparse file of GNU tar' },
    ]);
    expect(taking(entry('dev', { type: '3' }), entry('b', { type: '1', link: 'none' }), entry('odd', { type: 'Z', body: 'x' }))()).toEqual([
      { path: 'dev', reason: 'a device' },
      { path: 'b', reason: 'a link to a file that is not in the archive' },
      { path: 'odd', reason: 'of the unknown type "Z"' },
    ]);
  });

  test('attributes of files, in any bytes, do no harm', () => {
    const record = Buffer.concat([Buffer.from('28 SCHILY.xattr.user.x='), Buffer.from([0xff, 0xfe, 0x00, 0x80]), Buffer.from('\n')]);
    const header = entry('x', { type: 'x', size: record.length });
    const block = Buffer.alloc(512);
    record.copy(block);
    expect(read(archiveOf(header, block, entry('a', { body: 'b' })))).toEqual(sorted(new Map([['a', file('b')]])));
  });

  test('with gzip it goes and comes too', async () => {
    const packed = await packArchive('tar.gz', { files: everything, lesson: 'x' }, day);
    expect(sorted((await unpackArchive('tar.gz', packed)).files)).toEqual(sorted(everything));
    expect(archiveKind('a.tgz', packed)).toBe('tar.gz');
    expect(archiveKind('a.TAR.GZ', packed)).toBe('tar.gz');
    expect(archiveKind('a.gz', packed)).toBeUndefined();
    expect(archiveKind('a.tar', writeTar(everything, day))).toBe('tar');
    expect(archiveKind('a.tar', bytes('no archive'))).toBeUndefined();
  });

  test('is known by its first header', () => {
    expect(isTar(writeTar(everything, day))).toBe(true);
    expect(isTar(new Uint8Array(512))).toBe(false);
  });
});

describe('a tar archive that is not whole', () => {
  test('cut at any block, or within one, it is said to be cut', () => {
    const archive = writeTar(
      new Map([
        ['a', file('x'.repeat(1300))],
        ['b', folder],
        ['c', file('y')],
      ]),
      day,
    );
    const end = archive.length - 1024;
    for (let length = 0; length <= end; length += 128)
      expect(() => readTar(archive.slice(0, length), new Intake()), `${length}`).toThrow(/incomplete/);
  });

  test('with any byte of a header changed it never gives a file of another name, size or mode', () => {
    const files = new Map([['name', file('content', true)]]);
    const archive = writeTar(files, day);
    // The checksum's last byte is a space that nobody reads.
    for (let at = 0; at < 512; at += at === 154 ? 2 : 1) {
      const changed = archive.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x15;
      const intake = new Intake();
      expect(() => readTar(changed, intake), `byte ${at}`).toThrow(/damaged|incomplete/);
    }
  });

  test('damaged or cut gzip', async () => {
    const packed = new Uint8Array(gzipSync(writeTar(everything, day)));
    await expect(unpackArchive('tar.gz', packed.slice(0, packed.length - 9))).rejects.toThrow(/damaged or incomplete/);
    const changed = packed.slice();
    changed[200] = (changed[200] ?? 0) ^ 0xff;
    await expect(unpackArchive('tar.gz', changed)).rejects.toThrow(/damaged or incomplete/);
  });
});

describe('a hostile tar archive', () => {
  test.each(['../x', '/etc/cron.d/x', 'a/../../x'])('the path %s', path =>
    expect(taking(entry(path, { body: 'x' }))).toThrow(/leads out of the workspace/),
  );
  test('a folder outside', () => expect(taking(entry('../out/', { type: '5' }))).toThrow(/leads out/));
  test('a path in a record before it', () => {
    const record = '21 path=../../escape\n';
    expect(taking(entry('pax', { type: 'x', body: record }), entry('harmless', { body: 'x' }))).toThrow(/leads out/);
    expect(taking(entry('long', { type: 'L', body: '../../escape\0' }), entry('harmless', { body: 'x' }))).toThrow(/leads out/);
  });
  test('a hard link does not read what is outside', () =>
    expect(taking(entry('x', { type: '1', link: '../../etc/passwd' }))()).toEqual([
      { path: 'x', reason: expect.stringContaining('not in the archive') },
    ]));
  test.each(['5 path=../x\n', '0 a=b\n', '999999 path=x\n', 'x path=y\n', '-5 path=x\n', '9 =value\n'])('the record %j', record =>
    expect(taking(entry('pax', { type: 'x', body: record }), entry('a'))).toThrow(/damaged/),
  );
  test.each(['14 size=-1024\n', '11 size=x\n', '30 size=99999999999999999999\n', '14 size=1e999\n'])('the size of a record %j', record =>
    expect(taking(entry('pax', { type: 'x', body: `${Buffer.byteLength(record)} ${record.split(' ')[1]}` }), entry('a'))).toThrow(
      /damaged|incomplete/,
    ),
  );
  test('a size beyond the end', () => expect(taking(entry('a', { size: 8 ** 10 }))).toThrow(/incomplete/));
  test('the same path twice', () => expect(taking(entry('a', { body: '1' }), entry('./a', { body: '2' }))).toThrow(/twice/));
  test('a name that is no UTF-8', () => {
    const header = entry('a?b');
    header[1] = 0xe9;
    header.write('        ', 148);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    expect(taking(header)).toThrow(/not written in UTF-8/);
  });
  test('too many files end at the limit', () => {
    const one = entry('f00000');
    const many = Buffer.concat(Array.from({ length: importLimits.entries + 1 }, (_, index) => entry(`f${index}`)));
    expect(one.length).toBe(512);
    expect(taking(many)).toThrow(/more than 10,000/);
  });
  test('a gzip bomb ends at the limit', async () => {
    // 400 MB of zeros in 400 KB.
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(400 * 1024 * 1024), { level: 1 }));
    await expect(unpackArchive('tar.gz', bomb)).rejects.toThrow(/more than the workspace can take/);
  });
  test('files larger than the workspace', () => {
    const archive = archiveOf(entry('big', { body: 'x'.repeat(2048) }));
    expect(() => readTar(archive, new Intake({ entries: 10, fileBytes: 1024, totalBytes: 4096 }))).toThrow(/most one file may have/);
    expect(() =>
      readTar(
        archiveOf(...['a', 'b', 'c'].map(name => entry(name, { body: 'x'.repeat(1000) }))),
        new Intake({ entries: 10, fileBytes: 1024, totalBytes: 2048 }),
      ),
    ).toThrow(/most that may come at once/);
  });
});
