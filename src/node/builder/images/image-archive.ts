import { createHash } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { familiarName } from '../../../core/hub/hub-catalog.ts';
import { runProgram } from '../run.ts';
import { layerFile, type BuiltImage } from './built-images.ts';

/** Writes images as one archive that `docker load` takes (layers that several images share are in it once). `from` is the images step's folder. */
export async function writeArchive(images: readonly BuiltImage[], from: string, archive: string): Promise<void> {
  const folder = `${archive}.folder`;
  await mkdir(folder, { recursive: true });
  const manifest: object[] = [];
  for (const { config, layers, repository, tags } of images) {
    const files = layers.map(digest => layerFile(from, digest));
    for (const file of files) {
      await rm(join(folder, basename(file)), { force: true });
      await link(file, join(folder, basename(file)));
    }
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    await writeFile(join(folder, name), config);
    manifest.push({ Config: name, RepoTags: tags.map(tag => `${familiarName({ repository })}:${tag}`), Layers: files.map(file => basename(file)) });
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await runProgram('tar', ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-cf', archive, '-C', folder, '.']);
  await rm(folder, { recursive: true });
}
