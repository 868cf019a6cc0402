import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ZipEntry } from '../../zip.ts';
import type { PythonRelease } from '../images/python-releases.ts';
import type { LibraryBundler } from './bundled-libraries.ts';
import { completeMetadata } from './wheel-metadata.ts';
import { changesOf, isSelfContained } from './wheel-sets.ts';
import { fieldOf, makeWheel, normalizedName, type Wheel } from './wheel.ts';

/** Where Debian installs Python packages. */
export const PACKAGES_FOLDER = 'usr/lib/python3/dist-packages';
/** What Debian's folders of information have that goes into a wheel unchanged. */
const KEPT_INFORMATION = new Set(['entry_points.txt', 'top_level.txt']);
/** Packages' tests of themselves: each file that pip writes costs time. */
const LEFT_OUT = /\/tests\//;

/** An unpacked Debian package of Python modules. */
export interface DebianWheelSource {
  readonly root: string;
  /** Of the Debian package, whose licence goes along. */
  readonly name: string;
  readonly version: string;
  readonly release: PythonRelease;
  /** The projects that it needs, where Debian knows better than the metadata (PackageKnowledge). */
  readonly dependencies?: readonly string[];
  /** Where it is not the one of the metadata: PyPI has some projects under two names. */
  readonly project?: string;
  /** Adds C libraries; without it the wheel has none. */
  readonly libraries?: LibraryBundler;
}

/** A link within the package is the file that it leads to: a wheel has no links. One that leads elsewhere (fonts, scripts of other packages) is left out. */
async function readTree(folder: string, top: string, root = folder): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) entries.push(...(await readTree(path, top, root)));
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isOwnFile(path, top))))
      entries.push({ path: relative(root, path), bytes: await readFile(await ownPath(path, top)) });
  }
  return entries;
}

async function ownPath(path: string, top: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined);
  if (target === undefined) return path;
  return ownPath(target.startsWith('/') ? join(top, target) : join(path, '..', target), top);
}

async function isOwnFile(path: string, top: string): Promise<boolean> {
  return (await stat(await ownPath(path, top)).catch(() => undefined))?.isFile() === true;
}

/** Makes a wheel; undefined where the package has no Python modules (gunicorn, whose command python3-gunicorn's entry points give). */
export async function readWheel({ root, name, version, release, dependencies, project, libraries }: DebianWheelSource): Promise<Wheel | undefined> {
  const modules = join(root, PACKAGES_FOLDER);
  if (!existsSync(modules)) return undefined;
  const tree = await readTree(modules, root);
  const isInformation = ({ path }: ZipEntry) => /^[^/]+\.(dist|egg)-info(\/|$)/.test(path);
  const information = tree.filter(isInformation).map(({ path, bytes }) => ({ path: path.slice(path.indexOf('/') + 1), bytes }));
  const text = (...paths: string[]) => {
    const found = information.find(({ path }) => paths.includes(path));
    return found && Buffer.from(found.bytes).toString('utf8');
  };
  // distutils' form is a single file: the path then still is its name.
  const metadata = text('METADATA', 'PKG-INFO') ?? singleFile(information);
  if (metadata === undefined) throw new Error(`${name} has no metadata`);
  const files = tree.filter(entry => !isInformation(entry) && !LEFT_OUT.test(entry.path));
  const ownName = normalizedName(fieldOf(metadata, 'Name') ?? name);
  const named = project === undefined ? metadata : metadata.replace(/^Name: .*$/m, `Name: ${project}`);
  const bundled = await libraries?.bundle((project ?? ownName).replaceAll('-', '_'), files);
  return makeWheel({
    metadata: completeMetadata(named, {
      debianVersion: version,
      requiresText: text('requires.txt'),
      dependencies: text('METADATA') === undefined && !isSelfContained(ownName) ? dependencies : undefined,
      ...changesOf(ownName),
    }),
    files: bundled?.files ?? files,
    information: [...information.filter(({ path }) => KEPT_INFORMATION.has(path)), ...(bundled?.licences ?? [])],
    copyright: await readFile(join(root, 'usr/share/doc', name, 'copyright'), 'utf8'),
    source: `${name} ${version}`,
    release,
  });
}

function singleFile(information: readonly ZipEntry[]): string | undefined {
  const found = information.find(({ path }) => path.endsWith('.egg-info'));
  return found && Buffer.from(found.bytes).toString('utf8');
}

/** The project of an unpacked Debian package; undefined where it has no Python modules. */
export async function projectOf(root: string): Promise<string | undefined> {
  const modules = join(root, PACKAGES_FOLDER);
  const names = existsSync(modules) ? await readdir(modules) : [];
  const found = names.find(one => /\.(dist|egg)-info$/.test(one));
  if (found === undefined) return undefined;
  const places = ['METADATA', 'PKG-INFO', ''].map(file => join(modules, found, file)).filter(path => existsSync(path));
  return normalizedName(fieldOf(await readFile(places[0]!, 'utf8'), 'Name') ?? '');
}
