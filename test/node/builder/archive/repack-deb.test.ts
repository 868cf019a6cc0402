import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatControl, parseControl } from '../../../../src/node/builder/archive/control-fields.ts';
import { isPruned, repackDeb, withoutCompiling } from '../../../../src/node/builder/archive/repack-deb.ts';

let work: string;
let deb: Buffer;

const longName = `usr/share/thing/${'long-name-'.repeat(14)}file`;
const files: Record<string, string> = {
  'DEBIAN/control': [
    'Package: thing',
    'Version: 1:2.0-1',
    'Architecture: all',
    'Maintainer: Somebody <x@example.org>',
    'Depends: libc6',
    'Recommends: ca-certificates',
    'Suggests: other',
    'Description: a thing',
    ' that has more lines',
    '',
  ].join('\n'),
  'DEBIAN/md5sums': 'd41d8cd98f00b204e9800998ecf8427e  usr/bin/thing\nd41d8cd98f00b204e9800998ecf8427e  usr/share/man/man1/thing.1.gz\n',
  'DEBIAN/postinst': '#!/bin/sh\nexit 0\n',
  'usr/bin/thing': 'x'.repeat(1500),
  'usr/share/man/man1/thing.1.gz': 'manual',
  'usr/share/doc/thing/copyright': 'free',
  'usr/share/doc/thing/README': 'read',
  'usr/share/locale/de/LC_MESSAGES/thing.mo': 'words',
  [longName]: 'content',
};

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'drydock-repack-'));
  const root = join(work, 'root');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  await chmod(join(root, 'DEBIAN/postinst'), 0o755);
  await symlink('thing', join(root, 'usr/bin/alias'));
  await link(join(root, 'usr/bin/thing'), join(root, 'usr/bin/twin'));
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-b', root, join(work, 'thing.deb')], { stdio: 'ignore' });
  deb = await readFile(join(work, 'thing.deb'));
});
afterEach(() => rm(work, { recursive: true, force: true }));

async function listed(compression: 'zstd' | 'gzip'): Promise<{ control: string; paths: string[]; members: string }> {
  const made = join(work, 'made.deb');
  await writeFile(made, (await repackDeb(deb, 'thing_2.0-1_all.deb', compression)).bytes);
  const paths = execFileSync('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" | tar t', 'sh', made]).toString();
  return {
    control: execFileSync('dpkg-deb', ['-f', made]).toString(),
    paths: paths.trimEnd().split('\n'),
    members: execFileSync('ar', ['t', made]).toString(),
  };
}

test('git does without its programs in perl, and without perl', async () => {
  const root = join(work, 'root');
  const control = files['DEBIAN/control']!.replace('Package: thing', 'Package: git').replace(
    'Depends: libc6',
    'Depends: libc6 (>= 2.38), perl, liberror-perl, git-man (<< 1:2.1-.)',
  );
  await writeFile(join(root, 'DEBIAN/control'), control);
  for (const path of ['usr/lib/git-core/git-send-email', 'usr/share/perl5/Git.pm', 'usr/lib/git-core/git-submodule']) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), path.endsWith('submodule') ? '#!/bin/sh\n' : '#!/usr/bin/perl\n');
  }
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-b', root, join(work, 'thing.deb')], { stdio: 'ignore' });
  deb = await readFile(join(work, 'thing.deb'));
  const made = await listed('zstd');
  expect(made.control).toMatch(/^Depends: libc6 \(>= 2\.38\), git-man \(<< 1:2\.1-\.\)$/m);
  expect(made.paths.filter(path => /git-core\/.|Git\.pm/.test(path))).toEqual(['./usr/lib/git-core/git-submodule']);
});

test('dpkg reads what was repacked, in both compressions', async () => {
  const { control, paths, members } = await listed('zstd');
  expect(members).toBe('debian-binary\ncontrol.tar.zst\ndata.tar.zst\n');
  expect(paths).toContain('./usr/bin/thing');
  expect(paths).toContain('./usr/bin/twin');
  expect(paths).toContain('./usr/bin/alias');
  expect(paths).toContain(`./${longName}`);
  expect(paths).toContain('./usr/share/doc/thing/copyright');
  expect(paths.filter(path => /man|README|locale/.test(path))).toEqual(['./usr/share/locale/']);
  expect(control).toContain('Drydock-Repacked: from thing_2.0-1_all.deb;');
  const gzipped = await listed('gzip');
  expect(gzipped.members).toBe('debian-binary\ncontrol.tar.gz\ndata.tar.gz\n');
  expect({ ...gzipped, members }).toEqual({ control, paths, members });
});

test('what it installs is what it was, with owners and modes', async () => {
  const made = join(work, 'made.deb');
  await writeFile(made, (await repackDeb(deb, 'thing.deb', 'zstd')).bytes);
  const root = join(work, 'unpacked');
  execFileSync('dpkg-deb', ['-R', made, root]);
  expect(await readFile(join(root, 'usr/bin/twin'), 'utf8')).toBe(files['usr/bin/thing']);
  expect(await readFile(join(root, longName), 'utf8')).toBe('content');
  expect(await readFile(join(root, 'DEBIAN/md5sums'), 'utf8')).toBe('d41d8cd98f00b204e9800998ecf8427e  usr/bin/thing\n');
  expect(await readFile(join(root, 'DEBIAN/postinst'), 'utf8')).toBe(files['DEBIAN/postinst']);
  const list = execFileSync('dpkg-deb', ['-c', made]).toString();
  expect(list).toMatch(/-rwxr-xr-x|-rw-r--r-- root\/root +1500/);
});

test('the control file: sizes are counted anew, recommended packages are suggested, the description is one line', async () => {
  const { control } = await repackDeb(deb, 'thing.deb', 'zstd');
  expect(control.get('Recommends')).toBeUndefined();
  expect(control.get('Suggests')).toBe('ca-certificates, other');
  expect(control.get('Depends')).toBe('libc6');
  expect(control.get('Version')).toBe('1:2.0-1');
  expect(control.get('Description')).toBe('a thing');
  // thing 2, copyright 1, the long one 1, a symbolic link, and 8 folders with the root.
  expect(Number(control.get('Installed-Size'))).toBe(4 + 1 + 8);
});

test('the same package gives the same bytes', async () => {
  const [one, two] = [await repackDeb(deb, 'x', 'gzip'), await repackDeb(deb, 'x', 'gzip')];
  expect(one.bytes.equals(two.bytes)).toBe(true);
});

test('what is no .deb is refused', async () => {
  await expect(repackDeb(Buffer.from('nothing'), 'x', 'zstd')).rejects.toThrow(/no \.deb/);
  await expect(repackDeb(deb.subarray(0, 300), 'x', 'zstd')).rejects.toThrow(/damaged/);
});

test('what is left out', () => {
  for (const path of [
    'usr/share/man/man1/x.1.gz',
    'usr/share/doc/x/NEWS.gz',
    'usr/share/locale/fr',
    'usr/libexec/gcc/i686-linux-gnu/14/lto1',
    'usr/share/info/dir',
    'usr/bin/git-shell',
    'usr/lib/i386-linux-gnu/perl/5.40.1/CORE/perl.h',
    'usr/lib/i386-linux-gnu/libasan.so.8.0.0',
  ])
    expect(isPruned(path)).toBe(true);
  for (const path of [
    'usr/share/doc/x/copyright',
    'usr/share/doc/x',
    'usr/share/locale',
    'usr/share/locale/locale.alias',
    'usr/share/manual',
    'usr/bin/git',
    'usr/lib/git-core/git-remote-http',
    'usr/lib/i386-linux-gnu/perl/5.40.1/Socket.pm',
    'usr/bin/man',
    'usr/libexec/gcc/i686-linux-gnu/14/cc1',
  ])
    expect(isPruned(path)).toBe(false);
});

test('control paragraphs are read and written as they are', () => {
  const text = 'Package: x\nDepends: a,\n b\nDescription: one\n two\n .\n three\n';
  expect(formatControl(parseControl(text))).toBe(text);
});

test("Python's modules are not compiled when a package is configured", () => {
  const script =
    'if command -v py3compile >/dev/null 2>&1; then\n\tpy3compile -p python3-pip \nfi\n\t/usr/bin/python3.13 -E -S /usr/lib/python3.13/py_compile.py $files\necho py3compile\n';
  const without = withoutCompiling(script);
  expect(without).not.toMatch(/^\s*(py3compile|\/usr\/bin\/python3)/m);
  expect(without).toContain('if command -v py3compile >/dev/null 2>&1; then\n\t: # left out');
  expect(without).toContain('\nfi\n');
  expect(without).toContain('\necho py3compile\n');
});
