import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { familiarName } from '../../../core/hub/hub-catalog.ts';
import { runStep, type BuiltStep } from '../step.ts';
import { layerFile, type BuiltImage } from './built-images.ts';
import { configOf, type ImageRecipe } from './image-recipe.ts';
import type { Workplace } from './image-tree.ts';

/** Files that an image on top may add to, so it must know them. */
const ACCOUNTS = ['passwd', 'group', 'shadow'];
const STATUS = 'var/lib/dpkg/status';

/** A finished image as a base, with what images on top of it need of it. */
export interface ImageBase {
  readonly recipe: ImageRecipe;
  /** A folder with its etc/passwd, group and shadow, where it has them. */
  readonly root: string;
  /** What its dpkg has noted. */
  readonly status: string;
}

/** What makes an image, and what that depends on. */
export interface ImageMaker {
  /** Of the recipe: `debian-13`. */
  readonly name: string;
  /** The name of the recipe it stands on. */
  readonly on?: string;
  /** Files and folders whose content matters, beside the code that is common to all images. */
  readonly files: readonly string[];
  /** Other things that matter: the keys of sets and of other steps. */
  readonly values: readonly string[];
  /** Makes the layer; gives the image with all its layers, the last being its own, and the folder that was packed as that. */
  make(work: Workplace, base: ImageBase | undefined): Promise<MadeImage>;
}

/** What a maker gives. */
export interface MadeImage {
  readonly recipe: ImageRecipe;
  /** The unpacked own layer. */
  readonly root: string;
}

/** An image as a step of its own leaves it. */
export interface ImageStep {
  readonly step: BuiltStep;
  readonly image: BuiltImage;
  readonly base: ImageBase;
}

interface Kept {
  readonly image: BuiltImage;
  /** The recipe without the places of files: of each layer the digest and the comment. */
  readonly layers: readonly { readonly digest: string; readonly comment: string }[];
  readonly config: ImageRecipe['config'];
}

/** The code that makes any image. */
const COMMON = ['image-step.ts', 'image-recipe.ts', 'image-tree.ts', 'installed-status.ts', '../archive/control-fields.ts'].map(name =>
  join(import.meta.dirname, name),
);

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** Makes an image as a cached step: its own layer as a tar, image.json, and what is needed to build on top of it. */
export async function imageStep(maker: ImageMaker, below: ImageStep | undefined): Promise<ImageStep> {
  const step = await runStep({
    name: `image-${maker.name}`,
    files: [...COMMON, ...maker.files],
    values: [below?.step.key ?? '', ...maker.values],
    async build(folder, report) {
      const place = await mkdtemp(join(tmpdir(), 'drydock-image-'));
      const work = { folder: place, owners: join(place, 'owners') };
      await writeFile(work.owners, '');
      try {
        const made = await maker.make(work, below?.base);
        await keep(made, folder, below, report);
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
  });
  return readStep(step, below);
}

async function keep({ recipe, root }: MadeImage, folder: string, below: ImageStep | undefined, report: (message: string) => void): Promise<void> {
  const own = recipe.layers.at(-1)!;
  const digests = [...(below?.image.layers ?? []), await digestOf(own.file)];
  if (digests.length !== recipe.layers.length) throw new Error(`${recipe.repository}: a recipe makes one layer`);
  const file = layerFile(folder, digests.at(-1)!);
  await rename(own.file, file).catch(() => copyFile(own.file, file));
  const { repository, tags, description } = recipe;
  const image: BuiltImage = { repository, tags, description, config: configOf(recipe, digests), layers: digests };
  const kept: Kept = { image, config: recipe.config, layers: recipe.layers.map(({ comment }, index) => ({ digest: digests[index]!, comment })) };
  await writeFile(join(folder, 'image.json'), JSON.stringify(kept, undefined, 1));
  await keepForBases(root, folder, below);
  report(`${familiarName(recipe)}:${tags[0]}: ${((await stat(file)).size / 1e6).toFixed(2)} MB`);
}

async function keepForBases(root: string, folder: string, below: ImageStep | undefined): Promise<void> {
  for (const path of [...ACCOUNTS.map(name => `etc/${name}`), STATUS]) {
    const found = [root, ...(below ? [below.base.root] : [])].map(from => join(from, path)).find(file => existsSync(file));
    if (found === undefined) continue;
    await mkdir(join(folder, 'base', path, '..'), { recursive: true });
    await copyFile(found, join(folder, 'base', path));
  }
}

async function readStep(step: BuiltStep, below: ImageStep | undefined): Promise<ImageStep> {
  const { image, layers, config } = JSON.parse(await readFile(join(step.folder, 'image.json'), 'utf8')) as Kept;
  const root = join(step.folder, 'base');
  const status = await readFile(join(root, STATUS), 'utf8').catch(() => '');
  const own = layers.at(-1)!;
  const files = [...(below?.base.recipe.layers ?? []), { file: layerFile(step.folder, own.digest), comment: own.comment }];
  const { repository, tags, description } = image;
  return { step, image, base: { recipe: { repository, tags, description, layers: files, config }, root, status } };
}
