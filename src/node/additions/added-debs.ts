import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf } from '../../core/base/errors.ts';
import type { ControlFields } from '../builder/archive/control-fields.ts';
import { nameOfSuite, type AptSuite } from './apt-suites.ts';
import { readDebFile, type DebFile } from './deb-file.ts';
import { unmetDependencies } from './deb-relations.ts';
import { compareVersions } from '../../core/archive/debian-version.ts';
import { additionsFolder } from './places.ts';

/** Where the .debs lie that were added: a folder for each suite, named by its version; the folders are the list. */
export const debsFolder = join(additionsFolder, 'debs');

/** A .deb that was added. */
export interface AddedDeb extends DebFile {
  readonly file: string;
  /** Of its Debian: `13`. */
  readonly suite: string;
}

/** A .deb that has just been added, with what the person who added it should know. */
export interface AddedWithNotes extends AddedDeb {
  readonly notes: readonly string[];
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).sort() : [];
}

/** The .debs that were added; none where nothing was. */
export async function readAddedDebs(folder = debsFolder): Promise<AddedDeb[]> {
  const added: AddedDeb[] = [];
  for (const suite of await namesIn(folder)) {
    for (const name of (await namesIn(join(folder, suite))).filter(one => one.endsWith('.deb'))) {
      const file = join(folder, suite, name);
      const deb = await readDebFile(file).catch((error: unknown) => {
        throw new Error(`The package ${name}, which was added to the site: ${messageOf(error)} (npm run hub -- remove ${name} removes it.)`);
      });
      added.push({ ...deb, file, suite });
    }
  }
  return added;
}

/** The suite of this number or code name. Throws where the archive has none. */
export function suiteOf(name: string, suites: readonly AptSuite[]): AptSuite {
  const found = suites.find(({ version, codename }) => version === name || codename === name);
  if (found === undefined) throw new Error(`There is no suite ${name}: --suite takes ${suites.map(({ version }) => version).join(', ')}.`);
  return found;
}

function controlsOf({ archive, image }: AptSuite): ControlFields[] {
  return [...archive, ...image];
}

function checkNew(deb: DebFile, suite: AptSuite, added: readonly AddedDeb[]): void {
  const same = (control: ControlFields): boolean => control.get('Package') === deb.name && control.get('Version') === deb.version;
  if (controlsOf(suite).some(same)) throw new Error(`${nameOfSuite(suite)} has ${deb.name} ${deb.version} already: there is nothing to add.`);
  const there = added.find(one => one.suite === suite.version && one.filename === deb.filename);
  if (there !== undefined) {
    throw new Error(
      `${deb.name} ${deb.version} was added to ${nameOfSuite(suite)} already. To put this one in its place: npm run hub -- remove ${there.filename} and add it again.`,
    );
  }
}

/** A package whose dependencies cannot be had fails for every learner, in the middle of the lesson: only the person who adds it can fix that. */
function checkDependencies(deb: DebFile, suite: AptSuite, suites: readonly AptSuite[], more: readonly ControlFields[]): void {
  const unmet = unmetDependencies(deb.control, [...controlsOf(suite), ...more]);
  if (unmet.length === 0) return;
  const others = suites.filter(one => one !== suite && unmetDependencies(deb.control, [...controlsOf(one), ...more]).length === 0);
  const remedy =
    others.length === 0
      ? 'Add what is missing in the same command (npm run hub -- add A.deb B.deb).'
      : `It fits ${others.map(nameOfSuite).join(' and ')}: --suite ${others[0]!.version}.`;
  throw new Error(
    `${deb.name} ${deb.version} needs ${unmet.join(', ')}, which neither the archive nor the image of ${nameOfSuite(suite)} has, so apt could not install it. ${remedy}`,
  );
}

function notesOn(deb: DebFile, suite: AptSuite): string[] {
  const versions = suite.archive.filter(control => control.get('Package') === deb.name).map(control => control.get('Version') ?? '');
  const newer = versions.find(version => compareVersions(version, deb.version) > 0);
  if (newer === undefined) return [];
  return [
    `apt-get install ${deb.name} takes ${newer}, which the archive has and which is newer: apt-get install ${deb.name}=${deb.version} takes this one.`,
  ];
}

/** Throws where what was added needs what is not there, or is there by itself: the archive may have changed since. */
export function checkAddedDebs(added: readonly AddedDeb[], suites: readonly AptSuite[]): void {
  for (const deb of added) {
    const others = added.filter(one => one.suite === deb.suite).map(({ control }) => control);
    try {
      const suite = suiteOf(deb.suite, suites);
      checkNew(deb, suite, []);
      checkDependencies(deb, suite, suites, others);
    } catch (error) {
      throw new Error(`${deb.filename}, which was added to the site: ${messageOf(error)} (npm run hub -- remove ${deb.filename} removes it.)`, {
        cause: error,
      });
    }
  }
}

/**
 * Adds .debs to a suite of the site's Debian archive, all or none; they may need each other. Throws a sentence, with the file's name, where one is
 * damaged, for another machine, there already, or needs what is not there. `readSuites` is asked once the files are known to be whole.
 */
export async function addDebs(
  files: readonly string[],
  suiteName: string,
  readSuites: () => Promise<readonly AptSuite[]>,
  folder = debsFolder,
): Promise<AddedWithNotes[]> {
  const debs = new Map<string, DebFile>();
  for (const file of files) debs.set(file, await named(file, () => readExisting(file)));
  const suites = await readSuites();
  const suite = suiteOf(suiteName, suites);
  const before = await readAddedDebs(folder);
  const added: AddedWithNotes[] = [];
  for (const [file, deb] of debs) {
    await named(file, async () => checkNew(deb, suite, [...before, ...added]));
    added.push({ ...deb, file, suite: suite.version, notes: notesOn(deb, suite) });
  }
  const together = [...before.filter(one => one.suite === suite.version), ...added].map(({ control }) => control);
  for (const deb of added) await named(deb.file, async () => checkDependencies(deb, suite, suites, together));
  const place = join(folder, suite.version);
  await mkdir(place, { recursive: true });
  return Promise.all(added.map(async deb => ({ ...deb, file: await keep(deb, place) })));
}

async function readExisting(file: string): Promise<DebFile> {
  if (!existsSync(file)) throw new Error('There is no such file.');
  return readDebFile(file);
}

async function keep({ file, filename }: AddedDeb, place: string): Promise<string> {
  const target = join(place, filename);
  await copyFile(file, `${target}.part`);
  await rename(`${target}.part`, target);
  return target;
}

async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    throw new Error(`${file} was not added: ${messageOf(error)}`, { cause: error });
  });
}

/** Takes a .deb out of what was added, by its file name, of one suite or all; gives the suites that it was in. */
export async function removeDeb(name: string, suite?: string, folder = debsFolder): Promise<string[]> {
  const suites = (await namesIn(folder)).filter(one => suite === undefined || one === suite);
  const removed = suites.filter(one => existsSync(join(folder, one, basename(name))));
  for (const one of removed) await rm(join(folder, one, basename(name)));
  return removed;
}
