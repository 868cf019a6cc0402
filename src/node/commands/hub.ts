/** `npm run hub`: images of a site's own in the hub inside the page. */
import { messageOf } from '../../core/base/errors.ts';
import { familiarName } from '../../core/hub/hub-catalog.ts';
import type { BuiltImage } from '../builder/images/built-images.ts';
import { addImages, readAdditions, removeImage } from '../hub/added-images.ts';

const usage = `npm run hub -- add FILE...      adds the images of archives (docker save, OCI image layout; .tar, .tar.gz, .tar.zst)
npm run hub -- list             shows what was added
npm run hub -- remove NAME:TAG  takes an image out again
The next npm start, npm run build or npm run bundle has them. They are kept in additions/, which git does not take.`;

function linesOf(images: readonly BuiltImage[]): string {
  return images
    .map(
      image =>
        `  ${image.tags.map(tag => `${familiarName(image)}:${tag}`).join(', ')}: ${image.layers.length} ${image.layers.length === 1 ? 'layer' : 'layers'}`,
    )
    .join('\n');
}

async function add(files: readonly string[]): Promise<void> {
  if (files.length === 0) throw new Error(usage);
  for (const file of files) {
    const added = await addImages(file).catch((error: unknown) => {
      throw new Error(`${file} was not added: ${messageOf(error)}`);
    });
    console.log(`Added from ${file}:\n${linesOf(added)}`);
  }
  console.log('The next npm start, npm run build or npm run bundle has them.');
}

async function remove(names: readonly string[]): Promise<void> {
  if (names.length === 0) throw new Error(usage);
  for (const name of names) {
    if (!(await removeImage(name))) throw new Error(`${name} is not among what was added: npm run hub -- list shows it.`);
    console.log(`${name} is no longer added.`);
  }
}

async function main([verb, ...rest]: readonly string[]): Promise<void> {
  if (verb === 'add') return add(rest);
  if (verb === 'remove') return remove(rest);
  if (verb !== 'list') throw new Error(usage);
  const images = await readAdditions();
  console.log(images.length === 0 ? 'Nothing was added.' : linesOf(images));
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
