/** What makes a folder of Python files a wheel (PyPA specifications: binary distribution format, recording installed packages, core metadata). */
import { createHash } from 'node:crypto';
import { packZip, type ZipEntry } from '../../zip.ts';
import type { PythonRelease } from '../images/python-releases.ts';

/** What a wheel is made from. */
export interface WheelSource {
  /** The core metadata as the Debian package has it: METADATA or PKG-INFO. */
  readonly metadata: string;
  /** Everything that goes into site-packages, with its path there. */
  readonly files: readonly ZipEntry[];
  /** What goes into the .dist-info folder as it is: entry_points.txt, top_level.txt. */
  readonly information: readonly ZipEntry[];
  /** Debian's copyright file. */
  readonly copyright: string;
  /** Said in the WHEEL file: the Debian package and its version. */
  readonly source: string;
  /** The Python it is for: that of its Debian. */
  readonly release: Pick<PythonRelease, 'version'>;
}

/** A wheel, ready to be served. */
export interface Wheel {
  readonly filename: string;
  /** Normalized name of the project (PEP 503). */
  readonly project: string;
  readonly requiresPython: string | undefined;
  /** What is in it, the RECORD last. */
  readonly entries: readonly ZipEntry[];
}

/** Compiled modules run on this machine only, and most of them on one Python. */
const COMPILED_MODULE = /\.so(\.\d+)*$/;

/**
 * For which Python a wheel is (PyPA: platform compatibility tags). One without compiled modules is for one Python too: each Python so gets the version
 * that its Debian has, with the modules compiled for it. `py3` would have pip take the newest of all.
 */
export function tagOf({ version }: Pick<PythonRelease, 'version'>, isPure: boolean): string {
  const python = `cp${version.replace('.', '')}`;
  return isPure ? `${python}-none-any` : `${python}-${python}-linux_i686`;
}

/** A field of the metadata's head; undefined where it is not there. */
export function fieldOf(metadata: string, name: string): string | undefined {
  const head = metadata.split('\n\n', 1)[0]!;
  return new RegExp(`^${name}: *(.*)$`, 'm').exec(head)?.[1]?.trim();
}

function needed(metadata: string, name: string): string {
  const value = fieldOf(metadata, name);
  if (value === undefined || value === '') throw new Error(`the package's metadata has no ${name}:\n${metadata.slice(0, 300)}`);
  return value;
}

/** A project's name as PEP 503 compares it: lower case, single hyphens. */
export function normalizedName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/**
 * The metadata as it goes into the wheel: Debian leaves the licence files out that it names, and has all their text in its copyright file.
 * License-File is a field since version 2.4 only.
 */
export function wheelMetadata(metadata: string): string {
  const end = metadata.indexOf('\n\n');
  const head = end < 0 ? metadata.trimEnd() : metadata.slice(0, end);
  const body = end < 0 ? '\n' : metadata.slice(end);
  const lines = head.split('\n').filter(line => !line.startsWith('License-File:'));
  const [major = 0, minor = 0] = needed(metadata, 'Metadata-Version').split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 4)) lines.push('License-File: copyright');
  return `${lines.join('\n')}${body}`;
}

function wheelFile(isPure: boolean, source: string, tag: string): string {
  return `Wheel-Version: 1.0\nGenerator: drydock (from Debian's ${source})\nRoot-Is-Purelib: ${isPure}\nTag: ${tag}\n`;
}

function quoted(path: string): string {
  return /[",\n]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}

/** The RECORD file: each file with its hash and size, and at last itself without. */
export function recordOf(entries: readonly ZipEntry[], recordPath: string): string {
  const lines = entries.map(({ path, bytes }) => {
    const hash = createHash('sha256').update(bytes).digest('base64url');
    return `${quoted(path)},sha256=${hash},${bytes.length}\n`;
  });
  return `${lines.join('')}${quoted(recordPath)},,\n`;
}

function text(path: string, content: string): ZipEntry {
  return { path, bytes: Buffer.from(content, 'utf8') };
}

function byPath(a: ZipEntry, b: ZipEntry): number {
  return a.path < b.path ? -1 : 1;
}

/** Makes a wheel. Throws where the metadata lacks a name or a version. */
export function makeWheel({ metadata, files, information, copyright, source, release }: WheelSource): Wheel {
  const [name, version] = [needed(metadata, 'Name'), needed(metadata, 'Version')];
  const project = normalizedName(name);
  const distribution = `${project.replaceAll('-', '_')}-${version.replaceAll('-', '_')}`;
  const folder = `${distribution}.dist-info`;
  const isPure = !files.some(({ path }) => COMPILED_MODULE.test(path));
  const tag = tagOf(release, isPure);
  const described = [
    text(`${folder}/METADATA`, wheelMetadata(metadata)),
    text(`${folder}/WHEEL`, wheelFile(isPure, source, tag)),
    text(`${folder}/licenses/copyright`, copyright),
    ...information.map(({ path, bytes }) => ({ path: `${folder}/${path}`, bytes })),
  ];
  // The specification wants the .dist-info at the archive's end.
  const entries = [...[...files].sort(byPath), ...described.sort(byPath)];
  const record = `${folder}/RECORD`;
  return {
    filename: `${distribution}-${tag}.whl`,
    project,
    requiresPython: fieldOf(metadata, 'Requires-Python'),
    entries: [...entries, text(record, recordOf(entries, record))],
  };
}

/** The file that pip downloads. */
export function packWheel({ entries }: Wheel): Uint8Array {
  return packZip(entries);
}
