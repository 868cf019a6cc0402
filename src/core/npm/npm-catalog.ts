import { otherVersionError } from '../base/errors.ts';
import type { Pieces } from '../base/pieces.ts';

/** Changes when the meaning of the fields of npm.json or of the list it points at changes. */
export const NPM_FORMAT = 2;

/** What a version says of itself in the answer that npm asks for before it installs (`application/vnd.npm.install-v1+json`). */
export interface NpmManifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly bundleDependencies?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly hasInstallScript?: true;
  readonly deprecated?: string;
  readonly license?: string;
}

/** The fields of a manifest that npm chooses and installs by. */
export const INSTALL_FIELDS = [
  ...(['dependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta', 'bundleDependencies', 'bin', 'engines'] as const),
  ...(['os', 'cpu', 'libc', 'hasInstallScript', 'deprecated'] as const),
];

/** A version of a package. */
export interface NpmVersion {
  readonly version: string;
  readonly manifest: NpmManifest;
  /** `sha512-…` of the tarball, exactly as npm's registry published it. */
  readonly integrity: string;
  /** SHA-1 of the tarball in hexadecimal: yarn writes it into yarn.lock. */
  readonly shasum?: string;
  /** Where the tarball lies in the registry's tarballs; undefined for what is for other machines only, and is never installed here. */
  readonly tarball?: { readonly start: number; readonly bytes: number };
  /** The address of the tarball outside, where it is not in the registry's own. */
  readonly upstream?: string;
}

/** A package of the registry. */
export interface NpmPackage {
  /** `express`, `@types/node`. */
  readonly name: string;
  /** One that was chosen, not only needed by another. */
  readonly isChosen?: true;
  readonly latest: string;
  /** Versions by other names, `latest` among them; without it there is that one alone. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly versions: readonly NpmVersion[];
}

/**
 * A program that a package loads, compiled for this machine. The package's install script downloads it from a host that npm's settings name
 * (npmrc in images/containers/node).
 */
export interface NpmBinary {
  /** Where it is asked for, below `/-/binary/`: `sqlite3/v5.1.7/sqlite3-v5.1.7-napi-v6-linux-ia32.tar.gz`. */
  readonly path: string;
  /** Where it lies in the registry's tarballs. */
  readonly start: number;
  readonly bytes: number;
}

/** All packages of the registry. */
export interface NpmPackages {
  readonly packages: readonly NpmPackage[];
  readonly binaries: readonly NpmBinary[];
}

/**
 * npm.json: where the registry's list of packages and its tarballs lie. The list is a blob like any other, so that who never uses npm
 * never loads it. The tarballs stand one after the other, those that are installed together beside each other.
 */
export interface NpmCatalog {
  readonly format: number;
  /** JSON: `NpmPackages`. */
  readonly list: Pieces;
  readonly tarballs: Pieces;
}

/** Checks that a parsed npm.json is of this format; throws `snapshot-mismatch` otherwise. */
export function checkNpmCatalog(value: unknown): NpmCatalog {
  const catalog = value as Partial<NpmCatalog> | null;
  if (catalog?.format === NPM_FORMAT && catalog.list !== undefined && catalog.tarballs !== undefined) return catalog as NpmCatalog;
  throw otherVersionError('The npm packages on this site are');
}

/** The name of a version's tarball: `express-5.1.0.tgz`, `node-20.19.0.tgz` for `@types/node`. */
export function tarballName(name: string, version: string): string {
  return `${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;
}
