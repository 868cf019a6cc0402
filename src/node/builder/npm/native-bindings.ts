import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackages } from '../debian-packages.ts';
import { dropNeeded, moveSearchPath } from '../packages/elf-libraries.ts';
import { runProgram } from '../run.ts';
import type { NpmLock } from './npm-lock.ts';

/** The set of Debian packages that the bindings are taken from. */
export const BINDINGS_SET = 'node-bindings';

/** A compiled part of an npm package, as the package's install script downloads it. */
export interface NativeBinding {
  /** Below `/-/binary/` of the registry. */
  readonly path: string;
  /** A .tar.gz. */
  readonly file: string;
}

const LIBRARIES = 'usr/lib/i386-linux-gnu';
const BINDING = 'node_sqlite3.node';
/** Node's interface for compiled parts is the same in all its versions; this is the newest of it that sqlite3 knows. */
const DEBIAN_BINDING = `${LIBRARIES}/nodejs/sqlite3/lib/binding/napi-v6-linux-glibc-ia32/${BINDING}`;

/** From 5.1.7 on sqlite3's install script is prebuild-install, before that node-pre-gyp: each has names of its own for the same. */
function placeOf(version: string): { readonly path: string; readonly folder: string } {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const isNew = major > 5 || (major === 5 && (minor > 1 || (minor === 1 && patch >= 7)));
  if (isNew) return { path: `sqlite3/v${version}/sqlite3-v${version}-napi-v6-linux-ia32.tar.gz`, folder: 'build/Release' };
  return { path: `sqlite3/v${version}/napi-v6-linux-glibc-ia32.tar.gz`, folder: 'napi-v6-linux-glibc-ia32' };
}

/** Debian's binding, made to go with every Node, and to find SQLite beside itself: the node images do not have it. */
async function sqliteFiles(lock: DebianLock, place: string): Promise<ReadonlyMap<string, Buffer>> {
  const root = join(place, 'debian');
  for (const deb of await fetchPackages(lock, BINDINGS_SET)) await runProgram('dpkg-deb', ['-x', deb, root]);
  const read = (path: string) => readFile(join(root, path));
  const binding = moveSearchPath(dropNeeded(await read(DEBIAN_BINDING), /^libnode\.so/), '$ORIGIN');
  return new Map([
    [BINDING, binding],
    ['libsqlite3.so.0', await read(`${LIBRARIES}/libsqlite3.so.0`)],
    ['copyright.node-sqlite3', await read('usr/share/doc/node-sqlite3/copyright')],
    ['copyright.libsqlite3-0', await read('usr/share/doc/libsqlite3-0/copyright')],
  ]);
}

/** Packs the same files the same way each time. */
async function pack(files: ReadonlyMap<string, Buffer>, folder: string, place: string): Promise<string> {
  const root = join(place, 'tree');
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, folder), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(root, folder, name), bytes, { mode: 0o644 });
  const tar = join(place, 'binding.tar');
  await runProgram('tar', [
    '-c',
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '-f',
    tar,
    '-C',
    root,
    ...[...files.keys()].map(name => join(folder, name)),
  ]);
  await rm(`${tar}.gz`, { force: true });
  await runProgram('gzip', ['-9n', tar]);
  return `${tar}.gz`;
}

/**
 * Compiled parts for what the lock has, made from Debian's packages below `place`. There is no compiler in the node images, and what the package's
 * own project offers for download is not for this machine.
 */
export async function makeBindings(npm: NpmLock, debian: DebianLock, place: string): Promise<NativeBinding[]> {
  const files = await sqliteFiles(debian, place);
  const bindings: NativeBinding[] = [];
  for (const version of Object.keys(npm.packages['sqlite3']?.versions ?? {})) {
    const { path, folder } = placeOf(version);
    const file = join(place, path);
    await mkdir(dirname(file), { recursive: true });
    await runProgram('mv', [await pack(files, folder, place), file]);
    bindings.push({ path, file });
  }
  return bindings;
}
