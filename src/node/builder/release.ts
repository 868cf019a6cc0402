import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { checkArchiveCatalog, suiteName, type ArchiveSuite } from '../../core/archive/archive-catalog.ts';
import { readArchivePool } from '../../core/archive/debian-archive.ts';
import { checkHubCatalog, shortReference } from '../../core/hub/hub-catalog.ts';
import { checkVmManifest } from '../../core/lab/vm-manifest.ts';
import { checkNpmCatalog } from '../../core/npm/npm-catalog.ts';
import { OFFLINE_FORMAT, OFFLINE_PATH, type OfflineCatalog, type OfflinePart } from '../../core/offline/offline-catalog.ts';
import { RELEASE_FORMAT, RELEASE_META, RELEASE_PATH, type FilePurpose, type Release, type ReleaseFile } from '../../core/offline/release.ts';
import { checkPackageCatalog } from '../../core/packages/package-catalog.ts';
import { BlobLoader } from '../../core/sandbox/load/blob-loader.ts';
import { checkManifest, expandChunks } from '../../core/sandbox/load/manifest.ts';

/** What is no file of the release: the browser itself asks for the first, whoever runs the site may change the second. */
const APART = new Set(['service-worker.js', 'config.json', RELEASE_PATH]);
const BLOBS = 'machine/blobs/';
const ID_LENGTH = 16;

/** The images that the lessons are about, as `docker pull` takes them; the others are kept where somebody asks for them. */
const USUAL_IMAGES = new Set(['hello-world', 'busybox', 'debian', 'python', 'nginx', 'redis', 'registry:2', 'traefik/whoami']);

/** A part with its blobs by name. */
interface NamedPart extends Omit<OfflinePart, 'blobs'> {
  readonly sha256: readonly string[];
}

/**
 * Writes offline.json and release.json into a finished site, and the release's id into its page. `firstReads` are the blobs that the machine reads in the
 * first lessons. Throws where a file is missing.
 */
export async function writeRelease(site: string, firstReads: readonly string[]): Promise<Release> {
  await writeFile(join(site, OFFLINE_PATH), JSON.stringify(await readOfflineCatalog(site, firstReads)));
  const page = join(site, 'index.html');
  const html = (await readFile(page, 'utf8')).replace(/\n? *<meta name="drydock-release"[^>]*>/, '');
  await writeFile(page, html);
  const id = idOf(await listFiles(site));
  await writeFile(page, withMeta(html, id));
  const release: Release = { format: RELEASE_FORMAT, id, files: await listFiles(site) };
  await writeFile(join(site, RELEASE_PATH), JSON.stringify(release));
  return release;
}

/** The page says of which release it is, so its own hash is taken without. */
function idOf(files: readonly ReleaseFile[]): string {
  const lines = files.map(({ path, sha256 }) => `${sha256} ${path}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, ID_LENGTH);
}

function withMeta(html: string, id: string): string {
  const marked = html.replace('<head>', `<head>\n    <meta name="${RELEASE_META}" content="${id}" />`);
  if (marked === html) throw new Error('index.html has no <head> to put the release into');
  return marked;
}

async function listFiles(site: string): Promise<readonly ReleaseFile[]> {
  const names = await readdir(site, { recursive: true, withFileTypes: true });
  const paths = names
    .filter(entry => entry.isFile())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(site.length + 1)
        .split(sep)
        .join('/'),
    );
  const wanted = paths.filter(path => !APART.has(path) && !path.startsWith(BLOBS)).sort();
  return Promise.all(wanted.map(path => describe(site, path)));
}

async function describe(site: string, path: string): Promise<ReleaseFile> {
  const file = join(site, path);
  return { path, bytes: (await stat(file)).size, sha256: await hashOf(file), purpose: purposeOf(path) };
}

function purposeOf(path: string): FilePurpose {
  if (path.startsWith('lessons/')) return 'course';
  // A machine that wakes up needs no kernel file; one that boots also needs much of the disk.
  return path === 'machine/bzImage' ? 'disk' : 'page';
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

async function readOfflineCatalog(site: string, firstReads: readonly string[]): Promise<OfflineCatalog> {
  const parts = await namedParts(site, firstReads);
  const names = [...new Set(parts.flatMap(({ sha256 }) => sha256))];
  const places = new Map(names.map((sha256, index) => [sha256, index]));
  const sizes = await Promise.all(names.map(async sha256 => (await stat(join(site, BLOBS, `${sha256}.zst`))).size));
  return {
    format: OFFLINE_FORMAT,
    blobs: names.map((sha256, index) => [sha256, sizes[index]!]),
    parts: parts.map(({ sha256, ...part }) => ({ ...part, blobs: [...new Set(sha256)].map(name => places.get(name)!) })),
  };
}

/** The blobs of a suite: its index, the list of its packages, and these. */
async function archiveBlobs(site: string, { index, pool }: ArchiveSuite): Promise<readonly string[]> {
  const loader = new BlobLoader({
    readFile: () => Promise.reject(new Error('only blobs are read here')),
    readBlob: sha256 => readFile(join(site, BLOBS, `${sha256}.zst`)),
  });
  const files = await readArchivePool(pool, (sha256, bytes) => loader.load(sha256, bytes));
  return hashesOf(index.content, pool, ...[...files.values()].map(file => file.content));
}

async function namedParts(site: string, firstReads: readonly string[]): Promise<readonly NamedPart[]> {
  const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(site, 'machine', name), 'utf8'));
  const { state, disk } = checkManifest(await read('machine.json'));
  const { images } = checkHubCatalog(await read('hub.json'));
  const { projects } = checkPackageCatalog(await read('packages.json'));
  const npm = checkNpmCatalog(await read('npm.json'));
  const { suites } = checkArchiveCatalog(await read('archive.json'));
  const archives = await Promise.all(
    suites.map(async (suite): Promise<NamedPart> => ({
      kind: 'archive',
      id: `archive:${suite.codename}`,
      name: suiteName(suite),
      sha256: await archiveBlobs(site, suite),
    })),
  );
  const { kernel, root } = checkVmManifest(await read('vm.json'));
  return [
    { kind: 'start', id: 'start', name: 'machine', sha256: [...hashesOf(state.index, state.devices, state.code, state.pages), ...firstReads] },
    { kind: 'disk', id: 'disk', name: 'disk', sha256: expandChunks(disk).filter(sha256 => sha256 !== '') },
    {
      kind: 'packages',
      id: 'packages',
      name: 'Python packages',
      sha256: projects.flatMap(({ files }) => hashesOf(...files.map(file => file.content))),
    },
    { kind: 'npm', id: 'npm', name: 'npm packages', sha256: hashesOf(npm.list, npm.tarballs) },
    ...archives,
    { kind: 'lab', id: 'lab', name: 'virtual machine', sha256: hashesOf(kernel, root) },
    ...images.map((image): NamedPart => {
      const name = shortReference(image);
      const part = { kind: 'image', id: `image:${name}`, name, sha256: hashesOf(...image.layers.map(layer => layer.content)) } as const;
      return USUAL_IMAGES.has(name) ? part : { ...part, isRare: true };
    }),
  ];
}

function hashesOf(...contents: readonly { readonly pieces: readonly { readonly sha256: string }[] }[]): readonly string[] {
  return contents.flatMap(({ pieces }) => pieces.map(({ sha256 }) => sha256));
}
