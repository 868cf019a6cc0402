import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imagesFolder } from '../folders.ts';

/** What a version of a package says of itself that npm needs before it has it, as package-lock.json has it. */
export interface LockedManifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly hasInstallScript?: true;
  readonly hasShrinkwrap?: true;
  readonly bundleDependencies?: readonly string[];
  readonly deprecated?: string;
  readonly license?: string;
}

/** A version of a package as the lock file pins it. */
export interface LockedVersion extends LockedManifest {
  /** `sha512-…` of the tarball, as the registry published it. */
  readonly integrity: string;
  /** True for what is for other machines only: npm wants to know of it, and never downloads it. */
  readonly isElsewhere?: true;
}

/** images/npm/lock.json: which packages of the npm registry the sandbox has. */
export interface NpmLock {
  /** What the node images themselves are made with: npm. */
  readonly tools: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
  /** Of each package, by name, its versions; and which of them `npm install NAME` takes. */
  readonly packages: Readonly<Record<string, { readonly latest: string; readonly versions: Readonly<Record<string, LockedVersion>> }>>;
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
