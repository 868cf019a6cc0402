import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_TOOLS, installDebianTools } from '../debian-tools.mjs';
import { GuestArchiveError } from '../guest-archive/guest-archive-error.ts';
import type { GuestArchive } from '../guest-archive/guest-archive.ts';
import { guestPlace, openGuest } from '../guest-archive/open-guest.ts';
import { cacheFolder } from './folders.ts';

/** One cached piece of the guest build: a folder made by `build`, named after a hash of everything it is made from. */
export interface Step {
  readonly name: string;
  /** Files and folders whose content matters. */
  readonly files?: readonly string[];
  /** Other things that matter: hashes, options, the keys of earlier steps. */
  readonly values?: readonly string[];
  /** Fills the folder. `report` shows what is going on. */
  build(folder: string, report: (message: string) => void): Promise<void>;
}

/** A step that is done. */
export interface BuiltStep {
  readonly key: string;
  readonly folder: string;
}

/** The empty text for a folder without files: git does not keep those, so they must not make a difference. */
async function hashPath(path: string): Promise<string> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).sort();
    const parts = await Promise.all(names.map(async name => [name, await hashPath(join(path, name))] as const));
    return parts
      .filter(([, hash]) => hash !== '')
      .map(([name, hash]) => `${name} ${hash}`)
      .join('\n');
  }
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function keyOf(step: Step): Promise<string> {
  const hash = createHash('sha256').update(step.name);
  for (const file of step.files ?? []) hash.update(await hashPath(file));
  for (const value of step.values ?? []) hash.update(`\0${value}`);
  return hash.digest('hex').slice(0, 16);
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes what builds that were killed left behind. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(cacheFolder).catch(() => [])) {
    const pid = /\.(\d+)\.unfinished$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
}

/** In the folder of a step from a guest archive: the files that were left out, because only later steps need them, and only when they are built. */
const LEFT_OUT = '.left-out.json';

/** What a step does, with where it is. */
interface KnownStep extends BuiltStep {
  readonly step: Step;
}

const known: KnownStep[] = [];
let fromCache = 0;
let fromArchive = 0;

/** Every step that this process has asked for, in this order. */
export function builtSteps(): readonly (BuiltStep & { readonly name: string })[] {
  return known.map(({ step, key, folder }) => ({ name: step.name, key, folder }));
}

/** How many steps this process has found done, and where. They are counted, not named: there are some sixty of them. */
export function countOfFoundSteps(): string {
  return `${fromCache} steps from the cache${fromArchive > 0 ? `, ${fromArchive} from the guest archive` : ''}`;
}

function reporter(name: string): (message: string) => void {
  const start = Date.now();
  return message => console.log(`  ${name.padEnd(10)} ${seconds(start).padStart(8)}  ${message}`);
}

let opening: Promise<GuestArchive | undefined> | undefined;

/** The archive that built steps are taken from, opened when the first step is missing. */
function guestArchive(): Promise<GuestArchive | undefined> {
  return (opening ??= trustArchive(async place => {
    const archive = await openGuest(place, reporter('guest'));
    archive.announce(({ name, key }) => existsSync(join(cacheFolder, `${name}-${key}`, '.done')));
    return archive;
  }));
}

/** Gives up an archive that is no good: where it was asked for, by ending with its error; else the guest is built, as if there were none. */
async function trustArchive<T>(use: (place: string) => Promise<T>): Promise<T | undefined> {
  const place = guestPlace();
  if (place === undefined) return undefined;
  try {
    return await use(place.place);
  } catch (error) {
    if (place.isAsked || !(error instanceof GuestArchiveError)) throw error;
    reporter('guest')(`${error.fault} What is missing is built from source instead.`);
    opening = Promise.resolve(undefined);
    return undefined;
  }
}

/** Gives back what the guest archive holds. Once the guest is built. */
export async function closeGuestArchive(): Promise<void> {
  const archive = await opening;
  opening = undefined;
  await archive?.close();
}

const listeners = new Map<string, () => void>();

/** Has something done when a step is really built, beside it. */
export function whenBuilding(name: string, listener: () => void): void {
  listeners.set(name, listener);
}

/** A step that this process has built, with how long that took. */
export interface TimedStep {
  readonly name: string;
  readonly seconds: number;
}

const timed: TimedStep[] = [];

/** The steps that this process has built, longest first. */
export function longestSteps(): readonly TimedStep[] {
  return [...timed].sort((a, b) => b.seconds - a.seconds);
}

/** Does a step, or finds it done. Says what it does, and how long that took. A step that fails leaves nothing behind. */
export async function runStep(step: Step): Promise<BuiltStep> {
  const key = await keyOf(step);
  const folder = join(cacheFolder, `${step.name}-${key}`);
  known.push({ step, key, folder });
  if (existsSync(join(folder, '.done'))) {
    fromCache += 1;
    return { key, folder };
  }
  await removeAbandoned();
  const archive = await guestArchive();
  if (archive?.has(step.name, key) && (await restore(archive, { step, key, folder }))) return { key, folder };
  installDebianTools(BUILD_TOOLS);
  await completeSteps();
  const report = reporter(step.name);
  report(archive?.hasOther(step.name) ? 'building: the guest archive has it, but made from something else' : 'building');
  listeners.get(step.name)?.();
  const start = Date.now();
  await fill(folder, unfinished => step.build(unfinished, report));
  timed.push({ name: step.name, seconds: (Date.now() - start) / 1000 });
  report('done');
  return { key, folder };
}

/** Has a folder filled under another name: a folder that has its own name is whole. */
async function fill(folder: string, work: (unfinished: string) => Promise<void>): Promise<void> {
  // Named after the process: two builds at once waste time, but do not spoil each other's work.
  const unfinished = `${folder}.${process.pid}.unfinished`;
  await mkdir(unfinished, { recursive: true });
  try {
    await work(unfinished);
    await writeFile(join(unfinished, '.done'), new Date().toISOString());
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** Takes a step from the archive; says whether it could. */
async function restore(archive: GuestArchive, { step, key, folder }: KnownStep): Promise<boolean> {
  const restored = await trustArchive(async () => {
    await fill(folder, async unfinished => {
      const leftOut = await archive.restore(step.name, key, unfinished);
      if (leftOut.length > 0) await writeFile(join(unfinished, LEFT_OUT), JSON.stringify(leftOut));
    });
    archive.moved(step.name, key, folder);
    return true;
  });
  if (restored === true) fromArchive += 1;
  return restored === true;
}

let completing: Promise<void> = Promise.resolve();

/** Gives all steps that this process knows the files that were left out of them: before something is built from them. One call after the other. */
export function completeSteps(): Promise<void> {
  const steps = known.filter(({ folder }) => existsSync(join(folder, LEFT_OUT)));
  if (steps.length === 0) return Promise.resolve();
  completing = completing.then(async () => {
    reporter('guest')(`something is to be built: ${steps.length} steps get what is needed for that`);
    for (const one of steps) await complete(one);
  });
  return completing;
}

async function complete({ step, key, folder }: KnownStep): Promise<void> {
  const list = join(folder, LEFT_OUT);
  if (!existsSync(list)) return;
  const archive = await guestArchive();
  const completed =
    archive?.has(step.name, key) &&
    (await trustArchive(async () => {
      const paths = JSON.parse(await readFile(list, 'utf8')) as string[];
      await archive.complete(step.name, key, folder, paths);
      archive.moved(step.name, key, folder);
      await rm(list);
      return true;
    }));
  if (completed === true) return;
  const report = reporter(step.name);
  report('building: the next steps need all of it, and it came from a guest archive that is not here');
  await fill(folder, unfinished => step.build(unfinished, report));
  report('done');
}
