import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Removes what builds that were killed left behind. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(cacheFolder).catch(() => [])) {
    const pid = /\.(\d+)\.unfinished$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
}

let fromCache = 0;

/** How many steps this process has found done. They are counted, not named: there are some sixty of them. */
export function countOfCachedSteps(): number {
  return fromCache;
}

/** Does a step, or finds it done. Says what it does, and how long that took. A step that fails leaves nothing behind. */
export async function runStep(step: Step): Promise<BuiltStep> {
  const key = await keyOf(step);
  const folder = join(cacheFolder, `${step.name}-${key}`);
  if (existsSync(join(folder, '.done'))) {
    fromCache += 1;
    return { key, folder };
  }
  const start = Date.now();
  const report = (message: string) => console.log(`  ${step.name.padEnd(10)} ${seconds(start).padStart(8)}  ${message}`);
  await removeAbandoned();
  // Named after the process: two builds at once waste time, but do not spoil each other's work.
  const unfinished = `${folder}.${process.pid}.unfinished`;
  await mkdir(unfinished, { recursive: true });
  report('building');
  await step.build(unfinished, report);
  await writeFile(join(unfinished, '.done'), new Date().toISOString());
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  report('done');
  return { key, folder };
}
