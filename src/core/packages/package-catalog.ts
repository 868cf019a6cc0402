import { otherVersionError } from '../base/errors.ts';
import type { Pieces } from '../base/pieces.ts';

/** Changes when the meaning of the catalog's fields changes. */
export const PACKAGE_CATALOG_FORMAT = 1;

/** A wheel that the index offers. */
export interface PackageFile {
  /** As PEP 427 wants it: `flask-3.1.1-py3-none-any.whl`. */
  readonly filename: string;
  /** Of the wheel, in hexadecimal. */
  readonly sha256: string;
  /** `>=3.13`, where the wheel says so. */
  readonly requiresPython?: string;
  /** The Debian package it was made from, and its version; or that it was added to this site. */
  readonly source: string;
  readonly content: Pieces;
}

/** A project of the index. */
export interface PackageProject {
  /** Normalized (PEP 503): lower case, single hyphens. */
  readonly name: string;
  readonly files: readonly PackageFile[];
}

/** packages.json: what `pip install` finds in the sandbox. */
export interface PackageCatalog {
  readonly format: number;
  readonly projects: readonly PackageProject[];
}

/** Checks that a parsed packages.json is of this format; throws `snapshot-mismatch` otherwise. */
export function checkPackageCatalog(value: unknown): PackageCatalog {
  const catalog = value as PackageCatalog | null;
  if (catalog?.format === PACKAGE_CATALOG_FORMAT && Array.isArray(catalog.projects)) return catalog;
  throw otherVersionError('The Python packages on this site are');
}
