import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { blobsOfAll, checkOfflineCatalog } from '../../src/core/offline/offline-catalog.ts';
import { projectFolder } from '../../src/node/builder/folders.ts';
import { writeRelease } from '../../src/node/builder/release.ts';
import { runProgram } from '../../src/node/builder/run.ts';
import { serveFolder, type Interceptor, type StaticServer } from '../../src/node/serve/static-server.ts';

const TEXTS = new Set(['.html', '.js', '.css']);
const OLD_TITLE = 'Your first image and container';
/** The title that lesson 2 has in the next release. */
export const NEW_TITLE = 'Your first image, renewed';

/** One address behind which a site lies in two releases, one at a time, and which can be switched off. */
export class SwitchingSite {
  #server: StaticServer | undefined;
  readonly #folder: string;
  readonly #intercept: Interceptor;
  #port = 0;

  private constructor(folder: string, intercept: Interceptor) {
    this.#folder = folder;
    this.#intercept = intercept;
  }

  /** Serves release A: the site as it was built. B is made of it, with other names for all scripts, another lesson and another machine.json. */
  static async create(built: string, intercept: Interceptor = () => false): Promise<SwitchingSite> {
    const parent = join(projectFolder, 'test-results');
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, 'releases-'));
    await symlink(built, join(folder, 'a'));
    await makeNextRelease(built, join(folder, 'b'));
    const site = new SwitchingSite(folder, intercept);
    await site.release('a');
    await site.start();
    return site;
  }

  get url(): string {
    return `http://localhost:${this.#port}/`;
  }

  /** From now on the server has this release and no other. */
  async release(name: 'a' | 'b'): Promise<void> {
    const next = join(this.#folder, 'next');
    await symlink(name, next);
    await rename(next, join(this.#folder, 'current'));
  }

  /** From now on nothing answers. */
  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async start(): Promise<void> {
    this.#server = await serveFolder(join(this.#folder, 'current'), this.#port, this.#intercept);
    this.#port = Number(new URL(this.#server.url).port);
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function makeNextRelease(built: string, target: string): Promise<void> {
  // Links where the file system allows them: whatever is changed is written anew.
  await runProgram('cp', ['-rl', built, target]).catch(() => cp(built, target, { recursive: true }));
  const names = await readdir(join(target, 'assets'));
  for (const name of names) {
    const path = join(target, 'assets', name);
    const content = TEXTS.has(extname(name)) ? renamed(await readFile(path, 'utf8'), names) : await readFile(path);
    await rm(path);
    await writeFile(join(target, 'assets', nextName(name)), content);
  }
  for (const page of ['index.html', 'preview.html']) await change(join(target, page), text => renamed(text, names));
  for (const file of ['index.json', '02-first-image.lesson.json'])
    await change(join(target, 'lessons', file), text => text.replaceAll(OLD_TITLE, NEW_TITLE));
  await change(join(target, 'machine/machine.json'), text => `${text}\n`);
  const firstReads = await startBlobs(target);
  for (const file of ['offline.json', 'release.json']) await rm(join(target, file));
  await writeRelease(target, firstReads);
}

async function startBlobs(site: string): Promise<readonly string[]> {
  const catalog = checkOfflineCatalog(JSON.parse(await readFile(join(site, 'offline.json'), 'utf8')));
  return blobsOfAll(
    catalog,
    catalog.parts.filter(({ kind }) => kind === 'start'),
  ).map(({ sha256 }) => sha256);
}

async function change(path: string, edit: (text: string) => string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const edited = edit(text);
  if (edited === text) throw new Error(`${path} is the same in both releases`);
  await rm(path);
  await writeFile(path, edited);
}

function renamed(text: string, names: readonly string[]): string {
  return names.reduce((result, name) => result.replaceAll(name, nextName(name)), text);
}

function nextName(name: string): string {
  const ending = extname(name);
  return `${name.slice(0, -ending.length)}b${ending}`;
}
