/** `npm run hub`: what a site has of its own inside the page: images in the hub, wheels in the package index, .debs in the Debian archive. */
import { parseArgs } from 'node:util';
import { messageOf } from '../../core/base/errors.ts';
import { familiarName } from '../../core/hub/hub-catalog.ts';
import { addDebs, readAddedDebs, removeDeb, type AddedDeb } from '../additions/added-debs.ts';
import { addImages, readAdditions, removeImage } from '../additions/added-images.ts';
import { addWheel, readAddedWheels, removeWheel } from '../additions/added-wheels.ts';
import { readAptSuites, type AptSuite } from '../additions/apt-suites.ts';
import { sitePythons } from '../additions/site-pythons.ts';
import type { WheelFile } from '../additions/wheel-file.ts';
import { buildArchive } from '../builder/archive/build-archive.ts';
import { readLock } from '../builder/debian-lock.ts';
import type { BuiltImage } from '../builder/images/built-images.ts';

const DEFAULT_SUITE = '13';
const READY = 'The next npm start, npm run build or npm run bundle has them.';
const usage = `npm run hub -- add FILE...      adds the images of archives (docker save, OCI image layout; .tar, .tar.gz, .tar.zst) to the hub,
                                Python packages (.whl) to the package index, Debian packages (.deb) to the Debian archive;
                                --suite 13, 12 or 11 says which Debian .debs are for (default: ${DEFAULT_SUITE})
npm run hub -- list             shows what was added
npm run hub -- remove NAME...   removes something, by the name that list shows
${READY} They are kept in additions/, which git ignores.`;

function lineOfImage(image: BuiltImage): string {
  const names = image.tags.map(tag => `${familiarName(image)}:${tag}`).join(', ');
  return `  ${names}: ${image.layers.length} ${image.layers.length === 1 ? 'layer' : 'layers'}`;
}

function lineOfWheel({ filename, project, version, pythons }: WheelFile): string {
  return `  ${filename}: pip install ${project}==${version}, for Python ${pythons.join(', ')}`;
}

function lineOfDeb({ filename, name, version, suite }: AddedDeb): string {
  return `  ${filename}: apt-get install ${name}, version ${version}, for Debian ${suite}`;
}

async function told<T>(file: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw new Error(`${file} was not added: ${messageOf(error)}`, { cause: error });
  });
}

/** Together, since they may need each other. */
async function addPackages(files: readonly string[], suite: string): Promise<void> {
  if (files.length === 0) return;
  const readSuites = async (): Promise<AptSuite[]> => {
    const lock = await readLock();
    return readAptSuites(lock, await buildArchive(lock));
  };
  for (const deb of await addDebs(files, suite, readSuites))
    console.log(['Added:', lineOfDeb(deb), ...deb.notes.map(note => `  ${note}`)].join('\n'));
}

async function add(files: readonly string[], suite: string): Promise<void> {
  if (files.length === 0) throw new Error(usage);
  const isDeb = (file: string): boolean => file.endsWith('.deb');
  await addPackages(files.filter(isDeb), suite);
  for (const file of files.filter(one => !isDeb(one))) {
    const lines = file.endsWith('.whl')
      ? [lineOfWheel(await told(file, addWheel(file, sitePythons(await readLock()))))]
      : (await told(file, addImages(file))).map(lineOfImage);
    console.log(`Added from ${file}:\n${lines.join('\n')}`);
  }
  console.log(READY);
}

async function removeOne(name: string, suite: string | undefined): Promise<boolean> {
  if (name.endsWith('.deb')) return (await removeDeb(name, suite)).length > 0;
  return name.endsWith('.whl') ? removeWheel(name) : removeImage(name);
}

async function remove(names: readonly string[], suite: string | undefined): Promise<void> {
  if (names.length === 0) throw new Error(usage);
  for (const name of names) {
    if (!(await removeOne(name, suite))) throw new Error(`${name} is not among what was added: npm run hub -- list shows it.`);
    console.log(`${name} is no longer added.`);
  }
}

async function list(): Promise<void> {
  const [images, wheels, debs] = [await readAdditions(), await readAddedWheels(sitePythons(await readLock())), await readAddedDebs()];
  const parts = [
    ['Images:', ...images.map(lineOfImage)],
    ['Python packages:', ...wheels.map(lineOfWheel)],
    ['Debian packages:', ...debs.map(lineOfDeb)],
  ].filter(lines => lines.length > 1);
  console.log(parts.length === 0 ? 'Nothing was added.' : parts.flat().join('\n'));
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { suite: { type: 'string' } } });
  const [verb, ...rest] = positionals;
  if (verb === 'add') return add(rest, values.suite ?? DEFAULT_SUITE);
  if (verb === 'remove') return remove(rest, values.suite);
  if (verb !== 'list') throw new Error(usage);
  return list();
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
