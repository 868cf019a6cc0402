import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run.ts';

/** Part of an image's configuration (OCI image specification, config.md). */
export interface ImageConfig {
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
}

/** An image to be: its layers as tar files, lowest first. */
export interface ImageRecipe {
  readonly tags: readonly string[];
  readonly layers: readonly { readonly file: string; readonly comment: string }[];
  readonly config: ImageConfig;
}

/** Every image says it was made at this moment, so that the same recipe gives the same digest. */
export const CREATED = '2026-11-01T00:00:00Z';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function hashFile(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(path)
      .on('data', chunk => hash.update(chunk))
      .on('end', () => resolve(hash.digest('hex')))
      .on('error', reject);
  });
}

function configOf(recipe: ImageRecipe, diffIds: readonly string[]): string {
  return JSON.stringify({
    architecture: '386',
    os: 'linux',
    created: CREATED,
    config: { ...recipe.config, Env: [PATH, ...(recipe.config.Env ?? [])] },
    rootfs: { type: 'layers', diff_ids: diffIds.map(id => `sha256:${id}`) },
    history: [
      ...recipe.layers.map(layer => ({ created: CREATED, created_by: layer.comment })),
      ...(recipe.config.Cmd ? [{ created: CREATED, created_by: `CMD ${JSON.stringify(recipe.config.Cmd)}`, empty_layer: true }] : []),
    ],
  });
}

/** Writes images as one archive that `docker load` takes (layers that several images share are in it once). */
export async function writeArchive(recipes: readonly ImageRecipe[], archive: string): Promise<void> {
  const folder = `${archive}.folder`;
  await mkdir(folder, { recursive: true });
  const manifest: object[] = [];
  for (const recipe of recipes) {
    const diffIds = await Promise.all(recipe.layers.map(layer => hashFile(layer.file)));
    for (const [index, id] of diffIds.entries()) await copyFile(recipe.layers[index]!.file, join(folder, `${id}.tar`));
    const config = configOf(recipe, diffIds);
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    await writeFile(join(folder, name), config);
    manifest.push({ Config: name, RepoTags: recipe.tags, Layers: diffIds.map(id => `${id}.tar`) });
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await runProgram('tar', ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-cf', archive, '-C', folder, '.']);
  await rm(folder, { recursive: true });
}
