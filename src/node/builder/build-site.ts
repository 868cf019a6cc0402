import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type LibraryOptions } from 'vite';
import { checkHubCatalog, type HubCatalog } from '../../core/hub/hub-catalog.ts';
import type { BuiltGuest } from './build-guest.ts';
import { blobsOfHub, chooseImages } from './images/choose-images.ts';
import { writeSiteLessons } from '../lesson/site-lessons.ts';
import { projectFolder } from './folders.ts';
import { linkBlobs } from './link-blobs.ts';
import { wasmFile } from './offline-guest.ts';
import { writeRelease } from './release.ts';

/** Where the finished site is. */
export const siteFolder = join(projectFolder, 'dist');

/**
 * Builds the site: the page by Vite, and the machine's files and the lessons beside it. Any static host can serve the folder. `images` are those that
 * the site's hub is to have, see `chooseImages`; all where it is not said.
 */
export async function buildSite(guest: BuiltGuest, images?: readonly string[]): Promise<string> {
  const hub = checkHubCatalog(JSON.parse(await readFile(join(guest.hub, 'hub.json'), 'utf8')));
  // First: a wrong name is told before anything is built.
  const chosen = images === undefined ? hub : chooseImages(hub, images);
  await build({ root: projectFolder, logLevel: 'warn' });
  await buildServiceWorker();
  await buildEmbed();
  const machine = join(siteFolder, 'machine');
  await rm(machine, { recursive: true, force: true });
  await mkdir(machine, { recursive: true });
  await cp(join(guest.snapshot, 'machine.json'), join(machine, 'machine.json'));
  await writeFile(join(machine, 'hub.json'), JSON.stringify(chosen));
  await cp(join(guest.packages, 'packages.json'), join(machine, 'packages.json'));
  await cp(join(guest.npm, 'npm.json'), join(machine, 'npm.json'));
  await cp(join(guest.archive, 'archive.json'), join(machine, 'archive.json'));
  await cp(join(guest.vm, 'vm.json'), join(machine, 'vm.json'));
  await cp(guest.firmware.bios, join(machine, 'bios.bin'));
  await cp(guest.firmware.vgaBios, join(machine, 'vgabios.bin'));
  await cp(guest.kernel, join(machine, 'bzImage'));
  await cp(wasmFile, join(machine, 'v86.wasm'));
  for (const folder of [guest.snapshot, guest.hub, guest.packages, guest.npm, guest.archive, guest.vm]) await linkBlobs(folder, machine);
  await leaveOut(machine, hub, chosen);
  await writeSiteLessons(siteFolder);
  if (!existsSync(join(siteFolder, 'index.html'))) throw new Error('the page was not built');
  await writeRelease(siteFolder, JSON.parse(await readFile(guest.firstReads, 'utf8')) as string[]);
  return siteFolder;
}

/** Takes away the layers of images that the site is not to have. */
async function leaveOut(machine: string, all: HubCatalog, chosen: HubCatalog): Promise<void> {
  const kept = blobsOfHub(chosen);
  for (const name of blobsOfHub(all)) if (!kept.has(name)) await rm(join(machine, 'blobs', `${name}.zst`), { force: true });
}

/** One file of its own at the site's root: its place is its scope, and a shared chunk would have to be cached with it. */
async function buildServiceWorker(): Promise<void> {
  const entry = join(projectFolder, 'src/service-worker/main.ts');
  const define = { PAGE_SCRIPT: JSON.stringify(await pageScript()) };
  await buildScript({ entry, formats: ['iife'], name: 'drydockServiceWorker', fileName: () => 'service-worker.js' }, siteFolder, define);
}

/** What the service worker puts into pages of containers, as text. */
async function pageScript(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-page-script-'));
  try {
    const entry = join(projectFolder, 'src/page-script/main.ts');
    await buildScript({ entry, formats: ['iife'], name: 'drydockPage', fileName: () => 'page-script.js' }, folder);
    return await readFile(join(folder, 'page-script.js'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What pages of other sites load, under names that stay. As an entry of the page's own build its exports would be shaken off.
 * `outDir` is told from the root of the project.
 */
export async function buildEmbed(outDir = siteFolder): Promise<void> {
  const entry = join(projectFolder, 'src/embed/main.ts');
  const fileName = (format: string): string => (format === 'es' ? 'embed.js' : 'embed.global.js');
  await buildScript({ entry, formats: ['es', 'iife'], name: 'drydock', fileName }, outDir);
  await cp(join(projectFolder, 'src/embed/embed.d.ts'), join(outDir, 'embed.d.ts'));
}

function buildScript(lib: LibraryOptions, outDir = siteFolder, define: Record<string, string> = {}): Promise<unknown> {
  return build({
    root: projectFolder,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define,
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: false,
      lib,
      rolldownOptions: {
        onLog(level, log, handle) {
          // In the classic script, which asks the document for its address.
          if (log.code !== 'EMPTY_IMPORT_META') handle(level, log);
        },
      },
    },
  });
}
