import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackage, fetchPackages, setKey } from '../debian-packages.ts';
import { compileForGuest } from '../root.ts';
import { runAsRoot } from '../run.ts';
import type { BuiltStep } from '../step.ts';
import { labelsOf, packagesOf, type ImageConfig, type PinnedPackage } from './image-recipe.ts';
import type { ImageBase, ImageMaker, MadeImage } from './image-step.ts';
import { addUser, extractPackages, noteInstalled, packLayer, type Workplace } from './image-tree.ts';
import { containersFolder, OWN_FILES, type DataRecipe } from './recipe-file.ts';

/** The healthcheck's times are nanoseconds in an image. */
const NANOSECONDS = 1e9;

/** What a recipe needs beside itself. */
export interface DataRecipeInputs {
  readonly lock: DebianLock;
  /** Steps that made data in the guest, by name. */
  readonly data: ReadonlyMap<string, BuiltStep>;
}

type PackageSet = DataRecipe['packages'][number];

/** The maker of an image that is described by data. */
export function dataImage(name: string, recipe: DataRecipe, inputs: DataRecipeInputs): ImageMaker {
  const { lock } = inputs;
  return {
    name,
    ...(recipe.on !== undefined && { on: recipe.on }),
    files: [import.meta.filename, join(import.meta.dirname, 'recipe-file.ts'), join(containersFolder, name)],
    values: [...recipe.packages.map(({ set }) => setKey(lock, set)), ...Object.keys(recipe.data).map(data => dataStep(name, data, inputs).key)],
    make: (work, base) => make(name, recipe, inputs, work, base),
  };
}

function dataStep(name: string, data: string, { data: steps }: DataRecipeInputs): BuiltStep {
  const step = steps.get(data);
  if (step === undefined) throw new Error(`the image ${name} wants the data ${data}, which no step makes: there is ${[...steps.keys()].join(', ')}`);
  return step;
}

async function make(name: string, recipe: DataRecipe, inputs: DataRecipeInputs, work: Workplace, base: ImageBase | undefined): Promise<MadeImage> {
  const { lock } = inputs;
  const [root, folder] = [join(work.folder, 'root'), join(containersFolder, name)];
  await mkdir(root, { recursive: true });
  const debs = await unpack(recipe, lock, work, root);
  for (const [source, place] of Object.entries(recipe.programs)) {
    await mkdir(join(root, dirname(place)), { recursive: true });
    await compileForGuest(join(folder, source), join(root, place));
  }
  for (const [from, to] of Object.entries(recipe.moved)) {
    await mkdir(join(root, dirname(to)), { recursive: true });
    await rename(join(root, from), join(root, to));
  }
  await copyOwnFiles(join(folder, OWN_FILES), root, work);
  for (const user of recipe.users) await addUser(base?.root ?? root, root, user);
  for (const [data, place] of Object.entries(recipe.data)) await unpackData(dataStep(name, data, inputs), work, root, place);
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
  return {
    root,
    recipe: { repository, tags, description, layers: [...(base?.recipe.layers ?? []), { file, comment }], config: configOf(recipe, lock, base) },
  };
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
      await runAsRoot(work.owners, 'cp', ['-a', join(place, path), join(root, path)]);
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

async function unpackData(step: BuiltStep, work: Workplace, root: string, place: string): Promise<void> {
  await mkdir(join(root, place), { recursive: true });
  await runAsRoot(work.owners, 'tar', ['-x', '--numeric-owner', '--same-owner', '-p', '-C', join(root, place), '-f', join(step.folder, 'data.tar')]);
}

async function makeFolders({ folders }: DataRecipe, work: Workplace, root: string): Promise<void> {
  for (const [path, { owner, mode }] of Object.entries(folders)) {
    await mkdir(join(root, path), { recursive: true });
    await runAsRoot(work.owners, 'chown', ['-R', owner, join(root, path)]);
    if (mode !== undefined) await runAsRoot(work.owners, 'chmod', [mode, join(root, path)]);
  }
}

function configOf(recipe: DataRecipe, lock: DebianLock, base: ImageBase | undefined): ImageConfig {
  const { Healthcheck, ...config } = recipe.config;
  const inherited = base?.recipe.config;
  const own = recipe.packages.flatMap(({ set, names }) => names?.map((name): PinnedPackage => [set, name]) ?? packagesOf(lock, set));
  const labels = labelsOf(lock, own, inherited?.Labels);
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
