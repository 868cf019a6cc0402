import { existsSync } from 'node:fs';
import { readdir, readFile, rename } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { ZipWriter } from './zip-writer.ts';

/** The folder in the archive: what is unpacked does not spill over the desktop. */
const TOP = 'drydock';
const SCRIPTS = join(import.meta.dirname, 'files');
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

/**
 * Puts a built site and what serves it into one zip archive. A zip, because Windows, macOS and Linux desktops open it with a double click; its
 * files keep the right to be executed. Throws where the site is not whole.
 */
export async function writeBundle(site: string, target: string, report: (message: string) => void): Promise<WrittenBundle> {
  for (const name of ['index.html', 'release.json', 'machine/machine.json']) {
    if (!existsSync(join(site, name))) throw new Error(`The site in ${site} lacks ${name}: "npm run build" makes it.`);
  }
  const paths = await filesOf(site);
  const unfinished = `${target}.unfinished`;
  const zip = await ZipWriter.create(unfinished);
  await addScripts(zip);
  for (const [index, path] of paths.entries()) {
    await zip.add(`${TOP}/site/${path}`, await readFile(join(site, path)), { compress: !PACKED.has(extname(path)) });
    if (index % 500 === 499) report(`${index + 1} of ${paths.length} files, ${Math.round(zip.bytes / 1e6)} MB`);
  }
  await zip.close();
  // A name that is there is a whole archive.
  await rename(unfinished, target);
  return { fileCount: paths.length, bytes: zip.bytes };
}

async function addScripts(zip: ZipWriter): Promise<void> {
  for (const name of (await readdir(SCRIPTS)).sort()) {
    const content = await readFile(join(SCRIPTS, name));
    const isExecutable = name === START_SCRIPT;
    await zip.add(`${TOP}/${name}`, content, { isExecutable });
    if (isExecutable) await zip.add(`${TOP}/${MAC_SCRIPT}`, content, { isExecutable });
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
