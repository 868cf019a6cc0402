import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { ZipArchive, type ZipEntry, type ZipOptions } from '../zip.ts';

/** The folder in the archive: what is unpacked does not spill over the desktop. */
const TOP = 'drydock';
/** The one of an archive that is only the site. */
const SITE_TOP = 'drydock-site';
const SCRIPTS = join(import.meta.dirname, 'files');
/** zlib's own choice between time and size: the site is large. */
const LEVEL = 6;
/** What does not get smaller. */
const PACKED = new Set(['.zst', '.png']);
/** One script under two names: macOS starts a `.command` with a double click. */
const START_SCRIPT = 'start.sh';
const MAC_SCRIPT = 'start.command';

/** What was put into an archive. */
export interface WrittenBundle {
  readonly fileCount: number;
  /** Of the archive. */
  readonly bytes: number;
}

/** Puts a built site, as any static host serves it, into a zip archive: in one folder. Throws where the site is not whole. */
export function writeSite(site: string, target: string, report: (message: string) => void): Promise<WrittenBundle> {
  return writeZip(site, target, SITE_TOP, report, () => Promise.resolve());
}

/**
 * Puts a built site and what serves it into one zip archive. A zip, because Windows, macOS and Linux desktops open it with a double click; its
 * files keep the right to be executed. Throws where the site is not whole.
 */
export function writeBundle(site: string, target: string, report: (message: string) => void): Promise<WrittenBundle> {
  return writeZip(site, target, `${TOP}/site`, report, addScripts);
}

async function writeZip(
  site: string,
  target: string,
  top: string,
  report: (message: string) => void,
  addFirst: (add: Add) => Promise<void>,
): Promise<WrittenBundle> {
  for (const name of ['index.html', 'release.json', 'machine/machine.json']) {
    if (!existsSync(join(site, name))) throw new Error(`The site in ${site} lacks ${name}: "npm run build" makes it.`);
  }
  const paths = await filesOf(site);
  const unfinished = `${target}.unfinished`;
  const archive = new ZipArchive();
  const file = await open(unfinished, 'w');
  // One at a time: all of it would not fit into the memory of a small computer.
  const add: Add = (entry, options) => file.appendFile(archive.add(entry, { level: LEVEL, ...options }));
  try {
    await addFirst(add);
    for (const [index, path] of paths.entries()) {
      const options = PACKED.has(extname(path)) ? { level: 0 } : {};
      await add({ path: `${top}/${path}`, bytes: await readFile(join(site, path)) }, options);
      if (index % 500 === 499) report(`${index + 1} of ${paths.length} files, ${Math.round(archive.bytes / 1e6)} MB`);
    }
    await file.appendFile(archive.end());
  } finally {
    await file.close();
  }
  // A name that is there is a whole archive.
  await rename(unfinished, target);
  return { fileCount: paths.length, bytes: archive.bytes };
}

type Add = (entry: ZipEntry, options?: ZipOptions) => Promise<void>;

async function addScripts(add: Add): Promise<void> {
  for (const name of (await readdir(SCRIPTS)).sort()) {
    const bytes = await readFile(join(SCRIPTS, name));
    const isExecutable = name === START_SCRIPT;
    await add({ path: `${TOP}/${name}`, bytes }, { isExecutable });
    if (isExecutable) await add({ path: `${TOP}/${MAC_SCRIPT}`, bytes }, { isExecutable });
  }
}

async function filesOf(site: string): Promise<readonly string[]> {
  const entries = await readdir(site, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return files
    .map(file =>
      file
        .slice(site.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort();
}
