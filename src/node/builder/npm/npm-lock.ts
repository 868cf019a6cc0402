import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NpmManifest } from '../../../core/npm/npm-catalog.ts';
import { imagesFolder } from '../folders.ts';

/** What a version of a package says of itself that npm needs before it has it, as package-lock.json has it. */
export type LockedManifest = NpmManifest;

/** A version of a package as the lock file pins it. */
export interface LockedVersion extends LockedManifest {
  /** `sha512-…` of the tarball, as the registry published it. */
  readonly integrity: string;
  /** True for what is for other machines only: npm wants to know of it, and never downloads it. */
  readonly isElsewhere?: true;
}

/** A package as the lock file pins it. */
export interface LockedPackage {
  /** What `npm install NAME` takes. */
  readonly latest: string;
  /** One of images/npm/packages.json, not only needed by another. */
  readonly isChosen?: true;
  /** By version, oldest first. */
  readonly versions: Readonly<Record<string, LockedVersion>>;
}

/** images/npm/lock.json: which packages of the npm registry the sandbox has. */
export interface NpmLock {
  /** What the node images themselves are made with: npm. */
  readonly tools: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
  /** By name, those that are installed together beside each other. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export const npmLockFile = join(imagesFolder, 'npm', 'lock.json');

/** Reads the lock file. */
export async function readNpmLock(): Promise<NpmLock> {
  return JSON.parse(await readFile(npmLockFile, 'utf8')) as NpmLock;
}

/** A tool of the lock. Throws where there is none of this name. */
export function lockedTool(lock: NpmLock, name: string): { readonly version: string; readonly integrity: string } {
  const found = lock.tools[name];
  if (found === undefined) throw new Error(`images/npm/lock.json lacks the tool ${name}: run "npm run npm:lock"`);
  return found;
}
