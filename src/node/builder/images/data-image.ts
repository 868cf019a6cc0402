import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackage, fetchPackages, setKey } from '../debian-packages.ts';
import { lockedTool, type NpmLock } from '../npm/npm-lock.ts';
import { unpackTool } from '../npm/npm-tarballs.ts';
import { compileForGuest } from '../root.ts';
import { runAsRoot } from '../run.ts';
import type { GuestInputs } from '../guest-work.ts';
import { makeGuestData } from './guest-data.ts';
import { labelsOf, packagesOf, type ImageConfig, type PinnedPackage } from './image-recipe.ts';
import type { ImageBase, ImageMaker, MadeImage } from './image-step.ts';
import { addUser, extractPackages, noteInstalled, packLayer, type Workplace } from './image-tree.ts';
import { containersFolder, OWN_FILES, RECIPE_FILE, type DataRecipe } from './recipe-file.ts';

/** The healthcheck's times are nanoseconds in an image. */
const NANOSECONDS = 1e9;
/** For programs without the C library, whose start is `_start`. */
const TINY = ['-nostdlib', '-ffreestanding', '-fno-stack-protector'];

/** What recipes need beside themselves. */
export interface DataRecipeInputs extends GuestInputs {
  readonly lock: DebianLock;
  readonly npm: NpmLock;
}

type PackageSet = DataRecipe['packages'][number];

/** The maker of an image that is described by data. */
export function dataImage(name: string, recipe: DataRecipe, inputs: DataRecipeInputs): ImageMaker {
  const folders = [...(recipe.like === undefined ? [] : [recipe.like]), name].map(one => join(containersFolder, one));
  return {
    name,
    ...(recipe.on !== undefined && { on: recipe.on }),
    files: [import.meta.filename, join(import.meta.dirname, 'recipe-file.ts'), join(import.meta.dirname, 'guest-data.ts'), ...folders],
    values: [
      ...recipe.packages.map(({ set }) => setKey(inputs.lock, set)),
      ...recipe.npm.map(({ name: one }) => lockedTool(inputs.npm, one).integrity),
    ],
    make: (work, base) => make(name, recipe, inputs, work, base),
  };
}

async function make(name: string, recipe: DataRecipe, inputs: DataRecipeInputs, work: Workplace, base: ImageBase | undefined): Promise<MadeImage> {
  const root = join(work.folder, 'root');
  const debs = await makeTree(name, recipe, inputs, work, base, root);
  if (recipe.guestData !== undefined) await addGuestData(name, recipe, inputs, work, base, root);
  for (const one of [...(recipe.like === undefined ? [] : [recipe.like]), name])
    await copyOwnFiles(join(containersFolder, one, OWN_FILES), root, work);
  await makeFolders(recipe, work, root);
  for (const [place, target] of Object.entries(recipe.links)) {
    await mkdir(join(root, dirname(place)), { recursive: true });
    await rm(join(root, place), { force: true, recursive: true });
    await symlink(target, join(root, place));
  }
  if (base?.status) await noteInstalled(root, debs, base.status);
  const file = join(work.folder, 'layer.tar');
  await packLayer(work, root, file);
  const { repository, tags, description, comment } = recipe;
  const layers = [...(base?.recipe.layers ?? []), { file, comment }];
  return { root, recipe: { repository, tags, description, layers, config: configOf(recipe, inputs, base) } };
}

/** Makes the tree without the recipe's own files: what data in the guest is made with. Gives the packages that are there as a whole, for dpkg. */
async function makeTree(
  name: string,
  recipe: DataRecipe,
  { lock, npm }: DataRecipeInputs,
  work: Workplace,
  base: ImageBase | undefined,
  root: string,
): Promise<string[]> {
  await mkdir(root, { recursive: true });
  const debs = await unpack(recipe, lock, work, root);
  for (const one of recipe.prunedFiles) await pruneByPattern(recipe, root, one);
  for (const [programs, flags] of [[recipe.programs, []] as const, [recipe.tinyPrograms, TINY] as const]) {
    for (const [source, place] of Object.entries(programs)) {
      await mkdir(join(root, dirname(place)), { recursive: true });
      await compileForGuest(fileOf(name, recipe, source), join(root, place), flags);
    }
  }
  for (const [from, to] of Object.entries(recipe.moved)) {
    await mkdir(join(root, dirname(to)), { recursive: true });
    await rename(join(root, from), join(root, to));
  }
  for (const one of recipe.npm) await addNpmPackage(one, npm, work, root);
  for (const edit of recipe.edits) await applyEdit(recipe, root, edit);
  for (const user of recipe.users) await addUser(base?.root ?? root, root, user);
  return debs;
}

async function addNpmPackage({ name, places, without }: DataRecipe['npm'][number], npm: NpmLock, work: Workplace, root: string): Promise<void> {
  const folder = join(work.folder, 'npm', name);
  await unpackTool(npm, name, folder);
  const unused = without === undefined ? [] : (await readdir(folder, { recursive: true })).filter(file => new RegExp(without).test(file));
  if (without !== undefined && unused.length === 0) throw new Error(`nothing in ${name} is left out by ${without}`);
  for (const file of unused) await rm(join(folder, file), { recursive: true, force: true });
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', folder]);
  await runAsRoot(work.owners, 'chown', ['-R', '0:0', folder]);
  for (const [from, to] of Object.entries(places)) {
    await mkdir(join(root, dirname(to)), { recursive: true });
    await runAsRoot(work.owners, 'cp', ['-aT', join(folder, from), join(root, to)]);
  }
}

/** A file of the recipe's folder, or of that of the recipe that it is like. */
function fileOf(name: string, { like }: DataRecipe, file: string): string {
  const places = [name, ...(like === undefined ? [] : [like])].map(one => join(containersFolder, one, file));
  const place = places.find(existsSync);
  if (place === undefined) throw new Error(`${name}: there is no ${file} beside its ${RECIPE_FILE}`);
  return place;
}

/** A pattern that finds nothing is a mistake. */
async function pruneByPattern(
  { repository }: DataRecipe,
  root: string,
  { in: place, match, beside }: DataRecipe['prunedFiles'][number],
): Promise<void> {
  const pattern = new RegExp(match);
  const folder = join(root, place);
  const entries = (await readdir(folder, { withFileTypes: true, recursive: true })).filter(entry => !entry.isDirectory());
  const files = new Set(entries.map(({ parentPath, name }) => relative(folder, join(parentPath, name))));
  const chosen = [...files].filter(file => pattern.test(file) && (beside === undefined || files.has(file.replace(pattern, beside))));
  if (chosen.length === 0) throw new Error(`${repository}: no file in ${place} is left out by ${match}`);
  for (const file of chosen) await rm(join(folder, file));
}

async function applyEdit({ repository }: DataRecipe, root: string, { file, from, to }: DataRecipe['edits'][number]): Promise<void> {
  const text = await readFile(join(root, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${repository}: ${file} has no "${from}" to be edited`);
  await writeFile(
    join(root, file),
    text.replaceAll(from, () => to),
  );
}

/** Has the image's own programs make data in the guest, where a recipe asks for it, and puts that into the tree. */
async function addGuestData(
  name: string,
  recipe: DataRecipe,
  inputs: DataRecipeInputs,
  work: Workplace,
  base: ImageBase | undefined,
  root: string,
): Promise<void> {
  const { script, result } = recipe.guestData!;
  const file = fileOf(name, recipe, script);
  const tar = join(work.folder, 'tree.tar');
  await packLayer(work, root, tar);
  const made = await makeGuestData({ name, script: file, layers: [...(base?.recipe.layers ?? []).map(layer => layer.file), tar] }, inputs);
  await mkdir(join(root, dirname(result)), { recursive: true });
  await copyFile(made, join(root, result));
  await runAsRoot(work.owners, 'chown', ['0:0', join(root, result)]);
}

/** Puts what the recipe takes of its package sets into `root`; gives the packages that are there as a whole, for dpkg. */
async function unpack(recipe: DataRecipe, lock: DebianLock, work: Workplace, root: string): Promise<string[]> {
  const whole: string[] = [];
  for (const [index, part] of recipe.packages.entries()) {
    const debs = await debsOf(lock, part);
    if (part.only === undefined) {
      await extractPackages(work, root, debs, recipe.pruned);
      whole.push(...debs);
      continue;
    }
    const place = join(work.folder, `part-${index}`);
    await extractPackages(work, place, debs, recipe.pruned);
    for (const path of part.only) {
      if (!existsSync(join(place, path))) throw new Error(`${recipe.repository}: the packages of ${part.set} have no ${path}`);
      await mkdir(join(root, dirname(path)), { recursive: true });
      await runAsRoot(work.owners, 'cp', [part.follow ? '-aL' : '-a', join(place, path), join(root, path)]);
    }
  }
  return whole;
}

function debsOf(lock: DebianLock, { set, names }: PackageSet): Promise<string[]> {
  return names === undefined ? fetchPackages(lock, set) : Promise.all(names.map(name => fetchPackage(lock, set, name)));
}

/** Everything in there belongs to root, whoever has checked it out, and can be read by all. */
async function copyOwnFiles(from: string, root: string, work: Workplace): Promise<void> {
  if (!existsSync(from)) return;
  const copy = join(work.folder, OWN_FILES);
  await cp(from, copy, { recursive: true });
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', copy]);
  await runAsRoot(work.owners, 'chown', ['-R', '0:0', copy]);
  await runAsRoot(work.owners, 'cp', ['-a', `${copy}/.`, root]);
}

async function makeFolders({ folders }: DataRecipe, work: Workplace, root: string): Promise<void> {
  for (const [path, { owner, mode }] of Object.entries(folders)) {
    await mkdir(join(root, path), { recursive: true });
    await runAsRoot(work.owners, 'chown', ['-R', owner, join(root, path)]);
    if (mode !== undefined) await runAsRoot(work.owners, 'chmod', [mode, join(root, path)]);
  }
}

/** What the labels say of programs that are not Debian's. */
function npmLabels({ npm }: DataRecipe, lock: NpmLock): Record<string, string> {
  if (npm.length === 0) return {};
  const inside = npm.map(({ name }) => `${name}=${lockedTool(lock, name).version}`).join(' ');
  return {
    'org.opencontainers.image.vendor': `Drydock (made from Debian packages and ${inside} of the npm registry, not the official image of this name)`,
    'dev.drydock.npm-packages': inside,
  };
}

function configOf(recipe: DataRecipe, { lock, npm }: DataRecipeInputs, base: ImageBase | undefined): ImageConfig {
  const { Healthcheck, ...config } = recipe.config;
  const inherited = base?.recipe.config;
  const own = recipe.packages.flatMap(({ set, names }) => names?.map((name): PinnedPackage => [set, name]) ?? packagesOf(lock, set));
  const labels = { ...labelsOf(lock, own, inherited?.Labels), ...npmLabels(recipe, npm) };
  return dropUndefined({
    ...inherited,
    ...config,
    Env: [...(inherited?.Env ?? []), ...(config.Env ?? [])],
    Labels: recipe.vendor === undefined ? labels : { 'org.opencontainers.image.vendor': recipe.vendor },
    Healthcheck: Healthcheck && {
      Test: Healthcheck.test,
      ...(Healthcheck.interval !== undefined && { Interval: Healthcheck.interval * NANOSECONDS }),
      ...(Healthcheck.timeout !== undefined && { Timeout: Healthcheck.timeout * NANOSECONDS }),
      ...(Healthcheck.startPeriod !== undefined && { StartPeriod: Healthcheck.startPeriod * NANOSECONDS }),
      ...(Healthcheck.retries !== undefined && { Retries: Healthcheck.retries }),
    },
  });
}

/** With the type that says so: what is absent is left out of the configuration. */
function dropUndefined(config: { [Key in keyof ImageConfig]: ImageConfig[Key] | undefined }): ImageConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as ImageConfig;
}
