import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { basename, dirname } from 'node:path/posix';
import { lockedSet, type DebianLock } from '../debian-lock.ts';
import { fetchPackage } from '../debian-packages.ts';
import type { PythonRelease } from '../images/python-releases.ts';
import { runProgram } from '../run.ts';
import type { ZipEntry } from '../../zip.ts';
import { isElf, neededLibraries, withSearchPath } from './elf-libraries.ts';

/** A library of Debian's that a wheel may need, and the package it is from. */
interface DebianLibrary {
  readonly file: string;
  readonly package: string;
}

/** What a wheel gets beside its modules. */
export interface Bundled {
  /** The modules, those that need it with a path to the libraries, and the libraries. */
  readonly files: readonly ZipEntry[];
  /** The copyright file of each package that a library is from. */
  readonly licences: readonly ZipEntry[];
}

const LIBRARY_NAME = /^lib[^/]*\.so\.[\d.]+$|^ld-linux\.so\.2$/;

async function librariesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter(name => LIBRARY_NAME.test(basename(name)));
}

async function unpack(lock: DebianLock, set: string, name: string, folder: string): Promise<void> {
  await runProgram('dpkg-deb', ['-x', await fetchPackage(lock, set, name), folder]);
}

/**
 * Libraries of Debian's that wheels need and the image of their Python does not have: psycopg2 without libpq is of no use. They go into the wheel, as in
 * the wheels that PyPI has of these projects.
 */
export class LibraryBundler {
  readonly #inImage: ReadonlySet<string>;
  readonly #libraries: ReadonlyMap<string, DebianLibrary>;
  readonly #folder: string;

  private constructor(inImage: ReadonlySet<string>, libraries: ReadonlyMap<string, DebianLibrary>, folder: string) {
    this.#inImage = inImage;
    this.#libraries = libraries;
    this.#folder = folder;
  }

  /** Unpacks the libraries of a release below `folder`. */
  static async open(lock: DebianLock, { set, debian, libraries: librarySet }: PythonRelease, folder: string): Promise<LibraryBundler> {
    const image = join(folder, 'image');
    await mkdir(folder, { recursive: true });
    for (const one of [debian.set, set]) {
      for (const name of lockedSet(lock, one).packages.filter(entry => /^(lib|zlib|gcc-)/.test(entry))) await unpack(lock, one, name, image);
    }
    const libraries = new Map<string, DebianLibrary>();
    for (const name of lockedSet(lock, librarySet).packages) {
      const root = join(folder, name);
      await unpack(lock, librarySet, name, root);
      for (const path of await librariesIn(root)) libraries.set(basename(path), { file: join(root, path), package: name });
    }
    return new LibraryBundler(new Set((await librariesIn(image)).map(path => basename(path))), libraries, folder);
  }

  /** Gives the files of a wheel with what they need beside. `project` gives the libraries' folder its name: `numpy.libs`. */
  async bundle(project: string, files: readonly ZipEntry[]): Promise<Bundled> {
    const own = new Set(files.map(({ path }) => basename(path)));
    const taken = new Map<string, DebianLibrary>();
    const missing = (elf: Buffer) => neededLibraries(elf).filter(name => !own.has(name) && !this.#inImage.has(name));
    const take = async (name: string): Promise<void> => {
      if (taken.has(name)) return;
      const library = this.#libraries.get(name);
      if (!library) throw new Error(`${project} needs ${name}, which is in no package of its set of libraries`);
      taken.set(name, library);
      for (const needed of missing(await readFile(await realFile(library.file)))) await take(needed);
    };
    const changed: ZipEntry[] = [];
    for (const entry of files) {
      const elf = isElf(entry.bytes) ? Buffer.from(entry.bytes) : undefined;
      const needed = elf ? missing(elf) : [];
      for (const name of needed) await take(name);
      changed.push(needed.length === 0 ? entry : { path: entry.path, bytes: withSearchPath(elf!, pathTo(`${project}.libs`, entry.path)) });
    }
    for (const [name, { file }] of taken) changed.push({ path: `${project}.libs/${name}`, bytes: await readFile(await realFile(file)) });
    return { files: changed, licences: await this.#licences(taken) };
  }

  async #licences(taken: ReadonlyMap<string, DebianLibrary>): Promise<ZipEntry[]> {
    const packages = [...new Set([...taken.values()].map(library => library.package))].sort();
    return Promise.all(packages.map(async name => ({ path: `licenses/copyright.${name}`, bytes: await readFile(await this.#copyrightOf(name)) })));
  }

  /** The folder of a package's documentation may be a link to that of another package of the same source, which the image has. */
  async #copyrightOf(name: string): Promise<string> {
    const root = join(this.#folder, name);
    const documentation = await readlink(join(root, 'usr/share/doc', name)).catch(() => name);
    const places = [root, join(this.#folder, 'image')].map(one => join(one, 'usr/share/doc', documentation, 'copyright'));
    const found = places.find(one => existsSync(one));
    if (found === undefined) throw new Error(`the package ${name} has no copyright file`);
    return realFile(found);
  }
}

/** From a module to a folder beside the top packages. */
function pathTo(folder: string, module: string): string {
  const depth = dirname(module) === '.' ? 0 : dirname(module).split('/').length;
  return ['$ORIGIN', ...Array.from({ length: depth }, () => '..'), folder].join('/');
}

async function realFile(file: string): Promise<string> {
  const target = await readlink(file).catch(() => undefined);
  if (target === undefined) {
    await stat(file);
    return file;
  }
  return realFile(join(dirname(file), target));
}
