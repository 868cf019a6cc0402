import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { imagesFolder } from '../folders.ts';

/** Where each data recipe has a folder of its own. */
export const containersFolder = join(imagesFolder, 'containers');
/** The file in such a folder. */
export const RECIPE_FILE = 'image.json';
/** Beside it: files that are put into the image as they lie there. */
export const OWN_FILES = 'rootfs';

/** A path of the image, told from its root without a slash before it. */
const path = z
  .string()
  .regex(/^[^/]/, 'is told from the root of the image, without a slash before it')
  .refine(text => !text.split('/').includes('..'), 'must not leave the image');
const id = z.number().int().min(0).max(65_534);
const words = z.array(z.string());
const seconds = z.number().positive();

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const packageSet = z.strictObject({
  /** A set of images/debian/packages.json. */
  set: z.string(),
  /** Of these packages only; of all of the set where it is not said. */
  names: words.optional(),
  /** Takes these files and folders and nothing else. */
  only: z.array(path).optional(),
  /** Takes what links point at, not the links. */
  follow: z.boolean().default(false),
});

const npmPackage = z.strictObject({
  /** One of the `tools` of images/npm/packages.json. */
  name: z.string(),
  /** From a file or folder of the package to its place in the image. */
  places: z.record(path, path),
  /** A regular expression: files and folders of the package whose paths fit it are left out. */
  without: z.string().refine(isPattern, 'is no regular expression').optional(),
});

const user = z.strictObject({
  name: z.string().regex(/^[a-z_][a-z0-9_-]*$/),
  id,
  /** The group's, where it is another. */
  group: id.optional(),
  home: z.string().startsWith('/'),
  shell: z.string().startsWith('/').default('/usr/sbin/nologin'),
});

const prunedFile = z.strictObject({
  in: path,
  /** A regular expression that a file's path from that folder fits. */
  match: z.string().refine(isPattern, 'is no regular expression'),
  /** Only where a file of this path is there too; `$1` is the first group of `match`. */
  beside: z.string().optional(),
});

const folder = z.strictObject({
  owner: z.string().regex(/^\d+:\d+$/, 'is USER:GROUP in numbers'),
  /** In octal, as chmod takes it. */
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/)
    .optional(),
});

const config = z.strictObject({
  User: z.string().optional(),
  ExposedPorts: z.record(z.string().regex(/^\d+\/(tcp|udp)$/), z.strictObject({})).optional(),
  Env: z.array(z.string().regex(/^[A-Za-z_]\w*=/, 'is NAME=value')).optional(),
  Entrypoint: words.optional(),
  Cmd: words.optional(),
  Volumes: z.record(z.string().startsWith('/'), z.strictObject({})).optional(),
  WorkingDir: z.string().startsWith('/').optional(),
  StopSignal: z.string().startsWith('SIG').optional(),
  Healthcheck: z
    .strictObject({
      test: words.min(2),
      interval: seconds.optional(),
      timeout: seconds.optional(),
      startPeriod: seconds.optional(),
      retries: z.number().int().optional(),
    })
    .optional(),
});

const recipe = z.strictObject({
  /** Docker Hub's name of it in full: `library/nginx`. */
  repository: z.string().regex(/^[a-z0-9._-]+\/[a-z0-9._-]+$/),
  /** The first is the one to show. */
  tags: z.array(z.string().regex(/^\w[\w.-]{0,127}$/)).min(1),
  /** One sentence in plain words. */
  description: z.string().endsWith('.'),
  /** The recipe whose image it stands on; on nothing where it is not said. */
  on: z.string().optional(),
  packages: z.array(packageSet).default([]),
  /** Programs for this machine that Debian does not have and somebody publishes on the npm registry. They come after `moved`. */
  npm: z.array(npmPackage).default([]),
  /** Left out beside what every slim image leaves out. */
  pruned: z.array(path).default([]),
  /** Files left out by a pattern, in a folder and all below it. */
  prunedFiles: z.array(prunedFile).default([]),
  /** C programs of the recipe's folder (of `like`, where they are not there), and where they go. */
  programs: z.record(z.string().endsWith('.c'), path).default({}),
  /** Programs that do without the C library, for they are copied with the image: made with `-nostdlib`. */
  tinyPrograms: z.record(z.string().endsWith('.c'), path).default({}),
  /** From where a package has it to where the image has it. Done before `rootfs` is copied. */
  moved: z.record(path, path).default({}),
  /** Texts that are put in the place of others in a package's files; each must be there. */
  edits: z.array(z.strictObject({ file: path, from: z.string().min(1), to: z.string() })).default([]),
  /** Another recipe, whose `rootfs` is copied before this one's. */
  like: z.string().optional(),
  users: z.array(user).default([]),
  /** Made where they are not there; all that is in them gets the owner. */
  folders: z.record(path, folder).default({}),
  /** From the link's place to what it points at. */
  links: z.record(path, z.string()).default({}),
  /** A script of the recipe's folder (of `like`, where it is not there) that is run in the guest, in the image, and what it leaves; see guest-data.ts. */
  guestData: z.strictObject({ script: z.string(), result: path }).optional(),
  /** What `docker history` says of the layer. */
  comment: z.string(),
  /** The whole of what the labels say of its origin, where it is not made from Debian's packages. */
  vendor: z.string().optional(),
  config,
});

/** An image as its image.json describes it. See docs/images.md. */
export type DataRecipe = z.infer<typeof recipe>;

/** Checks the text of an image.json; throws with each fault in words. */
export function parseRecipe(text: string, file: string): DataRecipe {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${String(error)}`, { cause: error });
  }
  const { success, data, error } = recipe.safeParse(value);
  if (success) return data;
  throw new Error(`${file}:\n${error.issues.map(issue => `  ${issue.path.join('.') || 'the recipe'}: ${issue.message}`).join('\n')}`);
}

/** All data recipes by the names of their folders. */
export async function readRecipes(from = containersFolder): Promise<ReadonlyMap<string, DataRecipe>> {
  const recipes = new Map<string, DataRecipe>();
  for (const name of (await readdir(from)).sort()) {
    const file = join(from, name, RECIPE_FILE);
    if (existsSync(file)) recipes.set(name, parseRecipe(await readFile(file, 'utf8'), `${name}/${RECIPE_FILE}`));
  }
  return recipes;
}

/**
 * Names in an order in which each comes after the one it stands on. Throws where that is not there or where they stand on each other.
 * `on` gives what an image stands on.
 */
export function inOrder(names: Iterable<string>, on: (name: string) => string | undefined): string[] {
  const known = new Set(names);
  const ordered = new Set<string>();
  const visit = (name: string, above: readonly string[]) => {
    if (ordered.has(name)) return;
    if (above.includes(name)) throw new Error(`the images stand on each other: ${[...above, name].join(' on ')}`);
    if (!known.has(name)) throw new Error(`the image ${above.at(-1)} stands on ${name}, of which there is no recipe`);
    const base = on(name);
    if (base !== undefined) visit(base, [...above, name]);
    ordered.add(name);
  };
  for (const name of known) visit(name, []);
  return [...ordered];
}
